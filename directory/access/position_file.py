"""The list of positions as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from directory.actor import Actor
from directory.authz.position_lists import (
    ListedPosition,
    PositionQuestion,
    count_positions,
    list_some,
)
from directory.authz.scopes import Scope
from directory.errors import Words
from directory.exports.list_file import Lines, ListFile, Shown
from directory.exports.notes import Export
from directory.installation import Installation
from directory.sheets.writing import Listing

_AT_ONCE = 500  # read of the store
_TITLE = Words("Danh mục vị trí việc làm", "Positions")
_STATES = {True: Words("Đã đóng", "Closed"), False: Words("Đang dùng", "In use")}


_FILE = ListFile[ListedPosition](
    "positions",
    _TITLE,
    (
        Shown(Words("Vị trí việc làm", "Position"), 32, lambda one: one.position.name),
        Shown(Words("Đơn vị", "Unit"), 28, lambda one: one.unit),
        Shown(Words("Cơ quan", "Agency"), 34, lambda one: one.agency),
        Shown(Words("Số người giữ", "Holders"), 12, lambda one: one.holders),
        Shown(Words("Số vai trò", "Roles"), 12, lambda one: one.roles),
        Shown(
            Words("Trạng thái", "State"),
            14,
            lambda one: _STATES[one.position.closed_at is not None],
        ),
    ),
)


def taken_away(
    installation: Installation,
    actor: Actor,
    scope: Scope,
    question: PositionQuestion,
    filter_told: str,
    export: Export,
) -> Listing:
    """The file of these positions, noted. Raises as `directory.exports.taking.take`."""
    with installation.database.read() as tx:
        count = count_positions(tx, scope, question)
    each = _read(installation, scope, question, count)
    return _FILE.take(
        installation, actor, export, Lines(each, count, filter_told, question.place_id)
    )


def _read(
    installation: Installation, scope: Scope, question: PositionQuestion, count: int
) -> Iterator[ListedPosition]:
    for first in range(0, count, _AT_ONCE):
        asked = replace(question, page=first // _AT_ONCE + 1, size=_AT_ONCE)
        with installation.database.read() as tx:
            page = list_some(tx, scope, asked)
        yield from page[: count - first]
