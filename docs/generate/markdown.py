"""Tables of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table; a row without a single cell filled is left out."""
    lines = [_line(heads), "|" + "---|" * len(heads)]
    lines += [_line(row) for row in rows if any(row)]
    return [*lines, ""]


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
