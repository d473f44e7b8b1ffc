"""What the rules are about, as it is called, and what a change makes of them, in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.authz import applications
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.roles import Role, list_roles
from directory.errors import Words
from idp.factor_policy.changes import Change, RuleChange, ZoneChange
from idp.factor_policy.rules import KINDS, LIMIT_KINDS, OUTSIDE

OUTSIDE_WORDS = Words("Bên ngoài mọi vùng mạng có tên", "Outside all named networks")
_NOTHING = Words("không có", "none")


@dataclass(frozen=True)
class Choices:
    """What a rule may be about, by target."""

    applications: Mapping[str, Words]
    roles: Mapping[str, Words]


def list_choices(tx: Connection) -> Choices:
    """Applications and roles that a rule may be about."""
    named = {
        each.id: Words(each.name, each.name)
        for each in applications.list_applications(tx)
        if each.id != ADMIN_APPLICATION
    }
    roles = [each for each in list_roles(tx) if each.retired_at is None]
    return Choices(named, _name_roles(roles, named))


def name_targets(tx: Connection, changes: Iterable[Change]) -> Mapping[str, Words]:
    """What targets of these changes are called; one without a name here is its own."""
    rules = [each for each in changes if isinstance(each, RuleChange)]
    of_roles = {each.target.rpartition(":")[0] for each in rules if each.kind == "role"}
    wanted = of_roles | {each.target for each in rules if each.kind == "device"}
    known = applications.list_these(tx, wanted)
    named = {each.id: Words(each.name, each.name) for each in known}
    roles = list_roles(tx) if of_roles else ()
    return {**_name_roles(roles, named), **named, OUTSIDE: OUTSIDE_WORDS}


def _name_roles(roles: Iterable[Role], named: Mapping[str, Words]) -> Mapping[str, Words]:
    return {
        f"{each.application_id}:{each.name}": Words(
            f"{named[each.application_id].vi}: {each.title_vi}",
            f"{named[each.application_id].en}: {each.title_en or each.title_vi}",
        )
        for each in roles
        if each.application_id in named
    }


def sentence_of(change: Change, was: Change, named: Mapping[str, Words]) -> Words:
    """What the change makes of what there was."""
    what, old, new = _called(change, named), _value(was), _value(change)
    if isinstance(change, RuleChange) and change.kind in LIMIT_KINDS:
        return Words(
            f"Giới hạn phiên đăng nhập, {what.vi}: từ “{old.vi}” thành “{new.vi}”",
            f"Limit of sessions, {what.en}: from “{old.en}” to “{new.en}”",
        )
    return Words(
        f"Xác thực hai lớp, {what.vi}: từ “{old.vi}” thành “{new.vi}”",
        f"Two factors, {what.en}: from “{old.en}” to “{new.en}”",
    )


def _called(change: Change, named: Mapping[str, Words]) -> Words:
    if isinstance(change, ZoneChange):
        return Words(f"vùng mạng {change.name}", f"network {change.name}")
    kind, target = KINDS[change.kind], change.target
    if not target:
        return Words(kind.vi.lower(), kind.en.lower())
    called = named.get(target, Words(target, target))
    return Words(f"{kind.vi.lower()} ({called.vi})", f"{kind.en.lower()} ({called.en})")


def _value(change: Change) -> Words:
    if isinstance(change, ZoneChange):
        ranges = ", ".join(change.networks)
        return Words(ranges, ranges) if ranges else _NOTHING
    if change.days is None:
        return _NOTHING
    if change.kind == "device":
        return Words(f"miễn trong {change.days} ngày", f"spared for {change.days} days")
    if change.kind in LIMIT_KINDS:
        return Words(f"{change.days} phút", f"{change.days} minutes")
    return _time_of(change)


def _time_of(change: RuleChange) -> Words:
    if not change.days:
        return Words("bắt buộc ngay", "wanted at once")
    return Words(f"bắt buộc sau {change.days} ngày", f"wanted after {change.days} days")
