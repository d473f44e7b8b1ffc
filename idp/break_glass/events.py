"""The kinds of audit events of `idp.break_glass`. No event holds a code, or a part of one."""

from __future__ import annotations

from directory.audit.kinds import Kind

BREAK_GLASS_CREATED = Kind(
    "break_glass.created",
    {},
    vi="{actor} tạo tài khoản khẩn cấp {subject}",
    en="{actor} made the break-glass account {subject}",
    groups=("sign-in", "system"),
)
BREAK_GLASS_SEALED = Kind(
    "break_glass.sealed",
    {"until": "instant"},
    vi="{actor} niêm phong tài khoản khẩn cấp {subject}[, mã dùng được đến {until}]",
    en="{actor} sealed the break-glass account {subject}[, its code is good until {until}]",
    groups=("sign-in", "system"),
)
BREAK_GLASS_OPENED = Kind(
    "break_glass.opened",
    {"until": "instant"},
    vi="TÀI KHOẢN KHẨN CẤP {subject} đã được mở[ từ {address}][, dùng được đến {until}]",
    en="THE BREAK-GLASS ACCOUNT {subject} was opened[ from {address}][, until {until}]",
    groups=("sign-in", "system"),
)
BREAK_GLASS_CLOSED = Kind(
    "break_glass.closed",
    {},
    vi="Tài khoản khẩn cấp {subject} đã đóng sau một giờ; cần niêm phong lại",
    en="The break-glass account {subject} was closed after an hour; it is to be sealed again",
    groups=("sign-in", "system"),
)

KINDS = (BREAK_GLASS_CREATED, BREAK_GLASS_SEALED, BREAK_GLASS_OPENED, BREAK_GLASS_CLOSED)
