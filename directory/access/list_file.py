"""The list of grants as a file: its columns, and its rows read a piece at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from directory.access.listing import HOLDER_KINDS
from directory.actor import Actor
from directory.audit.sentences import Language
from directory.authz.grant_lists import GrantQuestion, count_grants, list_page
from directory.authz.naming import NamedGrant, name_grants
from directory.authz.scopes import Scope
from directory.errors import Words
from directory.exports.notes import Export, notes_of
from directory.exports.taking import Taking, take
from directory.installation import Installation
from directory.sheets.writing import Column, Listing, Value

MOST_TAKEN = 100_000  # lines; who needs more narrows the list and takes it in several
_AT_ONCE = 500  # read of the store
_TITLE = Words("Danh sách quyền", "Roles given")
_NUMBER = Words("STT", "No.")
_NO_END = Words("Không thời hạn", "No end")


@dataclass(frozen=True)
class _Shown:
    heading: Words
    width: int
    value: Callable[[NamedGrant, Language], str]


def _day(day: str) -> str:
    return "/".join(reversed(day.split("-"))) if day else ""


_COLUMNS = (
    _Shown(Words("Người giữ", "Holder"), 34, lambda one, _: one.holder),
    _Shown(
        Words("Cấp cho", "Given to"),
        14,
        lambda one, to: HOLDER_KINDS[one.grant.holder_kind].filled(to, {}),
    ),
    _Shown(Words("Ứng dụng", "Application"), 28, lambda one, _: one.application),
    _Shown(Words("Vai trò", "Role"), 26, lambda one, to: one.role.filled(to, {})),
    _Shown(Words("Nơi áp dụng", "Place"), 34, lambda one, _: one.place),
    _Shown(Words("Mã cơ quan", "Agency code"), 14, lambda one, _: one.place_code),
    _Shown(Words("Lĩnh vực", "Field"), 14, lambda one, _: one.grant.field),
    _Shown(Words("Thủ tục", "Procedure"), 14, lambda one, _: one.grant.procedure),
    _Shown(Words("Từ ngày", "From"), 12, lambda one, _: _day(one.grant.start)),
    _Shown(
        Words("Đến hết ngày", "Until"),
        14,
        lambda one, to: _day(one.grant.end) or _NO_END.filled(to, {}),
    ),
    _Shown(Words("Lý do", "Reason"), 34, lambda one, _: one.grant.reason),
    _Shown(Words("Căn cứ", "Basis"), 26, lambda one, _: one.grant.basis),
)


def taken_away(
    installation: Installation,
    actor: Actor,
    scope: Scope,
    question: GrantQuestion,
    filter_told: str,
    export: Export,
) -> Listing:
    """The file of these grants, noted. Raises as `directory.exports.taking.take`."""

    def said(words: Words) -> str:
        return words.filled(export.language, {})

    question = replace(question, after="")
    with installation.database.read() as tx:
        count = count_grants(tx, scope, question, MOST_TAKEN)
    columns = ", ".join(shown.heading.vi for shown in _COLUMNS)
    taking = Taking(
        "grants",
        export.form,
        export.reason,
        address=export.address,
        columns=columns,
        filter=filter_told,
        place=question.place_id,
    )
    take(installation, actor, taking, count)
    return Listing(
        title=said(_TITLE),
        notes=notes_of(export, count, filter_told),
        columns=[
            Column(said(_NUMBER), 6),
            *(Column(said(shown.heading), shown.width) for shown in _COLUMNS),
        ],
        rows=_rows(installation, scope, question, count, export.language),
        count=count,
    )


def _rows(
    installation: Installation,
    scope: Scope,
    question: GrantQuestion,
    count: int,
    language: Language,
) -> Iterator[Sequence[Value]]:
    number = 0
    while number < count:
        with installation.database.read() as tx:
            page, following = list_page(tx, scope, question, min(_AT_ONCE, count - number))
            named = name_grants(tx, page)
        for one in named:
            number += 1
            yield (number, *(shown.value(one, language) for shown in _COLUMNS))
        if not following:
            return
        question = replace(question, after=following)
