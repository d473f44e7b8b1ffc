"""Tables of Markdown, and the pages they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BEGIN = (
    "<!-- Made from the code (PYTHONPATH=. .venv/bin/python -m docs.generate); a test keeps it "
    "true. -->\n"
)
_END = "<!-- Written by hand from here. -->\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table; a row without a single cell filled is left out."""
    lines = [_line(heads), "|" + "---|" * len(heads)]
    lines += [_line(row) for row in rows if any(row)]
    return [*lines, ""]


def in_page(name: str, made: Sequence[str]) -> str:
    """A page that is written by hand, with what is made of the code between its two marks.

    Prose with rows of its own stays Markdown that an editor shows; only the table cannot drift.
    """
    before, begin, rest = (ROOT / name).read_text("utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError(f"{name}: a mark of what is made from the code is missing")
    return "\n".join([before + begin, *made, end]) + after


def code(text: str) -> str:
    """As it is written in the program; nothing for nothing."""
    return f"`{text}`" if text else ""


def prose(text: str) -> str:
    """Text of the program in a cell: nothing in it is taken for Markdown."""
    parts = text.replace("|", "\\|").replace("\n", " ").split("`")
    # Every second part stands between backticks, where nothing needs help.
    parts[::2] = [re.sub(r"([\\<>*_\[\]])(?!\|)", r"\\\1", part) for part in parts[::2]]
    return "`".join(parts)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
