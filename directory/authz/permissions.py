"""What the roles of our own application allow, and who may give which.

Roles are whole jobs. A role holds in the agency of its grant and in everything under it; grants on
every top of the tree hold in the whole province. Which permissions a role has is said by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, Self

from directory.audit.kinds import Pair

ADMIN_APPLICATION = "danh-muc"

AGENCY_ADMIN = "agency_admin"
HR_OFFICER = "hr_officer"
INSPECTOR = "inspector"
AUDITOR = "auditor"
PROVINCE_OPERATOR = "province_operator"

# What the roles have in common.
OPERATORS = frozenset({PROVINCE_OPERATOR})
ADMINISTRATORS = OPERATORS | {AGENCY_ADMIN}
STAFF = ADMINISTRATORS | {HR_OFFICER}
READERS = STAFF | {INSPECTOR, AUDITOR}
LOG_READERS = ADMINISTRATORS | {AUDITOR}

Effect = Literal["sees", "reads", "changes", "province"]
"""``sees``: whoever lies in the scope, oneself too. ``reads``: others, where their main post is,
which is no power over them. ``changes``: power over others. ``province``: what concerns the whole
province, so only power over all of it allows it.
"""


class Permission(StrEnum):
    """An action somebody may be allowed. Whoever owns actions subclasses it; what is not a member
    of a subclass cannot be asked for, by nobody.

    A member says all that is decided and told by it, so that neither the decision function nor the
    log needs a list of permissions, which belong to packages above them.

    `told`: what somebody was not let do, before the words for its object. `held_by`: the roles that
    hold it.
    """

    told: Pair
    held_by: frozenset[str]
    effect: Effect

    def __new__(
        cls, name: str, told: Pair, held_by: frozenset[str], effect: Effect = "changes"
    ) -> Self:
        member = str.__new__(cls, name)
        member._value_ = name
        member.told, member.held_by, member.effect = told, held_by, effect
        return member


class PositionPermission(Permission):
    WRITE = (
        "positions:write",
        ("sửa danh mục vị trí việc làm của", "change the positions of"),
        STAFF,
    )


class GrantPermission(Permission):
    WRITE = "grants:write", ("giao hoặc thu hồi", "give or take back"), ADMINISTRATORS


class AuditPermission(Permission):
    """Here, since `directory.audit` knows no decisions: the log is read through `handles`."""

    READ = "audit:read", ("xem nhật ký của", "read the audit log of"), LOG_READERS, "reads"


class ApplicationPermission(Permission):
    # No role of ours holds it: the application says who enters.
    ENTER = "application:enter", ("vào", "enter"), frozenset[str]()
    WRITE = "applications:write", ("sửa", "change"), OPERATORS, "province"


class RolePermission(Permission):
    WRITE = "roles:write", ("khai báo vai trò của", "declare roles of"), OPERATORS, "province"


PERMISSIONS: tuple[type[Permission], ...] = (
    PositionPermission,
    GrantPermission,
    AuditPermission,
    ApplicationPermission,
    RolePermission,
)

GivenBy = Literal["agency", "owner", "province", "operator"]
"""Who may give a role, and take it back. Each but the last includes province operators.

``agency``: administrators, in their place. ``owner``: the administrators of the agency that owns
the application, to anybody, besides. ``province``: province operators only. ``operator``: nobody in
the console; the command line alone.
"""

# Never upward, never sideways: an administrator does not make another of their own rank.
GIVEN_BY: Mapping[str, GivenBy] = {
    AGENCY_ADMIN: "province",
    HR_OFFICER: "agency",
    INSPECTOR: "agency",
    AUDITOR: "province",
    PROVINCE_OPERATOR: "operator",
}
TITLES: Mapping[str, tuple[str, str]] = {
    AGENCY_ADMIN: ("Quản trị đơn vị", "Agency administrator"),
    HR_OFFICER: ("Cán bộ tổ chức", "HR officer"),
    INSPECTOR: ("Thanh tra, kiểm tra", "Inspector"),
    AUDITOR: ("Giám sát nhật ký", "Auditor"),
    PROVINCE_OPERATOR: ("Vận hành cấp tỉnh", "Province operator"),
}
