"""The kinds of audit events of `sync.changes`."""

from __future__ import annotations

from directory.audit.kinds import Kind

CHANGES_MISSED = Kind(
    "changes.missed",
    {"reader": "text"},
    vi=(
        "Bộ đồng bộ {reader} ngừng quá lâu, các thay đổi trong thời gian đó không còn được lưu: "
        "đối chiếu lại toàn bộ"
    ),
    en=("{reader} was away for longer than changes are kept: everything is compared anew"),
    groups=("system",),
)

KINDS = (CHANGES_MISSED,)
