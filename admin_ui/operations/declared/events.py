"""The kinds of audit events of `admin_ui.operations.declared`."""

from __future__ import annotations

from directory.audit.kinds import Kind

FILE_APPLIED = Kind(
    "file.applied",
    {"sha256": "text", "create": "count", "change": "count", "remove": "count"},
    vi=(
        "{actor} áp dụng tệp khai báo: tạo mới {create}, thay đổi {change}, bỏ {remove} mục "
        "(SHA-256 của tệp: {sha256})"
    ),
    en=(
        "{actor} applied a file of declarations: {create} created, {change} changed, {remove} "
        "removed (SHA-256 of the file: {sha256})"
    ),
    groups=("system",),
)

KINDS = (FILE_APPLIED,)
