"""Must this person prove two factors, here and now? The one place that says so.

What an application asks for or has registered (`acr_values`, `default_acr_values`) comes on top: it
is asked of everybody, gives no time and spares nobody.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import BigInteger, Connection, bindparam, delete, select

from directory.authz.roles import roles_of
from directory.authz.scopes import admin_roles_of
from directory.clock import DAY, SKEW_MS, now_ms, today
from directory.database.upsert import upsert
from directory.projection import queries
from directory.projection.queries import PersonRow
from directory.projection.tables import catalogue_person
from idp.factor_policy.rules import OUTSIDE, Policy, Rule, Zone, remembered_policy
from idp.factor_policy.tables import factor_grace
from web.forwarded import Sender, is_within

Reason = Literal["administrator", "everybody", "role", "network"]


@dataclass(frozen=True, slots=True)
class Requirement:
    """Why two factors are wanted; for no reason: they are not. `grace_days`: how long whoever has
    none yet may go on with one; 0 for not at all. `spared_days`: a device on which two were proved
    so lately will do; 0 for none. `since` (ms): when the last of the rules was set."""

    reasons: tuple[Reason, ...] = ()
    grace_days: int = 0
    spared_days: int = 0
    since: int = 0

    @property
    def is_wanted(self) -> bool:
        """Whether two factors are wanted at all."""
        return bool(self.reasons)


def must_have(tx: Connection, person: PersonRow) -> bool:
    """Whoever administers: nothing spares them, and no time is given."""
    return bool(person.administrator_of or admin_roles_of(tx, person.id))


def is_enforced_everywhere(tx: Connection, person: PersonRow) -> bool:
    """Whether the person comes nowhere with a password alone: they administer, or a rule is for
    everybody, gives nobody time and no device stands in."""
    if must_have(tx, person):
        return True
    rules = remembered_policy(tx).rules
    is_for_all = any(rule.kind == "everybody" and not rule.days for rule in rules)
    return is_for_all and not any(rule.kind == "device" for rule in rules)


def is_demanded_of(tx: Connection, person: PersonRow) -> bool:
    """Whether some application is closed to the person without a second factor, by a rule about
    them and not about where they are."""
    if must_have(tx, person):
        return True
    rules, day = remembered_policy(tx).rules, today().isoformat()
    if any(rule.kind == "everybody" for rule in rules):
        return True
    of_roles = (split_role(rule) for rule in rules if rule.kind == "role")
    return any(
        role in {held.role for held in roles_of(tx, person.id, application, day)}
        for application, role in of_roles
    )


def judge(
    policy: Policy,
    *,
    is_administrator: bool,
    client_id: str,
    roles: Collection[str],
    sender: Sender,
) -> Requirement:
    """The decision, from what is known. `roles`: of the application that the person holds."""
    if is_administrator:
        return Requirement(("administrator",))
    wanting = [
        rule for rule in policy.rules if _wants(rule, policy.zones, client_id, roles, sender)
    ]
    spared = [
        rule.days for rule in policy.rules if rule.kind == "device" and rule.target == client_id
    ]
    return Requirement(
        tuple(cast(Reason, rule.kind) for rule in wanting),
        min((rule.days for rule in wanting), default=0),
        spared[0] if spared and client_id else 0,
        max((rule.changed_at for rule in wanting), default=0),
    )


def find_requirement(tx: Connection, person_id: str, client_id: str, sender: Sender) -> Requirement:
    """The decision about a person on the way to an application (empty: to our own pages)."""
    person = queries.person(tx, person_id)
    if person is None:
        return Requirement()
    if must_have(tx, person):
        return Requirement(("administrator",))
    policy = remembered_policy(tx)
    roles = _roles_asked_about(tx, policy, person_id, client_id)
    return judge(policy, is_administrator=False, client_id=client_id, roles=roles, sender=sender)


def find_requirement_unseen(tx: Connection, person_id: str, client_id: str) -> Requirement:
    """The decision about who is no administrator, where an application asks in their absence: where
    they are nobody sees, so that no network counts."""
    known = remembered_policy(tx)
    policy = Policy([rule for rule in known.rules if rule.kind != "network"])
    roles = _roles_asked_about(tx, policy, person_id, client_id)
    nowhere = Sender("", is_proxy=False)
    return judge(policy, is_administrator=False, client_id=client_id, roles=roles, sender=nowhere)


def _roles_asked_about(
    tx: Connection, policy: Policy, person_id: str, client_id: str
) -> Collection[str]:
    """What the person holds in the application, where a rule is about that."""
    if not any(rule.kind == "role" and split_role(rule)[0] == client_id for rule in policy.rules):
        return ()
    return {each.role for each in roles_of(tx, person_id, client_id, today().isoformat())}


def grace_until(
    tx: Connection, requirement: Requirement, person_id: str, untold_since: int | None = None
) -> int:
    """Until when (ms) the person may go on with one factor while they have set up no other; 0: no
    longer than now. `untold_since` (ms): from when it is counted for whom nobody has told, else
    from now."""
    if not requirement.grace_days:
        return 0
    now = now_ms()
    begun = tx.execute(_begun, {"person_id": person_id}).scalar()
    if begun is None:
        begun = now if untold_since is None else untold_since
    since = min(begun, now + SKEW_MS)  # a clock that stood ahead gives no more time
    until = since + requirement.grace_days * DAY
    return until if until > now else 0


def begin_grace(tx: Connection, person_id: str) -> None:
    """They were told; the days are counted from the first time."""
    row = {"person_id": person_id, "begun_at": now_ms()}
    tx.execute(upsert(tx, factor_grace).values(row).on_conflict_do_nothing())


def forget_gone(tx: Connection) -> None:
    """Those of people who are not there any more."""
    people = select(catalogue_person.c.id)
    tx.execute(delete(factor_grace).where(factor_grace.c.person_id.not_in(people)))


_begun = select(factor_grace.c.begun_at.cast(BigInteger)).where(
    factor_grace.c.person_id == bindparam("person_id")
)


def _wants(
    rule: Rule, zones: Collection[Zone], client_id: str, roles: Collection[str], sender: Sender
) -> bool:
    match rule.kind:
        case "everybody":
            return True
        case "role":
            application, role = split_role(rule)
            return application == client_id and role in roles
        case "network":
            return _is_from(rule.target, zones, sender)
        case "device" | "idle" | "lifetime":
            return False


def split_role(rule: Rule) -> tuple[str, str]:
    """Application and role; an application's id may hold colons."""
    application, _, role = rule.target.rpartition(":")
    return application, role


def _is_from(name: str, zones: Collection[Zone], sender: Sender) -> bool:
    """Where nobody knows where somebody comes from, it is from outside."""
    address = "" if sender.is_proxy and not sender.address else sender.address
    within = {zone.name for zone in zones if address and is_within(address, zone.networks)}
    return not within if name == OUTSIDE else name in within
