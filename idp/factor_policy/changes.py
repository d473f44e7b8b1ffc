"""Changes of the rules, and the one place that says which of them weaken what is wanted."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from idp.factor_policy.rules import OUTSIDE, Policy, Rule, RuleKind, Zone

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule set to so many days (minutes, of a limit of sessions); `days` None: removed."""

    kind: RuleKind
    target: str
    days: int | None


@dataclass(frozen=True, slots=True)
class ZoneChange:
    """A network named, or made another; of no `networks`: forgotten."""

    name: str
    networks: tuple[str, ...]


Change = RuleChange | ZoneChange


def find_rule(policy: Policy, kind: str, target: str) -> Rule | None:
    """The rule of that kind about that target."""
    wanted = (kind, target)
    return next((rule for rule in policy.rules if (rule.kind, rule.target) == wanted), None)


def find_zone(policy: Policy, name: str) -> Zone | None:
    """The network of that name."""
    return next((zone for zone in policy.zones if zone.name == name), None)


def before(policy: Policy, change: Change) -> Change:
    """What there is now of what is changed: the change that brings it back."""
    if isinstance(change, ZoneChange):
        zone = find_zone(policy, change.name)
        return replace(change, networks=zone.networks if zone else ())
    rule = find_rule(policy, change.kind, change.target)
    return replace(change, days=rule.days if rule else None)


def after(policy: Policy, change: Change) -> Policy:
    """The policy with the change made."""
    if isinstance(change, ZoneChange):
        zones = [zone for zone in policy.zones if zone.name != change.name]
        named = [Zone(change.name, change.networks)] if change.networks else []
        return replace(policy, zones=[*zones, *named])
    ref = (change.kind, change.target)
    rules = [rule for rule in policy.rules if (rule.kind, rule.target) != ref]
    put = [] if change.days is None else [Rule(change.kind, change.target, change.days)]
    return replace(policy, rules=[*rules, *put])


def weakens(was: Policy, will_be: Policy) -> bool:
    """Whether somebody who must prove two factors now would not have to, or not so soon.

    Each rule is looked at by itself: one that another rule makes superfluous counts too, or two
    changes that are harmless one by one would be none together.
    """
    return (
        any(_is_weaker(will_be, rule) for rule in was.rules if rule.kind != "device")
        or any(_spares_more(was, rule) for rule in will_be.rules if rule.kind == "device")
        or any(_reaches_less(was, will_be, rule) for rule in was.rules if rule.kind == "network")
    )


def to_payload(change: Change, now: Change) -> dict[str, Any]:
    """What a request keeps: the change, and what there was when it was asked."""
    return {"change": _written(change), "before": _written(now)}


def from_payload(payload: Mapping[str, Any]) -> tuple[Change, Change]:
    """The change, and what there was, of what `to_payload` gave."""
    return _read(payload["change"]), _read(payload["before"])


def _is_weaker(will_be: Policy, rule: Rule) -> bool:
    """Whether the rule is gone, or gives more time."""
    same = find_rule(will_be, rule.kind, rule.target)
    return same is None or same.days > rule.days


def _spares_more(was: Policy, rule: Rule) -> bool:
    """Whether devices spare what they did not, or for longer."""
    same = find_rule(was, rule.kind, rule.target)
    return same is None or same.days < rule.days


def _reaches_less(was: Policy, will_be: Policy, rule: Rule) -> bool:
    """Whether somewhere that the rule reaches is in its network no more; "outside" is all that is
    in no named one, so it shrinks where those grow."""
    if rule.target == OUTSIDE:
        return not _covers(_networks(was.zones), _networks(will_be.zones))
    named = [find_zone(policy, rule.target) for policy in (was, will_be)]
    old, new = (_networks([zone] if zone else []) for zone in named)
    return not _covers(new, old)


def _networks(zones: Iterable[Zone]) -> list[Network]:
    return [ipaddress.ip_network(text) for zone in zones for text in zone.networks]


def _covers(wide: Iterable[Network], narrow: Collection[Network]) -> bool:
    """Whether every address of `narrow` is one of `wide`."""
    every = list(wide)
    four = [each for each in every if isinstance(each, ipaddress.IPv4Network)]
    six = [each for each in every if isinstance(each, ipaddress.IPv6Network)]
    whole: list[Network] = [
        *ipaddress.collapse_addresses(four),
        *ipaddress.collapse_addresses(six),
    ]
    return all(any(_lies_in(each, other) for other in whole) for each in narrow)


def _lies_in(one: Network, other: Network) -> bool:
    if isinstance(one, ipaddress.IPv4Network):
        return isinstance(other, ipaddress.IPv4Network) and one.subnet_of(other)
    return isinstance(other, ipaddress.IPv6Network) and one.subnet_of(other)


def _written(change: Change) -> dict[str, Any]:
    if isinstance(change, ZoneChange):
        return {"network": change.name, "ranges": list(change.networks)}
    return {"rule": change.kind, "target": change.target, "days": change.days}


def _read(written: Mapping[str, Any]) -> Change:
    if "network" in written:
        return ZoneChange(written["network"], tuple(written["ranges"]))
    return RuleChange(cast(RuleKind, written["rule"]), written["target"], written["days"])
