"""Who proves two factors where: rules, and the networks they name. They are the province's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from admin_ui.operations.declared import roles
from admin_ui.operations.declared.applications import said
from admin_ui.operations.declared.document import Declared, Field
from admin_ui.operations.declared.errors import (
    DECLARED_FIELD,
    DECLARED_MISSING,
    DECLARED_POLICY,
    DECLARED_REFUSED,
    DECLARED_RULE,
    DECLARED_UNKNOWN,
)
from admin_ui.operations.declared.planning import (
    APPLICATION,
    NETWORK,
    NOTHING_MORE,
    ROLE,
    Action,
    Doing,
    Done,
    Planning,
    Step,
    shown,
)
from directory.authz import applications
from directory.errors import Invalid, Words
from idp.factor_policy import service
from idp.factor_policy.changes import find_rule, find_zone
from idp.factor_policy.rules import (
    LIMIT_KINDS,
    OF_ROLES,
    OUTSIDE,
    Policy,
    Rule,
    RuleKind,
    read_policy,
    rule_ref,
    split_rule_ref,
)

SECTION = "policies"
FIELDS = (
    Field("rule"),
    Field("days", "whole"),
    Field("minutes", "whole"),
    Field("network"),
    Field("ranges", "texts"),
    Field("absent", "flag"),
)
# What is said of the one and of the other.
_OF_RULES, _OF_NETWORKS = ("rule", "days", "minutes", "absent"), ("network", "ranges", "absent")


def plan(planning: Planning, things: Sequence[Declared]) -> list[Step]:
    """Networks come before the rules that name them, and go after them."""
    policy = read_policy(planning.tx)
    judged = [each for each in things if _is_one_thing(planning, each)]
    networks = [each for each in judged if each.says("network")]
    there = {zone.name for zone in policy.zones} | {OUTSIDE}
    there |= {each.text("network") for each in networks if not each.is_absent}
    steps = [_network(planning, each, policy) for each in networks if not each.is_absent]
    steps += [_rule(planning, each, policy, there) for each in judged if each.says("rule")]
    steps += [_network_gone(each, policy) for each in networks if each.is_absent]
    return [step for step in steps if step is not None]


def _is_one_thing(planning: Planning, each: Declared) -> bool:
    if each.says("rule") == each.says("network"):
        planning.fault(DECLARED_POLICY, each)
        return False
    known = _OF_RULES if each.says("rule") else _OF_NETWORKS
    others = [name for name in each.values if name not in known]
    for name in others:
        planning.fault(DECLARED_FIELD, each, name=name, known=", ".join(known))
    return not others


def _rule(planning: Planning, each: Declared, policy: Policy, networks: set[str]) -> Step | None:
    ref = split_rule_ref(each.text("rule"))
    if ref is None:
        planning.fault(DECLARED_RULE, each, value=each.text("rule"))
        return None
    kind, target = ref
    known = find_rule(policy, kind, target)
    if each.is_absent:
        return _rule_gone(each, known)
    called = rule_ref(kind, target)
    before = known.days if known else 0
    unit, other = ("minutes", "days") if kind in LIMIT_KINDS else ("days", "minutes")
    if each.says(other):
        planning.fault(DECLARED_FIELD, each, name=other, known=f"rule, {unit}, absent")
        return None
    days: int = each.values.get(unit, before)
    if known is not None and days == before:
        return Step(SECTION, called, each.line, "same")
    _judge(planning, each, lambda: service.require_form(kind, target, days))
    _require_target(planning, each, ref, networks)
    changes = {unit: (shown(before), shown(days))} if known is not None else {}

    def put(doing: Doing) -> Done:
        outcome = service.put_rule(doing.shared, doing.actor, kind, target, days)
        return Done(request_id=outcome.request_id)

    action: Action = "create" if known is None else "change"
    return Step(SECTION, called, each.line, action, changes, carry_out=put)


def _rule_gone(each: Declared, known: Rule | None) -> Step:
    if known is None:
        return Step(SECTION, each.text("rule"), each.line, "same")

    def remove(doing: Doing) -> Done:
        outcome = service.remove_rule(doing.shared, doing.actor, known.kind, known.target)
        return Done(request_id=outcome.request_id)

    return Step(SECTION, each.text("rule"), each.line, "remove", carry_out=remove)


def _require_target(
    planning: Planning, each: Declared, ref: tuple[RuleKind, str], networks: set[str]
) -> None:
    """Note a fault where what the rule is about is neither there nor in the file."""
    kind, target = ref
    missing: Words | None = None
    if kind in OF_ROLES and not roles.is_there(planning, target):
        missing = ROLE
    if kind == "network" and target not in networks:
        missing = NETWORK
    if kind == "device" and target not in planning.applications:
        missing = None if applications.find(planning.tx, target) else APPLICATION
    if missing is not None:
        planning.fault(DECLARED_UNKNOWN, each, what=missing, value=target)


def _network(planning: Planning, each: Declared, policy: Policy) -> Step | None:
    name = each.text("network")
    called = _called(name)
    known = find_zone(policy, name)
    if known is None and not each.says("ranges"):
        planning.fault(DECLARED_MISSING, each, name="ranges")
        return None
    if not each.says("ranges"):
        return Step(SECTION, called, each.line, "same")
    ranges: tuple[str, ...] = each.values["ranges"]
    if not _judge(planning, each, lambda: service.require_zone(name, ranges)):
        return None
    before, wanted = known.networks if known else (), service.require_zone(name, ranges)
    if before == wanted:
        return Step(SECTION, called, each.line, "same")
    changes = {"ranges": (shown(before), shown(wanted))} if known else {}

    def put(doing: Doing) -> Done:
        outcome = service.put_zone(doing.shared, doing.actor, name, wanted)
        return Done(request_id=outcome.request_id)

    action: Action = "change" if known else "create"
    return Step(SECTION, called, each.line, action, changes, carry_out=put)


def _network_gone(each: Declared, policy: Policy) -> Step:
    name = each.text("network")
    if find_zone(policy, name) is None:
        return Step(SECTION, _called(name), each.line, "same")

    def remove(doing: Doing) -> Done:
        service.remove_zone(doing.shared, doing.actor, name)
        return NOTHING_MORE

    return Step(SECTION, _called(name), each.line, "remove", carry_out=remove)


def _judge(planning: Planning, each: Declared, require: Callable[[], object]) -> bool:
    try:
        require()
    except Invalid as refused:
        planning.fault(DECLARED_REFUSED, each, why=said(refused))
        return False
    return True


def _called(network: str) -> str:
    """No rule is called so, whatever the network's name is."""
    return f"network {network}"


def export(planning: Planning, within: str) -> list[dict[str, Any]]:
    """All of them; none where only a place is asked for."""
    if within:
        return []
    policy = read_policy(planning.tx)
    told: list[dict[str, Any]] = [
        {"network": zone.name, "ranges": list(zone.networks)} for zone in policy.zones
    ]
    told += [
        {"rule": rule_ref(r.kind, r.target), "minutes" if r.minutes else "days": r.days}
        for r in policy.rules
    ]
    return told
