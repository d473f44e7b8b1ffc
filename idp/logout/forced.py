"""Signing people out by force: everybody of a place, everybody in an application, or one person.

What ends is every session of each of these people, whatever they entered: they sign in again. At
our endpoints that counts with the commit; the worker tells the applications
(`idp.logout.dead_sessions`) within seconds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from directory.actor import Actor
from directory.audit.log import client_tag, person_tag, record
from directory.authz import applications
from directory.authz.decisions import decide, require
from directory.authz.errors import APPLICATION_UNKNOWN
from directory.authz.objects import InPlace, OfPerson
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.roles import read_reach, roles_of_each
from directory.authz.scopes import (
    Scope,
    accounts_of_actor,
    find_placed,
    narrowed_to,
    scope_of,
)
from directory.catalogue.errors import AGENCY_UNKNOWN, PERSON_UNKNOWN
from directory.clock import today
from directory.errors import Conflict, Invalid, NotFound
from directory.projection import queries
from directory.projection.apply import end_sessions_of
from idp.clients.service import connections_of
from idp.logout.errors import SESSION_NONE, SESSION_REASON
from idp.logout.events import SESSIONS_FORCED
from idp.logout.permissions import SessionPermission
from idp.sessions import store as sessions

Whose = Literal["person", "agency", "application"]
MOST_REASON_CHARS = 300


@dataclass(frozen=True, slots=True)
class Target:
    """Whose sessions are meant: of one person, of the people of a place and all under it, of
    whoever is in an application. `id`: theirs."""

    whose: Whose
    id: str


@dataclass(frozen=True, slots=True)
class Effects:
    """What ending them does. `name`: of the target; `told`: the applications that are told, by
    name; `untold`: those that cannot be, where people may stay signed in until their own session
    ends. `spared`: how many people are left out, whom the actor has no such power over."""

    name: str
    people: int
    sessions: int
    told: Sequence[str]
    untold: Sequence[str]
    spared: int


@dataclass(frozen=True, slots=True)
class _Found:
    name: str
    sessions: Mapping[str, int]  # by person
    spared: int


def foresee(tx: Connection, actor: Actor, target: Target) -> Effects:
    """What `end` would do now. Raises NotFound for what is not the actor's to know, Forbidden."""
    found = _find(tx, actor, target)
    names = _applications_of(tx, found.sessions)
    return Effects(
        found.name,
        len(found.sessions),
        sum(found.sessions.values()),
        sorted(name for name, is_told in names.items() if is_told),
        sorted(name for name, is_told in names.items() if not is_told),
        found.spared,
    )


def end(tx: Connection, actor: Actor, target: Target, reason: str) -> tuple[int, int]:
    """End them all; gives how many people and sessions. Raises as `foresee`,
    Invalid(``session.reason``), Conflict(``session.none``)."""
    found = _find(tx, actor, target)  # what is not theirs to know is not there, whatever was sent
    if not reason.strip():
        raise Invalid(SESSION_REASON, field="reason")
    if not found.sessions:
        raise Conflict(SESSION_NONE)
    end_sessions_of(tx, found.sessions)
    people, count = len(found.sessions), sum(found.sessions.values())
    subject, agency = _filed(tx, target)
    record(
        tx,
        SESSIONS_FORCED,
        actor,
        subject=subject,
        agency=agency,
        whose=target.whose,
        people=people,
        sessions=count,
        spared=found.spared,
        reason=reason.strip()[:MOST_REASON_CHARS],
    )
    return people, count


def _find(tx: Connection, actor: Actor, target: Target) -> _Found:
    is_any = scope_of(tx, actor, SessionPermission.END_ANY).everywhere
    if target.whose == "person":
        return _of_person(tx, actor, target.id, is_any=is_any)
    scope = scope_of(tx, actor, SessionPermission.END)
    if scope.is_empty:
        require(tx, actor, SessionPermission.END, InPlace(target.id))
    if target.whose == "agency":
        name, found = _of_agency(tx, scope, target.id)
    else:
        name, found = _of_application(tx, scope, target.id)
    spared = _without_power(tx, actor, found, is_any=is_any)
    left = {each: count for each, count in found.items() if each not in spared}
    return _Found(name, left, len(spared))


def _of_person(tx: Connection, actor: Actor, person_id: str, *, is_any: bool) -> _Found:
    about = OfPerson(person_id)
    may = decide(tx, actor, SessionPermission.END, about)
    person = queries.person(tx, person_id)
    if person is None or may.reason == "out_of_scope":
        raise NotFound(PERSON_UNKNOWN)
    if not may.allowed and not (is_any and may.reason == "more_power"):
        require(tx, actor, SessionPermission.END, about)
    count = sessions.count_living_of(tx, person_id)
    return _Found(person.full_name, {person_id: count} if count else {}, 0)


def _of_agency(tx: Connection, scope: Scope, place_id: str) -> tuple[str, Mapping[str, int]]:
    place = queries.read_places(tx, [place_id])[place_id].agency if place_id else None
    narrowed = narrowed_to(tx, scope, place_id) if place is not None else None
    if place is None or narrowed is None:
        raise NotFound(AGENCY_UNKNOWN)
    return place.name, sessions.count_living(tx, Scope(False, frozenset({place_id})))


def _of_application(tx: Connection, scope: Scope, client_id: str) -> tuple[str, Mapping[str, int]]:
    app, placed = applications.find(tx, client_id), find_placed(tx, scope, client_id)
    if app is None or placed is None or not placed.is_near:
        raise NotFound(APPLICATION_UNKNOWN, value=client_id)
    return app.name, sessions.count_living(tx, scope, client_id)


def _without_power(
    tx: Connection, actor: Actor, people: Collection[str], *, is_any: bool
) -> frozenset[str]:
    """Those whom the actor may not sign out: themselves, and who has power that they could not
    give. Only who administers, with whichever account, is looked at one by one."""
    own = accounts_of_actor(tx, actor) if actor.kind == "person" else frozenset[str]()
    spared = own.intersection(people)
    if is_any or not people:
        return spared
    holders = set(roles_of_each(tx, people, ADMIN_APPLICATION, today().isoformat()))
    holders |= queries.list_owners(tx, people)
    action, looked_at = SessionPermission.END, holders & set(people)
    queries.read_placed_people(tx, looked_at)
    read_reach(tx, looked_at, ADMIN_APPLICATION, today().isoformat())
    return spared | {
        each for each in looked_at if not decide(tx, actor, action, OfPerson(each)).allowed
    }


def _applications_of(tx: Connection, people: Collection[str]) -> Mapping[str, bool]:
    """The applications that these people entered in sessions nobody ended, by name: whether each
    is told when they end. One that is gone or disabled has nothing to be told."""
    found = connections_of(tx, sessions.entered_by(tx, people)).values()
    enabled = [each for each in found if each is not None and not each.disabled_at]
    return {each.name: bool(each.backchannel_logout_uri) for each in enabled}


def _filed(tx: Connection, target: Target) -> tuple[str, str]:
    """What the event is about, and of whose place."""
    if target.whose == "person":
        return person_tag(target.id), queries.home_agency_of(tx, target.id)
    if target.whose == "agency":
        return InPlace(target.id).tag, target.id
    return client_tag(target.id), ""
