"""Who holds the roles that reach the whole province or change what keeps it secure, and what looks
wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import Connection

from directory.audit.log import person_tag
from directory.audit.reading import last_acts
from directory.authz.grant_lists import list_of_roles
from directory.authz.grants import Grant
from directory.authz.naming import NamedGrant, name_all
from directory.authz.permissions import ADMIN_APPLICATION, ADMIN_ROLES
from directory.clock import DAY, day_of, now_ms, today
from directory.errors import Words
from directory.projection import queries
from directory.projection.queries import AccountRow

PRIVILEGED = tuple(role for role in ADMIN_ROLES.values() if role.privileged)
UNUSED_DAYS = 90
_SOON_DAYS = 30
_ENOUGH = 2  # of each role: one alone cannot give it to anybody

Concern = Literal["own_account", "no_second", "by_command", "not_active", "unused", "ends_soon"]
CONCERNS: Mapping[Concern, Words] = {
    "own_account": Words("Không phải tài khoản quản trị", "Not an administration account"),
    "no_second": Words("Không có người thứ hai phê duyệt", "Approved by no second person"),
    "by_command": Words("Chỉ định bằng lệnh trên máy chủ", "Named by a command on the server"),
    "not_active": Words("Tài khoản không hoạt động", "The account is not active"),
    "unused": Words(f"Không dùng hơn {UNUSED_DAYS} ngày", f"Unused for over {UNUSED_DAYS} days"),
    "ends_soon": Words(f"Hết hạn trong {_SOON_DAYS} ngày", f"Ends within {_SOON_DAYS} days"),
}
AS_INTENDED: frozenset[Concern] = frozenset({"by_command"})
"""What is to be known, and is no fault: somebody has to begin."""


@dataclass(frozen=True)
class PrivilegedHolder:
    """One privileged grant, in force or to come. `owner`: whose administration account it is, empty
    for none; `given_at`, `last_act_at` (ms): when it was given, and when the account last did what
    the log tells, a sign-in among it; 0 for never. `concerns`: what looks wrong."""

    named: NamedGrant
    owner: str
    given_at: int
    last_act_at: int
    concerns: tuple[Concern, ...]

    @property
    def grant(self) -> Grant:
        """What was given."""
        return self.named.grant


@dataclass(frozen=True)
class PrivilegedRole:
    """One of the roles and who holds it, by name. `has_few`: so few people that one who is away
    keeps the others from acting."""

    name: str
    title: Words
    holders: Sequence[PrivilegedHolder]
    has_few: bool

    @property
    def lines(self) -> Sequence[Sequence[PrivilegedHolder]]:
        """The holders, with what is the same but for its place as one: the whole province is every
        top of its tree."""
        found: dict[object, list[PrivilegedHolder]] = {}
        for each in self.holders:
            grant = each.grant
            days = (grant.start, grant.end, day_of(each.given_at))
            why = (grant.given_by, grant.approved_by, grant.basis, grant.reason)
            found.setdefault((grant.holder_id, days, why, each.concerns), []).append(each)
        return list(found.values())


@dataclass(frozen=True)
class PrivilegedRoles:
    """All of them. `names`: of the tags of who gave and approved."""

    roles: Sequence[PrivilegedRole]
    names: Mapping[str, str]

    @property
    def holders(self) -> Sequence[PrivilegedHolder]:
        """All holders of all roles."""
        return [holder for role in self.roles for holder in role.holders]

    @property
    def accounts(self) -> int:
        """How many accounts hold any of them."""
        return len({each.grant.holder_id for each in self.holders})


def list_privileged(tx: Connection) -> PrivilegedRoles:
    """All of them."""
    given = list_of_roles(tx, ADMIN_APPLICATION, [role.name for role in PRIVILEGED])
    named, names = name_all(tx, list(given))
    held_by = {each.holder_id for each in given if each.holder_kind == "person"}
    accounts = queries.accounts_with_owners(tx, held_by)
    acted = last_acts(tx, [person_tag(each) for each in held_by])
    holders = [
        _holder(each, given[each.grant], accounts.get(each.grant.holder_id), acted)
        for each in named
    ]
    return PrivilegedRoles(
        [
            PrivilegedRole(
                role.name,
                role.title,
                sorted(
                    (each for each in holders if each.grant.role == role.name),
                    key=lambda one: one.named.holder,
                ),
                has_few=_has_few(role.name, holders, accounts),
            )
            for role in PRIVILEGED
        ],
        names,
    )


def count_with_concerns(tx: Connection) -> int:
    """How many holders somebody should look at: those of `list_privileged`, without names."""
    given = list_of_roles(tx, ADMIN_APPLICATION, [role.name for role in PRIVILEGED])
    held_by = {each.holder_id for each in given if each.holder_kind == "person"}
    accounts = queries.accounts_with_owners(tx, held_by)
    acted = last_acts(tx, [person_tag(each) for each in held_by])

    def concerns(grant: Grant) -> Sequence[Concern]:
        last = acted.get(person_tag(grant.holder_id), 0)
        return _concerns(grant, given[grant], accounts.get(grant.holder_id), last)

    return sum(not AS_INTENDED.issuperset(concerns(grant)) for grant in given)


def _holder(
    named: NamedGrant, given_at: int, account: AccountRow | None, acted: Mapping[str, int]
) -> PrivilegedHolder:
    last = acted.get(person_tag(named.grant.holder_id), 0)
    concerns = tuple(_concerns(named.grant, given_at, account, last))
    return PrivilegedHolder(named, account.owner if account else "", given_at, last, concerns)


def _concerns(
    grant: Grant, given_at: int, account: AccountRow | None, last: int
) -> Sequence[Concern]:
    by_person = grant.given_by.startswith("person:")
    soon = (today() + timedelta(days=_SOON_DAYS)).isoformat()
    told: Mapping[Concern, bool] = {
        "own_account": account is None or not account.owner_id,
        "no_second": not grant.approved_by and by_person,
        "by_command": not grant.approved_by and not by_person,
        "not_active": account is not None and account.status != "active",
        "unused": max(last, given_at) < now_ms() - UNUSED_DAYS * DAY,
        "ends_soon": grant.end != "" and grant.end <= soon,
    }
    return [name for name, is_so in told.items() if is_so]


def _has_few(
    role: str, holders: Collection[PrivilegedHolder], accounts: Mapping[str, AccountRow]
) -> bool:
    now = today().isoformat()
    people = set()
    for each in holders:
        account = accounts.get(each.grant.holder_id)
        if each.grant.role == role and each.grant.start <= now and account is not None:
            people |= {account.owner_id or account.id} if account.status == "active" else set()
    return len(people) < _ENOUGH
