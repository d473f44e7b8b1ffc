"""What a comment cites can be looked up: a public clause, or a place in this repository."""

from __future__ import annotations

import re
from pathlib import Path

_CHECKOUT = Path(__file__).parents[2]
# A letter and a number of some list, or a section of some note, that no reader has.
_OF_NO_LIST = re.compile(r"(?<![\w-])[FGRS]-\d{1,3}(?![\w-])|\((?:design|section) \d+\)")
_FOLDERS = (
    "admin_ui", "bench", "deploy", "directory", "docs", "idp", "migrations", "sync", "tests", "web",
)  # fmt: skip
_READ = {".py", ".md", ".html", ".js", ".css"}


def test_nothing_is_cited_that_a_reader_cannot_find() -> None:
    paths = [path for folder in _FOLDERS for path in (_CHECKOUT / folder).rglob("*.*")]
    wrong = []
    for path in (*paths, *_CHECKOUT.glob("*.md")):
        if path.suffix not in _READ or "node_modules" in path.parts or path == Path(__file__):
            continue
        lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        wrong += [f"{path}:{number}" for number, line in lines if _OF_NO_LIST.search(line)]
    assert wrong == []
