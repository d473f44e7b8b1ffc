"""What the roles of our own application allow, and which of them their holders may hand on.

Roles are whole jobs. A role holds in the agency of its grant and in everything under it; grants on
every top of the tree hold in the whole province.
"""

from __future__ import annotations

from collections.abc import Mapping

ADMIN_APPLICATION = "danh-muc"

_READ = frozenset({"people:read", "agencies:read"})
_PEOPLE = _READ | {"people:write", "people:set-password"}

PERMISSIONS: Mapping[str, frozenset[str]] = {
    "agency_admin": _PEOPLE | {"grants:write", "audit:read"},
    "hr_officer": _READ | {"people:write"},
    "inspector": _READ,
    "auditor": _READ | {"audit:read"},
    "province_operator": _PEOPLE
    | {
        "grants:write",
        "audit:read",
        "agencies:write",
        "applications:write",
        "roles:write",
        "clients:write",
        "signin:unpause",
    },
}

# Never upward, never sideways: an administrator does not make another of their own rank.
GRANTABLE: Mapping[str, frozenset[str]] = {
    "agency_admin": frozenset({"hr_officer", "inspector"}),
    "province_operator": frozenset({"agency_admin", "hr_officer", "inspector", "auditor"}),
}

# These concern the whole province, so only power over all of it gives them.
PROVINCE_WIDE = frozenset({"applications:write", "roles:write", "clients:write", "signin:unpause"})

TITLES: Mapping[str, tuple[str, str]] = {
    "agency_admin": ("Quản trị đơn vị", "Agency administrator"),
    "hr_officer": ("Cán bộ tổ chức", "HR officer"),
    "inspector": ("Thanh tra, kiểm tra", "Inspector"),
    "auditor": ("Giám sát nhật ký", "Auditor"),
    "province_operator": ("Vận hành cấp tỉnh", "Province operator"),
}
