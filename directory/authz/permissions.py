"""What the roles of our own application allow, and who may give which.

Roles are whole jobs. A role holds in the agency of its grant and in everything under it; grants on
every top of the tree hold in the whole province.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

ADMIN_APPLICATION = "danh-muc"

_READ = frozenset({"people:read", "agencies:read"})
_STAFF = _READ | {"people:write", "people:suspend", "people:retire", "positions:write"}
_PEOPLE = _STAFF | {"people:set-password", "people:unlock"}

PERMISSIONS: Mapping[str, frozenset[str]] = {
    "agency_admin": _PEOPLE | {"grants:write", "audit:read"},
    "hr_officer": _STAFF,
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

GivenBy = Literal["agency", "owner", "province", "operator"]
"""Who may give a role, and take it back. Each but the last includes province operators.

``agency``: administrators, in their place. ``owner``: the administrators of the agency that owns
the application, to anybody, besides. ``province``: province operators only. ``operator``: nobody in
the console; the command line alone.
"""

# Never upward, never sideways: an administrator does not make another of their own rank.
GIVEN_BY: Mapping[str, GivenBy] = {
    "agency_admin": "province",
    "hr_officer": "agency",
    "inspector": "agency",
    "auditor": "province",
    "province_operator": "operator",
}
PROVINCE_OPERATOR = "province_operator"

# These concern the whole province, so only power over all of it gives them.
PROVINCE_WIDE = frozenset({"applications:write", "roles:write", "clients:write", "signin:unpause"})

TITLES: Mapping[str, tuple[str, str]] = {
    "agency_admin": ("Quản trị đơn vị", "Agency administrator"),
    "hr_officer": ("Cán bộ tổ chức", "HR officer"),
    "inspector": ("Thanh tra, kiểm tra", "Inspector"),
    "auditor": ("Giám sát nhật ký", "Auditor"),
    "province_operator": ("Vận hành cấp tỉnh", "Province operator"),
}
