"""The list of positions as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from directory.actor import Actor
from directory.audit.sentences import Language
from directory.authz.position_lists import ListedPosition, PositionQuestion, list_page
from directory.authz.scopes import Scope
from directory.errors import Words
from directory.exports.notes import Export, notes_of
from directory.exports.taking import Taking, take
from directory.installation import Installation
from directory.sheets.writing import Column, Listing, Value

_AT_ONCE = 500  # read of the store
_TITLE = Words("Danh mục vị trí việc làm", "Positions")
_NUMBER = Words("STT", "No.")
_STATES = {True: Words("Đã đóng", "Closed"), False: Words("Đang dùng", "In use")}


@dataclass(frozen=True)
class _Shown:
    heading: Words
    width: int
    value: Callable[[ListedPosition, Language], Value]


_COLUMNS = (
    _Shown(Words("Vị trí việc làm", "Position"), 32, lambda one, _: one.position.name),
    _Shown(Words("Đơn vị", "Unit"), 28, lambda one, _: one.unit),
    _Shown(Words("Cơ quan", "Agency"), 34, lambda one, _: one.agency),
    _Shown(Words("Số người giữ", "Holders"), 12, lambda one, _: one.holders),
    _Shown(Words("Số vai trò", "Roles"), 12, lambda one, _: one.roles),
    _Shown(
        Words("Trạng thái", "State"),
        14,
        lambda one, to: _STATES[one.position.closed_at is not None].filled(to, {}),
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
        count = list_page(tx, scope, replace(question, page=1, size=1)).total
    taking = Taking(
        "positions",
        export.form,
        export.reason,
        address=export.address,
        columns=", ".join(shown.heading.vi for shown in _COLUMNS),
        filter=filter_told,
        place=question.place_id,
    )
    take(installation, actor, taking, count)
    return Listing(
        title=_TITLE.filled(export.language, {}),
        notes=notes_of(export, count, filter_told),
        columns=[
            Column(_NUMBER.filled(export.language, {}), 6),
            *(Column(shown.heading.filled(export.language, {}), shown.width) for shown in _COLUMNS),
        ],
        rows=_rows(installation, scope, question, count, export.language),
        count=count,
    )


def _rows(
    installation: Installation,
    scope: Scope,
    question: PositionQuestion,
    count: int,
    language: Language,
) -> Iterator[Sequence[Value]]:
    for first in range(0, count, _AT_ONCE):
        asked = replace(question, page=first // _AT_ONCE + 1, size=_AT_ONCE)
        with installation.database.read() as tx:
            page = list_page(tx, scope, asked).positions[: count - first]
        for number, one in enumerate(page, first + 1):
            yield (number, *(shown.value(one, language) for shown in _COLUMNS))
