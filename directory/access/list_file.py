"""The list of grants as a file: its columns, and its rows read a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from directory.access.listing import HOLDER_KINDS
from directory.actor import Actor
from directory.authz.grant_lists import GrantQuestion, count_grants, list_page
from directory.authz.naming import NamedGrant, name_grants
from directory.authz.scopes import Scope
from directory.clock import written
from directory.errors import Words
from directory.exports.list_file import Lines, ListFile, Shown
from directory.exports.notes import Export
from directory.installation import Installation
from directory.sheets.writing import Listing

MOST_TAKEN = 100_000  # lines; who needs more narrows the list and takes it in several
_AT_ONCE = 500  # read of the store
_TITLE = Words("Danh sách quyền", "Roles given")
_NO_END = Words("Không thời hạn", "No end")


_FILE = ListFile[NamedGrant](
    "grants",
    _TITLE,
    (
        Shown(Words("Người giữ", "Holder"), 34, lambda one: one.holder),
        Shown(Words("Cấp cho", "Given to"), 14, lambda one: HOLDER_KINDS[one.grant.holder_kind]),
        Shown(Words("Ứng dụng", "Application"), 28, lambda one: one.application),
        Shown(Words("Vai trò", "Role"), 26, lambda one: one.role),
        Shown(Words("Nơi áp dụng", "Place"), 34, lambda one: one.place),
        Shown(Words("Mã cơ quan", "Agency code"), 14, lambda one: one.place_code),
        Shown(Words("Lĩnh vực", "Field"), 14, lambda one: one.grant.field),
        Shown(Words("Thủ tục", "Procedure"), 14, lambda one: one.grant.procedure),
        Shown(Words("Từ ngày", "From"), 12, lambda one: written(one.grant.start)),
        Shown(Words("Đến hết ngày", "Until"), 14, lambda one: written(one.grant.end) or _NO_END),
        Shown(Words("Lý do", "Reason"), 34, lambda one: one.grant.reason),
        Shown(Words("Căn cứ", "Basis"), 26, lambda one: one.grant.basis),
    ),
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
    question = replace(question, after="")
    with installation.database.read() as tx:
        count = count_grants(tx, scope, question, MOST_TAKEN)
    each = _read(installation, scope, question, count)
    return _FILE.take(
        installation, actor, export, Lines(each, count, filter_told, question.place_id)
    )


def _read(
    installation: Installation, scope: Scope, question: GrantQuestion, count: int
) -> Iterator[NamedGrant]:
    left = count
    while left > 0:
        with installation.database.read() as tx:
            page, following = list_page(tx, scope, question, min(_AT_ONCE, left))
            named = name_grants(tx, page)
        yield from named
        if not following:
            return
        left -= len(named)
        question = replace(question, after=following)
