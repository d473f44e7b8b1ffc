"""Grants: named by role, holder and place, as nobody holds one of them twice. What a second person
must approve waits for that here too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import true

from admin_ui.operations.declared import positions, roles
from admin_ui.operations.declared.document import Declared, Field
from admin_ui.operations.declared.errors import (
    DECLARED_HOLDER,
    DECLARED_POST,
    DECLARED_UNKNOWN,
)
from admin_ui.operations.declared.planning import (
    AGENCY,
    CODE,
    NOTHING_MORE,
    POSITION,
    ROLE,
    Doing,
    Done,
    Planning,
    Step,
)
from directory.access.asking import give_or_ask, renew_or_ask
from directory.access.request_kinds import GRANT
from directory.authz import codes
from directory.authz import grants as service
from directory.authz.grants import Grant, HolderKind
from directory.authz.positions import find_holder, find_position
from directory.clock import today
from directory.projection import queries
from directory.requests.register import RequestQuestion, list_requests

SECTION = "grants"
_POST = (
    Field("person", is_required=True),
    Field("agency", is_required=True),
    Field("unit"),
    Field("title"),
)
FIELDS = (
    Field("role", is_required=True),
    Field("person"),
    Field("post", "parts", parts=_POST),
    Field("position", "parts", parts=positions.NAMED_BY),
    Field("in", is_required=True),
    Field("field"),
    Field("procedure"),
    Field("from"),
    Field("until"),
    Field("basis"),
    Field("reason"),
    Field("absent", "flag"),
)
_ENDLESS = "none"
_MOST_WAITING = 10_000
# What makes two grants the same.
_KEY = ("application_id", "role", "holder_kind", "holder_id", "agency_id", "field", "procedure")


def plan(planning: Planning, things: Sequence[Declared]) -> list[Step]:
    """Given, given for another term, or taken back where they are to be absent."""
    if not things:
        return []
    open_ones = list_requests(
        planning.tx, RequestQuestion("open", GRANT.name), true(), limit=_MOST_WAITING
    )
    waiting = {_key(asked.payload) for asked in open_ones}
    return [step for each in things if (step := _step(planning, each, waiting))]


def _key(of: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(of.get(name, "") for name in _KEY)


def _step(planning: Planning, each: Declared, waiting: set[tuple[Any, ...]]) -> Step | None:
    wanted = _wanted(planning, each)
    if wanted is None:
        return None
    called = f"{each.text('role')}, {_holder_told(each)}, {each.text('in')}"
    standing = service.find_same(planning.tx, wanted)
    if each.is_absent:
        return _withdrawn(planning, each, standing, called)
    if standing is not None:
        return _kept(planning, each, standing, called)
    if _key(vars(wanted)) in waiting:
        return Step(SECTION, called, each.line, "waiting")
    planning.reason(each)

    def give(doing: Doing) -> Done:
        end = wanted.end
        if not each.says("until"):
            end = service.default_end(
                doing.shared, wanted.application_id, wanted.role, wanted.start
            )
        given = give_or_ask(doing.shared, doing.actor, replace(wanted, end=end))
        return Done(request_id=given.request_id)

    return Step(SECTION, called, each.line, "create", carry_out=give)


def _wanted(planning: Planning, each: Declared) -> Grant | None:
    application, role = roles.split(each.text("role"))
    if not roles.is_there(planning, each.text("role")):
        planning.fault(DECLARED_UNKNOWN, each, what=ROLE, value=each.text("role"))
    for code_list in ("field", "procedure"):
        code = each.text(code_list)
        is_there = (code_list, code) in planning.codes
        if code and not is_there and codes.find_code(planning.tx, code_list, code) is None:
            planning.fault(DECLARED_UNKNOWN, each, what=CODE, value=f"{code_list} {code}")
    place = planning.place(each, each.text("in"), AGENCY)
    holder = _holder(planning, each)
    if place is None or holder is None:
        return None
    until = each.text("until")
    return Grant(
        application_id=application,
        role=role,
        holder_kind=holder[0],
        holder_id=holder[1],
        agency_id=place.id,
        reason=each.text("reason"),
        field=each.text("field"),
        procedure=each.text("procedure"),
        start=each.text("from"),
        end="" if until == _ENDLESS else until,
        basis=each.text("basis"),
    )


def _holder(planning: Planning, each: Declared) -> tuple[HolderKind, str] | None:
    named = [kind for kind in ("person", "post", "position") if each.says(kind)]
    if len(named) != 1:
        planning.fault(DECLARED_HOLDER, each)
        return None
    if named == ["person"]:
        person = planning.person(each, each.text("person"))
        return ("person", person.id) if person else None
    if named == ["post"]:
        return _post(planning, each, each.values["post"])
    return _position(planning, each, each.values["position"])


def _position(
    planning: Planning, each: Declared, said: Mapping[str, str]
) -> tuple[HolderKind, str] | None:
    agency, unit, name = (said.get(part, "") for part in ("agency", "unit", "name"))
    key = positions.key_of(planning, each, agency, unit, name)
    if key is None:
        return None
    found = positions.find_id(planning, key)
    if not found:
        planning.fault(DECLARED_UNKNOWN, each, what=POSITION, value=name)
        return None
    return ("position", found)


def _post(
    planning: Planning, each: Declared, said: Mapping[str, str]
) -> tuple[HolderKind, str] | None:
    agency, unit = said.get("agency", ""), said.get("unit", "")
    person = planning.person(each, said.get("person", ""))
    place = positions.find_place(planning, each, agency, unit)
    if person is None or place is None:
        return None
    now, title = today().isoformat(), said.get("title", "")
    found = [
        post
        for post in person.posts
        if post.place_id == place.id
        and (not post.end or post.end >= now)
        and title in ("", post.title)
    ]
    if len(found) != 1:
        planning.fault(DECLARED_POST, each, value=person.username, count=len(found))
        return None
    return ("post", found[0].id)


def _holder_told(each: Declared) -> str:
    if each.says("person"):
        return each.text("person")
    said = each.values.get("post") or each.values.get("position") or {}
    return ", ".join(filter(None, map(str, said.values())))


def _kept(planning: Planning, each: Declared, standing: Grant, called: str) -> Step:
    changes = {}
    until = "" if each.text("until") == _ENDLESS else each.text("until")
    if each.says("until") and until != standing.end:
        changes["until"] = (standing.end or _ENDLESS, until or _ENDLESS)
    if each.says("basis") and each.text("basis") != standing.basis:
        changes["basis"] = (standing.basis, each.text("basis"))
    if not changes:
        return Step(SECTION, called, each.line, "same")
    reason = planning.reason(each)
    end = until if each.says("until") else standing.end

    def renew(doing: Doing) -> Done:
        given = renew_or_ask(
            doing.shared, doing.actor, standing.id, end, reason, each.text("basis")
        )
        return Done(request_id=given.request_id)

    return Step(SECTION, called, each.line, "change", changes, carry_out=renew)


def _withdrawn(planning: Planning, each: Declared, standing: Grant | None, called: str) -> Step:
    if standing is None:
        return Step(SECTION, called, each.line, "same")
    reason = planning.reason(each)

    def revoke(doing: Doing) -> Done:
        service.revoke_grant(doing.shared, doing.actor, standing.id, reason)
        return NOTHING_MORE

    return Step(SECTION, called, each.line, "remove", carry_out=revoke)


def export(planning: Planning, within: str) -> list[dict[str, Any]]:
    """Those that hold today, or will, in a place or everywhere."""
    now, places = today().isoformat(), planning.places
    found = [
        grant
        for grant in service.list_grants(planning.tx)
        if (not grant.end or grant.end >= now)
        and (not within or places.lies_under(grant.agency_id, within))
    ]
    people = {grant.holder_id for grant in found if grant.holder_kind == "person"}
    names = queries.list_names(planning.tx, people)
    told = []
    for grant in found:
        holder = _exported_holder(planning, grant, names)
        place = places.ref(grant.agency_id)
        if holder is None or not place:
            continue
        told.append(
            {
                "role": f"{grant.application_id}:{grant.role}",
                **holder,
                "in": place,
                "field": grant.field,
                "procedure": grant.procedure,
                "from": grant.start,
                "until": grant.end or _ENDLESS,
                "basis": grant.basis,
                "reason": grant.reason,
            }
        )
    return sorted(told, key=lambda one: (one["role"], one["in"], str(one)))


def _exported_holder(
    planning: Planning, grant: Grant, names: Mapping[str, tuple[str, str]]
) -> dict[str, Any] | None:
    """What a file names the holder by; None for one that is not there any more."""
    if grant.holder_kind == "person":
        return {"person": names[grant.holder_id][1]} if grant.holder_id in names else None
    if grant.holder_kind == "position":
        found = find_position(planning.tx, grant.holder_id)
        if found is None or found.closed_at is not None:
            return None
        return {"position": _without_nothing(positions.named(planning, found))}
    whose = find_holder(planning.tx, grant.holder_id)
    person = queries.person(planning.tx, whose) if whose else None
    post = next((p for p in person.posts if p.id == grant.holder_id), None) if person else None
    if person is None or post is None:
        return None
    agency, unit = planning.places.ref(post.agency_id), planning.places.ref(post.unit_id)
    said = {
        "person": person.username,
        "agency": agency,
        "unit": unit.removeprefix(f"{agency}/"),
        "title": post.title,
    }
    return {"post": _without_nothing(said)}


def _without_nothing(said: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in said.items() if value}
