"""What the roles of our own application allow, and who may give which.

Roles are whole jobs. A role holds in the agency of its grant and in everything under it; grants on
every top of the tree hold in the whole province.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

ADMIN_APPLICATION = "danh-muc"


class Permission(StrEnum):
    """An action somebody may be allowed. Whoever owns actions subclasses it; what is not a member
    of a subclass cannot be asked for, by nobody."""


class PeoplePermission(Permission):
    READ = "people:read"
    WRITE = "people:write"
    SUSPEND = "people:suspend"
    RETIRE = "people:retire"
    SET_PASSWORD = "people:set-password"  # noqa: S105 - the name of an action
    UNLOCK = "people:unlock"


class AgencyPermission(Permission):
    READ = "agencies:read"
    WRITE = "agencies:write"


class PositionPermission(Permission):
    WRITE = "positions:write"


class GrantPermission(Permission):
    WRITE = "grants:write"


class AuditPermission(Permission):
    READ = "audit:read"


class ApplicationPermission(Permission):
    ENTER = "application:enter"
    WRITE = "applications:write"


class RolePermission(Permission):
    WRITE = "roles:write"


class ClientPermission(Permission):
    WRITE = "clients:write"


class SignInPermission(Permission):
    UNPAUSE = "signin:unpause"


_READ: frozenset[Permission] = frozenset({PeoplePermission.READ, AgencyPermission.READ})
_STAFF = _READ | {
    PeoplePermission.WRITE,
    PeoplePermission.SUSPEND,
    PeoplePermission.RETIRE,
    PositionPermission.WRITE,
}
_PEOPLE = _STAFF | {PeoplePermission.SET_PASSWORD, PeoplePermission.UNLOCK}

PERMISSIONS: Mapping[str, frozenset[Permission]] = {
    "agency_admin": _PEOPLE | {GrantPermission.WRITE, AuditPermission.READ},
    "hr_officer": _STAFF,
    "inspector": _READ,
    "auditor": _READ | {AuditPermission.READ},
    "province_operator": _PEOPLE
    | {
        GrantPermission.WRITE,
        AuditPermission.READ,
        AgencyPermission.WRITE,
        ApplicationPermission.WRITE,
        RolePermission.WRITE,
        ClientPermission.WRITE,
        SignInPermission.UNPAUSE,
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
PROVINCE_WIDE: frozenset[Permission] = frozenset(
    {
        ApplicationPermission.WRITE,
        RolePermission.WRITE,
        ClientPermission.WRITE,
        SignInPermission.UNPAUSE,
    }
)

TITLES: Mapping[str, tuple[str, str]] = {
    "agency_admin": ("Quản trị đơn vị", "Agency administrator"),
    "hr_officer": ("Cán bộ tổ chức", "HR officer"),
    "inspector": ("Thanh tra, kiểm tra", "Inspector"),
    "auditor": ("Giám sát nhật ký", "Auditor"),
    "province_operator": ("Vận hành cấp tỉnh", "Province operator"),
}
