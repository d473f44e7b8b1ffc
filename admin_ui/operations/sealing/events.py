"""The kinds of audit events of `admin_ui.operations.sealing`."""

from __future__ import annotations

from directory.audit.kinds import Kind

KEY_SEALING_ROTATED = Kind(
    "key.sealing_rotated",
    {"key": "technical", "values": "count"},
    vi="{actor} đổi khóa niêm phong dữ liệu và niêm phong lại {values} giá trị bằng khóa mới",
    en="{actor} changed the key that seals data and sealed {values} values again with the new one",
    groups=("system",),
)

KEY_SEALING_RETIRED = Kind(
    "key.sealing_retired",
    {"key": "technical"},
    vi="{actor} ngừng dùng một khóa niêm phong cũ",
    en="{actor} retired an old key that sealed data",
    groups=("system",),
)

KINDS = (
    KEY_SEALING_ROTATED,
    KEY_SEALING_RETIRED,
)
