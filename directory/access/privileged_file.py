"""The privileged roles as a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from directory.access.privileged import CONCERNS, PrivilegedHolder, PrivilegedRoles
from directory.actor import Actor
from directory.authz.grants import Grant
from directory.clock import day_of, written
from directory.errors import Words
from directory.exports.list_file import Lines, ListFile, Shown
from directory.exports.notes import Export
from directory.installation import Installation
from directory.sheets.writing import Listing

_TITLE = Words("Danh sách vai trò đặc quyền", "Privileged roles")
_OPERATING = Words("Đơn vị vận hành", "The operating unit")


@dataclass(frozen=True)
class _Line:
    title: Words
    holder: PrivilegedHolder
    names: Mapping[str, str]

    @property
    def grant(self) -> Grant:
        return self.holder.grant

    def who(self, tag: str) -> str | Words:
        """What people call whoever did it."""
        if not tag:
            return ""
        return self.names.get(tag, "") if tag.startswith("person:") else _OPERATING


_FILE = ListFile[_Line](
    "privileged",
    _TITLE,
    (
        Shown(Words("Vai trò", "Role"), 24, lambda one: one.title),
        Shown(
            Words("Tài khoản quản trị", "Administration account"),
            34,
            lambda one: one.holder.named.holder,
        ),
        Shown(Words("Của", "Of"), 34, lambda one: one.holder.owner),
        Shown(Words("Nơi áp dụng", "Place"), 30, lambda one: one.holder.named.place),
        Shown(Words("Người cấp", "Given by"), 30, lambda one: one.who(one.grant.given_by)),
        Shown(
            Words("Người phê duyệt", "Approved by"), 30, lambda one: one.who(one.grant.approved_by)
        ),
        Shown(Words("Ngày cấp", "Given on"), 12, lambda one: _day(one.holder.given_at)),
        Shown(
            Words("Đến hết ngày", "Until"),
            14,
            lambda one: written(one.grant.end),
        ),
        Shown(Words("Căn cứ", "Basis"), 26, lambda one: one.grant.basis),
        Shown(Words("Lý do", "Reason"), 34, lambda one: one.grant.reason),
        Shown(Words("Dùng lần cuối", "Last used"), 14, lambda one: _day(one.holder.last_act_at)),
        Shown(Words("Cần xem lại", "To look at"), 40, lambda one: _concerns(one.holder)),
    ),
)


def taken_away(
    installation: Installation, actor: Actor, found: PrivilegedRoles, export: Export
) -> Listing:
    """The file, noted. Raises as `directory.exports.taking.take`."""
    each = [_Line(role.title, one, found.names) for role in found.roles for one in role.holders]
    return _FILE.take(installation, actor, export, Lines(each, len(each)))


def _concerns(holder: PrivilegedHolder) -> Words:
    found = [CONCERNS[name] for name in holder.concerns]
    return Words("; ".join(words.vi for words in found), "; ".join(words.en for words in found))


def _day(instant_ms: int) -> str:
    return f"{day_of(instant_ms):%d/%m/%Y}" if instant_ms else ""
