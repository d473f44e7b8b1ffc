"""A shared list of codes as a file, which can be sent back as a sheet."""

from __future__ import annotations

from collections.abc import Sequence

from directory.access.code_list_sheet import COLUMNS
from directory.actor import Actor
from directory.authz.code_lists import ListKind
from directory.authz.codes import CodeValue
from directory.clock import written
from directory.errors import Words
from directory.exports.list_file import Lines, ListFile, Shown
from directory.exports.notes import Export
from directory.installation import Installation
from directory.sheets.writing import Listing

_TITLE = Words("Danh mục {name}", "The list of {name}")
_HEADINGS = {column.name: Words(column.words[0], column.words[-1]) for column in COLUMNS}
_FILE = ListFile[CodeValue](
    "codes",
    _TITLE,
    (
        Shown(_HEADINGS["code"], 16, lambda one: one.code),
        Shown(_HEADINGS["name_vi"], 40, lambda one: one.name_vi),
        Shown(_HEADINGS["name_en"], 32, lambda one: one.name_en),
        Shown(_HEADINGS["parent"], 16, lambda one: one.parent),
        Shown(_HEADINGS["precedence"], 10, lambda one: one.precedence or ""),
        Shown(_HEADINGS["valid_from"], 16, lambda one: written(one.valid_from)),
        Shown(_HEADINGS["valid_to"], 16, lambda one: written(one.valid_to)),
        Shown(_HEADINGS["basis"], 32, lambda one: one.basis),
    ),
)


def taken_away(
    installation: Installation,
    actor: Actor,
    kind: ListKind,
    found: Sequence[CodeValue],
    filter_told: str,
    export: Export,
) -> Listing:
    """The file of these codes, noted. Raises as `directory.exports.taking.take`."""
    lines = Lines(found, len(found), filter_told)
    name = kind.title.filled(export.language, {})
    return _FILE.take(installation, actor, export, lines, of=name.lower())
