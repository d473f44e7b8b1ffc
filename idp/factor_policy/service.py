"""Setting and removing rules and networks."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from sqlalchemy import Connection, delete

from directory.actor import Actor
from directory.audit.log import record
from directory.authz import applications
from directory.authz.decisions import require
from directory.authz.objects import InPlace
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.roles import find_role
from directory.clock import now_ms
from directory.database.advisory_lock import take_advisory_lock
from directory.database.upsert import upsert
from directory.errors import Conflict, Invalid, NotFound
from idp.factor_policy import errors
from idp.factor_policy.events import (
    FACTOR_RULE_REMOVED,
    FACTOR_RULE_SET,
    NETWORK_ZONE_REMOVED,
    NETWORK_ZONE_SET,
)
from idp.factor_policy.permissions import FactorPolicyPermission
from idp.factor_policy.rules import (
    MOST_GRACE_DAYS,
    MOST_SPARED_DAYS,
    OUTSIDE,
    Policy,
    Rule,
    RuleKind,
    Zone,
    read_policy,
)
from idp.factor_policy.tables import factor_rule, network_zone

MOST_NETWORKS = 50
_PROVINCE = InPlace("")
_NAME_FORM = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


def put_rule(tx: Connection, actor: Actor, kind: RuleKind, target: str, days: int) -> bool:
    """Set a rule, or its days; False where it is so already.

    Raises Forbidden, Invalid(``factor_rule.*``).
    """
    require(tx, actor, FactorPolicyPermission.WRITE, _PROVINCE)
    policy = _take(tx)
    _check(tx, policy, kind, target, days)
    before = find_rule(policy, kind, target)
    if before is not None and before.days == days:
        return False
    row = {
        "kind": kind,
        "target": target,
        "days": days,
        "changed_by": actor.tag,
        "changed_at": now_ms(),
    }
    put = upsert(tx, factor_rule).values(row)
    columns = factor_rule.c
    tx.execute(put.on_conflict_do_update(index_elements=[columns.kind, columns.target], set_=row))
    record(tx, FACTOR_RULE_SET, actor, sort=kind, target=target, days=days)
    return True


def remove_rule(tx: Connection, actor: Actor, kind: str, target: str) -> None:
    """The rule holds no longer. Raises Forbidden, NotFound."""
    require(tx, actor, FactorPolicyPermission.WRITE, _PROVINCE)
    before = find_rule(_take(tx), kind, target)
    if before is None:
        raise NotFound(errors.FACTOR_RULE_UNKNOWN)
    columns = factor_rule.c
    tx.execute(delete(factor_rule).where(columns.kind == kind, columns.target == target))
    record(tx, FACTOR_RULE_REMOVED, actor, sort=before.kind, target=before.target, days=before.days)


def put_zone(tx: Connection, actor: Actor, name: str, networks: Iterable[str]) -> bool:
    """Name a network, or change what it is; False where it is so already.

    Raises Forbidden, Invalid(``network_zone.*``).
    """
    require(tx, actor, FactorPolicyPermission.WRITE, _PROVINCE)
    told = require_zone(name, networks)
    before = find_zone(_take(tx), name)
    if before is not None and before.networks == told:
        return False
    row = {
        "name": name,
        "networks": " ".join(told),
        "changed_by": actor.tag,
        "changed_at": now_ms(),
    }
    put = upsert(tx, network_zone).values(row)
    tx.execute(put.on_conflict_do_update(index_elements=[network_zone.c.name], set_=row))
    was = ", ".join(before.networks) if before else ""
    record(tx, NETWORK_ZONE_SET, actor, name=name, networks=", ".join(told), before=was)
    return True


def remove_zone(tx: Connection, actor: Actor, name: str) -> None:
    """Forget a network that no rule names. Raises Forbidden, NotFound, Conflict."""
    require(tx, actor, FactorPolicyPermission.WRITE, _PROVINCE)
    policy = _take(tx)
    before = find_zone(policy, name)
    if before is None:
        raise NotFound(errors.NETWORK_ZONE_UNKNOWN)
    if find_rule(policy, "network", name) is not None:
        raise Conflict(errors.NETWORK_ZONE_USED)
    tx.execute(delete(network_zone).where(network_zone.c.name == name))
    record(tx, NETWORK_ZONE_REMOVED, actor, name=name, networks=", ".join(before.networks))


def find_zone(policy: Policy, name: str) -> Zone | None:
    """The network of that name."""
    return next((zone for zone in policy.zones if zone.name == name), None)


def _take(tx: Connection) -> Policy:
    """The policy, which nobody else changes until `tx` ends."""
    take_advisory_lock(tx, "factor_policy", "")
    return read_policy(tx)


def find_rule(policy: Policy, kind: str, target: str) -> Rule | None:
    """The rule of that kind about that target."""
    wanted = (kind, target)
    return next((rule for rule in policy.rules if (rule.kind, rule.target) == wanted), None)


def require_form(kind: RuleKind, target: str, days: int) -> None:
    """Raises Invalid(``factor_rule.*``) for what no rule says, whatever there is."""
    least, most = (1, MOST_SPARED_DAYS) if kind == "device" else (0, MOST_GRACE_DAYS)
    if not least <= days <= most:
        raise Invalid(errors.FACTOR_RULE_DAYS, field="days", least=least, most=most)
    if kind in ("role", "device") and _application_of(kind, target) == ADMIN_APPLICATION:
        raise Invalid(errors.FACTOR_RULE_OWN_APPLICATION, field=kind)


def _check(tx: Connection, policy: Policy, kind: RuleKind, target: str, days: int) -> None:
    require_form(kind, target, days)
    application = _application_of(kind, target)
    if kind == "role" and find_role(tx, application, target.rpartition(":")[2]) is None:
        raise Invalid(errors.FACTOR_RULE_ROLE, field="role", value=target)
    if kind == "device" and applications.find(tx, target) is None:
        raise Invalid(errors.FACTOR_RULE_APPLICATION, field="device", value=target)
    if kind == "network" and target != OUTSIDE and find_zone(policy, target) is None:
        raise Invalid(errors.FACTOR_RULE_NETWORK, field="network", value=target)


def _application_of(kind: RuleKind, target: str) -> str:
    return target.rpartition(":")[0] if kind == "role" else target


def require_zone(name: str, networks: Iterable[str]) -> tuple[str, ...]:
    """The address ranges of a network, each written in its one way.

    Raises Invalid(``network_zone.*``).
    """
    if not _NAME_FORM.fullmatch(name) or name == OUTSIDE:
        raise Invalid(errors.NETWORK_ZONE_NAME, field="name")
    found = []
    for text in networks:
        try:
            found.append(str(ipaddress.ip_network(text.strip(), strict=False)))
        except ValueError as error:
            refusal = Invalid(errors.NETWORK_ZONE_NETWORKS, field="networks", most=MOST_NETWORKS)
            raise refusal from error
    told = tuple(dict.fromkeys(found))
    if not 0 < len(told) <= MOST_NETWORKS:
        raise Invalid(errors.NETWORK_ZONE_NETWORKS, field="networks", most=MOST_NETWORKS)
    return told
