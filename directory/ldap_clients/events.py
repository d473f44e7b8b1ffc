"""The kinds of audit events of `directory.ldap_clients`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList
from directory.audit.vocabulary import SOMETHING_ELSE
from directory.release.events import ATTRIBUTE_NAMES

_STATES = WordList(
    {"active": ("đang dùng", "in use"), "disabled": ("ngừng", "disabled")}, other=SOMETHING_ELSE
)

LDAP_CLIENT_MADE = Kind(
    "ldap_client.made",
    {},
    vi="{actor} tạo tài khoản LDAP cho ứng dụng {subject}",
    en="{actor} made an LDAP account for {subject}",
    groups=("applications",),
)

LDAP_CLIENT_ROTATED = Kind(
    "ldap_client.rotated",
    {},
    vi="{actor} tạo mật khẩu LDAP mới cho ứng dụng {subject}",
    en="{actor} made a new LDAP password for {subject}",
    groups=("applications",),
)

LDAP_CLIENT_WRITE_REQUESTED = Kind(
    "ldap_client.write_requested",
    {"intent": "technical", "state": _STATES, "opened": "flag", "password": "flag"},
    vi=(
        "{actor} ghi tài khoản LDAP của {subject} vào danh mục: {state}"
        "[opened?, thay đổi ai được thấy][password?, thay mật khẩu]"
    ),
    en=(
        "{actor} wrote the LDAP account of {subject}: {state}"
        "[opened?, whom it sees changed][password?, its password changed]"
    ),
    groups=("applications",),
    awaits_outcome=True,
)

LDAP_CLIENT_RELEASE_REQUESTED = Kind(
    "ldap_client.release_requested",
    {
        "intent": "technical",
        "added": ATTRIBUTE_NAMES,
        "removed": ATTRIBUTE_NAMES,
        "others": "count",
    },
    vi=(
        "{actor} ghi vào danh mục thông tin {subject} đọc được qua LDAP"
        "[, thêm: {added}][, bỏ: {removed}][, và của {others} ứng dụng khác]"
    ),
    en=(
        "{actor} wrote what {subject} reads over LDAP"
        "[, added: {added}][, taken away: {removed}][, and of {others} other applications]"
    ),
    groups=("applications",),
    awaits_outcome=True,
)

KINDS = (
    LDAP_CLIENT_MADE,
    LDAP_CLIENT_ROTATED,
    LDAP_CLIENT_WRITE_REQUESTED,
    LDAP_CLIENT_RELEASE_REQUESTED,
)
