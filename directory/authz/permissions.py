"""What the roles of our own application allow, and who may give which.

Roles are whole jobs. A role holds in the agency of its grant and in everything under it; grants on
every top of the tree hold in the whole province. Which permissions a role has is said by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Self

from directory.audit.kinds import Pair
from directory.errors import Words

ADMIN_APPLICATION = "danh-muc"

AGENCY_ADMIN = "agency_admin"
UNIT_COORDINATOR = "unit_coordinator"
HELP_DESK = "help_desk"
HR_OFFICER = "hr_officer"
IT_EXECUTIVE = "it_executive"
INSPECTOR = "inspector"
AUDITOR = "auditor"
SECURITY_OFFICER = "security_officer"
PROVINCE_OPERATOR = "province_operator"

# What the roles have in common.
OPERATORS = frozenset({PROVINCE_OPERATOR})
ADMINISTRATORS = OPERATORS | {AGENCY_ADMIN}
STAFF = ADMINISTRATORS | {HR_OFFICER}
SUPPORT = ADMINISTRATORS | {HELP_DESK}
LOG_READERS = ADMINISTRATORS | {IT_EXECUTIVE, AUDITOR, SECURITY_OFFICER}
READERS = STAFF | SUPPORT | LOG_READERS | {UNIT_COORDINATOR, INSPECTOR}

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
    READ = (
        "positions:read",
        ("xem danh mục vị trí việc làm của", "look at the positions of"),
        READERS,
        "reads",
    )
    WRITE = (
        "positions:write",
        ("sửa danh mục vị trí việc làm của", "change the positions of"),
        STAFF,
    )


class GrantPermission(Permission):
    WRITE = "grants:write", ("cấp hoặc thu hồi", "give or take back"), ADMINISTRATORS
    READ = (
        "grants:read",
        ("xem vai trò của", "look at roles of"),
        LOG_READERS | {INSPECTOR},
        "reads",
    )
    READ_PRIVILEGED = (
        "grants:read_privileged",
        ("xem vai trò đặc quyền của", "look at privileged roles of"),
        OPERATORS | {AUDITOR, SECURITY_OFFICER},
        "province",
    )
    # For others; anybody may ask for themselves. Who may give it decides.
    ASK = "grants:ask", ("đề nghị cấp", "ask for"), STAFF


class AuditPermission(Permission):
    """Here, since `directory.audit` knows no decisions: the log is read through `handles`."""

    READ = "audit:read", ("xem nhật ký của", "read the audit log of"), LOG_READERS, "reads"


class ApplicationPermission(Permission):
    # No role of ours holds it: the application says who enters.
    ENTER = "application:enter", ("vào", "enter"), frozenset[str]()
    READ = "applications:read", ("xem", "look at"), LOG_READERS | {INSPECTOR}, "reads"
    # Of internal ones the administrators of their place; of shared ones the province's.
    WRITE = "applications:write", ("sửa", "change"), ADMINISTRATORS


class RolePermission(Permission):
    WRITE = "roles:write", ("khai báo vai trò của", "declare roles of"), ADMINISTRATORS


class CodePermission(Permission):
    """Of the shared lists of codes, whose owner is an agency or the province."""

    READ = (
        "codes:read",
        ("xem danh mục dùng chung của", "look at the shared lists of"),
        READERS,
        "reads",
    )
    WRITE = (
        "codes:write",
        ("sửa danh mục dùng chung của", "change the shared lists of"),
        ADMINISTRATORS,
    )
    # Whose a list is.
    ASSIGN = (
        "codes:assign",
        ("giao danh mục dùng chung của", "assign the shared lists of"),
        OPERATORS,
        "province",
    )


PERMISSIONS: tuple[type[Permission], ...] = (
    PositionPermission,
    GrantPermission,
    AuditPermission,
    ApplicationPermission,
    RolePermission,
    CodePermission,
)

GivenBy = Literal["agency", "owner", "province", "operators", "operator"]
"""Who may give a role, and take it back. Each but the last includes province operators.

``agency``: administrators, in their place. ``owner``: the administrators of the agency that owns
the application, to anybody, besides. ``province``: province operators only. ``operators``: two of
them together, which is no power over whoever holds it: one alone would have it by their account.
``operator``: nobody in the console; the command line alone.
"""


@dataclass(frozen=True)
class AdminRole:
    """A role of our own application: a whole job. The program says who gives it, since that is what
    it allows: never upward, never sideways; an administrator makes no other of their own rank.

    `privileged`: it reaches the whole province or changes what keeps it secure, so it is held by an
    administration account (`PersonFacts.administrator_of`) alone, which is used for nothing else,
    and given by two. The first two holders are named by the command line: somebody has to begin.
    `most_days`: nobody, by whatever path, gives it for longer at a time; None: no such limit.
    """

    name: str
    title: Words
    given_by: GivenBy
    privileged: bool = False
    most_days: int | None = None


ADMIN_ROLES: Mapping[str, AdminRole] = {
    role.name: role
    for role in (
        AdminRole(AGENCY_ADMIN, Words("Quản trị đơn vị", "Agency administrator"), "province"),
        AdminRole(UNIT_COORDINATOR, Words("Đầu mối đơn vị", "Unit coordinator"), "agency"),
        AdminRole(HELP_DESK, Words("Hỗ trợ người dùng", "Help desk"), "agency"),
        AdminRole(HR_OFFICER, Words("Cán bộ tổ chức", "HR officer"), "agency"),
        # Chosen above the administrators: it approves what they ask for.
        AdminRole(IT_EXECUTIVE, Words("Lãnh đạo phụ trách CNTT", "IT executive"), "province"),
        # For one inspection, not for good.
        AdminRole(INSPECTOR, Words("Thanh tra, kiểm tra", "Inspector"), "agency", most_days=90),
        AdminRole(AUDITOR, Words("Giám sát nhật ký", "Auditor"), "province"),
        AdminRole(
            SECURITY_OFFICER,
            Words("An toàn thông tin", "Security officer"),
            "operators",
            privileged=True,
        ),
        AdminRole(
            PROVINCE_OPERATOR,
            Words("Vận hành cấp tỉnh", "Province operator"),
            "operators",
            privileged=True,
        ),
    )
}


def most_days_of(application_id: str, role: str) -> int | None:
    """For how long one of our roles is given at most (`AdminRole`)."""
    is_ours = application_id == ADMIN_APPLICATION and role in ADMIN_ROLES
    return ADMIN_ROLES[role].most_days if is_ours else None


def is_privileged(application_id: str, role: str) -> bool:
    """Whether it is one of our privileged roles (`AdminRole`)."""
    return (
        application_id == ADMIN_APPLICATION and role in ADMIN_ROLES and ADMIN_ROLES[role].privileged
    )
