"""Writes every page and picture that is made from the code."""

from __future__ import annotations

from docs.generate.pages import PAGES, ROOT


def main() -> None:
    for name, make in PAGES.items():
        path = ROOT / name
        made = make()
        changed = not path.exists() or path.read_text("utf-8") != made
        path.write_text(made, "utf-8")
        print(f"{'written' if changed else 'same   '}  {name}")


if __name__ == "__main__":
    main()
