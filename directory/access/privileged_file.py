"""The privileged roles as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from directory.access.privileged import CONCERNS, PrivilegedRoles
from directory.actor import Actor
from directory.clock import day_of
from directory.errors import Words
from directory.exports.notes import Export, notes_of
from directory.exports.taking import Taking, take
from directory.installation import Installation
from directory.sheets.writing import Column, Listing, Value

_TITLE = Words("Danh sách vai trò đặc quyền", "Privileged roles")
_OPERATING = Words("Đơn vị vận hành", "The operating unit")
_COLUMNS = (
    (Words("STT", "No."), 6),
    (Words("Vai trò", "Role"), 24),
    (Words("Tài khoản quản trị", "Administration account"), 34),
    (Words("Của", "Of"), 34),
    (Words("Nơi áp dụng", "Place"), 30),
    (Words("Người cấp", "Given by"), 30),
    (Words("Người phê duyệt", "Approved by"), 30),
    (Words("Ngày cấp", "Given on"), 12),
    (Words("Đến hết ngày", "Until"), 14),
    (Words("Căn cứ", "Basis"), 26),
    (Words("Lý do", "Reason"), 34),
    (Words("Dùng lần cuối", "Last used"), 14),
    (Words("Cần xem lại", "To look at"), 40),
)


def taken_away(
    installation: Installation,
    actor: Actor,
    found: PrivilegedRoles,
    export: Export,
) -> Listing:
    """The file, noted. Raises as `directory.exports.taking.take`."""

    def said(words: Words) -> str:
        return words.filled(export.language, {})

    def rows() -> Iterator[Sequence[Value]]:
        number = 0
        for role in found.roles:
            for each in role.holders:
                number += 1
                grant = each.grant
                yield (
                    number,
                    said(role.title),
                    each.named.holder,
                    each.owner,
                    each.named.place,
                    _who(grant.given_by, found.names, said(_OPERATING)),
                    _who(grant.approved_by, found.names, said(_OPERATING)),
                    _day(each.given_at),
                    "/".join(reversed(grant.end.split("-"))) if grant.end else "",
                    grant.basis,
                    grant.reason,
                    _day(each.last_act_at),
                    "; ".join(said(words) for words in map(CONCERNS.__getitem__, each.concerns)),
                )

    count = len(found.holders)
    headings = ", ".join(heading.vi for heading, _ in _COLUMNS)
    take(
        installation,
        actor,
        Taking(
            "privileged",
            export.form,
            export.reason,
            address=export.address,
            columns=headings,
        ),
        count,
    )
    return Listing(
        title=said(_TITLE),
        notes=notes_of(export, count, ""),
        columns=[Column(said(heading), width) for heading, width in _COLUMNS],
        rows=rows(),
        count=count,
    )


def _who(tag: str, names: Mapping[str, str], operating: str) -> str:
    if not tag:
        return ""
    return names.get(tag, "") if tag.startswith("person:") else operating


def _day(instant_ms: int) -> str:
    return f"{day_of(instant_ms):%d/%m/%Y}" if instant_ms else ""
