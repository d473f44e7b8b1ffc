"""Accounts that were never used as a file."""

from __future__ import annotations

from collections.abc import Iterator

from directory.actor import Actor
from directory.audit.vocabulary import STATUSES
from directory.authz.scopes import Scope
from directory.clock import day_of
from directory.errors import Words
from directory.exports.list_file import Lines, ListFile, Shown
from directory.exports.notes import Export
from directory.installation import Installation
from directory.people.unused import UnusedAccount, count_unused, list_unused
from directory.projection.queries import AgencyRow
from directory.sheets.writing import Listing

_AT_ONCE = 500  # read of the store
_MOST = 1_000_000

_FILE = ListFile[UnusedAccount](
    "unused_accounts",
    Words("Tài khoản chưa sử dụng lần nào", "Accounts that were never used"),
    (
        Shown(Words("Họ và tên", "Full name"), 28, lambda one: one.person.full_name),
        Shown(Words("Tên đăng nhập", "User name"), 22, lambda one: one.person.username),
        Shown(Words("Đơn vị", "Unit"), 28, lambda one: one.person.unit),
        Shown(Words("Cơ quan", "Agency"), 34, lambda one: one.person.agency),
        Shown(Words("Có tài khoản từ", "Account since"), 16, lambda one: _day(one.known_since)),
        Shown(
            Words("Trạng thái", "Standing"),
            16,
            lambda one: Words(*(word.capitalize() for word in STATUSES.pair(one.person.status))),
        ),
    ),
)


def unused_taken_away(
    installation: Installation,
    actor: Actor,
    export: Export,
    scope: Scope,
    place: AgencyRow | None,
) -> Listing:
    """The file of those of the scope, noted. Raises as `directory.exports.taking.take`."""
    with installation.database.read() as tx:
        count = count_unused(tx, scope, _MOST)
    lines = Lines(_read(installation, scope, count), count, place=place.id if place else "")
    return _FILE.take(installation, actor, export, lines, told=place.name if place else "")


def _read(installation: Installation, scope: Scope, count: int) -> Iterator[UnusedAccount]:
    for first in range(0, count, _AT_ONCE):
        with installation.database.read() as tx:
            yield from list_unused(tx, scope, min(_AT_ONCE, count - first), first)


def _day(at: int) -> str:
    return f"{day_of(at):%d/%m/%Y}"
