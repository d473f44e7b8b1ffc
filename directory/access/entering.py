"""Asking to be let into an application, from the page that says one may not enter it.

What the application wants says who decides: where holders of its roles enter, those who may give
one of them, and the one who approves chooses which; where agencies enter, the province, which opens
it to the agency of whoever asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from directory.access.asking import foresee_giving, give_or_ask
from directory.access.errors import ENTRY_MANY_ASKED, ENTRY_NOT_MISSING, ENTRY_ROLE
from directory.access.request_kinds import ENTER
from directory.actor import Actor
from directory.audit.log import person_tag
from directory.authz import applications, grants
from directory.authz.applications import Application
from directory.authz.decisions import decide
from directory.authz.grants import Grant, object_of
from directory.authz.objects import InPlace, OfApplication
from directory.authz.permissions import ApplicationPermission, GrantPermission
from directory.authz.roles import Role, list_roles
from directory.catalogue.person import home_agency
from directory.clock import DAY, now_ms, today
from directory.errors import Conflict, Invalid, TooMany, Words
from directory.projection import queries
from directory.requests import service
from directory.requests.errors import REQUEST_OPEN_ALREADY
from directory.requests.register import Request, State, count_asked_since, list_asked_by
from directory.requests.service import Asking

MOST_A_DAY = 10  # of one person, whatever became of them
SHOWN_DAYS = 30
_MOST_SHOWN = 10
CAN_BE_ASKED = frozenset({"no_role", "other_agency"})
"""The reasons of a refusal that a request may end (`directory.authz.decisions`)."""


@dataclass(frozen=True)
class EntryRequest:
    """What somebody asked, as they are told of it: `remark` of whoever decided."""

    application: str
    state: State
    asked_at: int
    decided_at: int
    remark: str


def ask_to_enter(tx: Connection, actor: Actor, application_id: str, reason: str) -> Request:
    """Ask for oneself.

    Raises Conflict(``entry.not_missing``) where nothing can be given that is missing, Conflict
    (``request.open_already``), TooMany, and as `directory.requests.service.ask`.
    """
    app = _shut_application(tx, actor.id, application_id)
    if find_open(tx, actor.id, app.id) is not None:
        raise Conflict(REQUEST_OPEN_ALREADY)
    _require_few_of_day(tx, actor)
    home = queries.home_agency_of(tx, actor.id)
    place = _decided_in(tx, app, home)
    payload = {"application_id": app.id, "person_id": actor.id, "home": home, "place": place}
    asking = Asking(
        subject=person_tag(actor.id),
        agency_id=place,
        reason=reason,
        payload=payload,
        asked_for=person_tag(actor.id),
    )
    return service.ask(tx, actor, ENTER, asking)


def find_open(tx: Connection, person_id: str, application_id: str) -> Request | None:
    """The request of that person for that application which waits to be decided, or None."""
    found = _of_person(tx, person_id)
    return next(
        (
            each
            for each in found
            if each.state == "open" and each.payload["application_id"] == application_id
        ),
        None,
    )


def list_of_person(tx: Connection, person_id: str) -> Sequence[EntryRequest]:
    """What the person asked, newest first: what waits, and what was decided of late."""
    found = _of_person(tx, person_id)[:_MOST_SHOWN]
    if not found:
        return ()
    names = {each: app.name for each, app in _applications(tx, found).items()}
    return [
        EntryRequest(
            names.get(each.payload["application_id"], ""),
            each.state,
            each.asked_at,
            each.decided_at,
            each.decision_reason if each.state in ("approved", "refused") else "",
        )
        for each in found
    ]


def about(payload: Mapping[str, Any]) -> InPlace:
    """The place whose administrators decide."""
    return InPlace(payload["place"])


def describe(tx: Connection, payloads: Sequence[Mapping[str, Any]]) -> Sequence[Words]:
    """Who would enter what, and by what."""
    names = queries.list_names(tx, {payload["person_id"] for payload in payloads})
    places = queries.agencies_by_id(tx, sorted({each["home"] for each in payloads} - {""}))
    asked_of = {payload["application_id"] for payload in payloads}
    known = {app.id: app for app in applications.list_these(tx, asked_of)}

    def told(payload: Mapping[str, Any]) -> Words:
        app = known.get(payload["application_id"])
        name = app.name if app else payload["application_id"]
        who = "{} ({})".format(*names.get(payload["person_id"], ("…", "…")))
        home = places[payload["home"]].name if payload["home"] in places else "…"
        if app is not None and app.access == "agencies":
            return Words(
                f"Mở ứng dụng {name} cho {home}, nơi công tác của {who}.",
                f"Open {name} to {home}, where {who} works.",
            )
        return Words(
            f"Cho {who}, {home}, vào ứng dụng {name}: cấp một vai trò của ứng dụng.",
            f"Let {who} of {home} into {name}: give one of its roles.",
        )

    return [told(payload) for payload in payloads]


def choices(tx: Connection, approver: Actor, asked: Request) -> Mapping[str, Words]:
    """The roles that the approver may give, of which one is chosen; none where the application is
    opened to an agency."""
    app = applications.find(tx, asked.payload["application_id"])
    if app is None or app.access != "roles":
        return {}
    return {
        each.name: Words(each.title_vi, each.title_en or each.title_vi)
        for each in list_roles(tx, app.id)
        if _can_be_given(each)
        and decide(tx, approver, GrantPermission.WRITE, object_of(_grant(asked, each.name))).allowed
    }


def carry_out(tx: Connection, approver: Actor, asked: Request) -> str:
    """Give what is missing; gives the id of the request that a second person decides, for a role
    that two give. Raises Conflict(``entry.not_missing``), Invalid(``entry.role``), and as giving
    the role or opening the application does."""
    app, home = _missing(tx, asked)
    if app.access == "agencies":
        applications.describe(tx, approver, app.id, agencies=(*app.agencies, home))
        return ""
    return give_or_ask(tx, approver, _chosen_grant(tx, app, asked)).request_id


def foresee(tx: Connection, approver: Actor, asked: Request) -> bool:
    """Whether a second person would decide; raises what `carry_out` would raise. Nothing is
    written."""
    app, home = _missing(tx, asked)
    if app.access == "agencies":
        applications.require_described(tx, approver, app.id, agencies=(*app.agencies, home))
        return False
    return foresee_giving(tx, approver, _chosen_grant(tx, app, asked)) == "asked"


def _missing(tx: Connection, asked: Request) -> tuple[Application, str]:
    """The application that somebody may not enter still, and the agency they are of."""
    person_id = asked.payload["person_id"]
    app = _shut_application(tx, person_id, asked.payload["application_id"])
    found = queries.placed_person(tx, person_id)
    home = home_agency(found.person, today().isoformat()) if found else ""
    # Whoever moved is asked for by their new place, if at all.
    if home != asked.payload["home"] or _decided_in(tx, app, home) != asked.payload["place"]:
        raise Conflict(ENTRY_NOT_MISSING)
    return app, home


def _chosen_grant(tx: Connection, app: Application, asked: Request) -> Grant:
    role = asked.payload.get("choice", "")
    if role not in {each.name for each in list_roles(tx, app.id) if _can_be_given(each)}:
        raise Invalid(ENTRY_ROLE, field="choice")
    return replace(_grant(asked, role), end=grants.default_end(tx, app.id, role))


def _grant(asked: Request, role: str) -> Grant:
    told = asked.payload
    return Grant(
        told["application_id"],
        role,
        "person",
        told["person_id"],
        told["home"],
        reason=asked.reason,
        basis=asked.basis,
    )


def _can_be_given(role: Role) -> bool:
    """Whether nothing else must be chosen with it."""
    return role.retired_at is None and "must" not in (role.by_field, role.by_procedure)


def _shut_application(tx: Connection, person_id: str, application_id: str) -> Application:
    """The application, which the person may not enter for want of what can be given."""
    about_it = OfApplication(application_id)
    decision = decide(tx, Actor("person", person_id), ApplicationPermission.ENTER, about_it)
    app = applications.find(tx, application_id)
    if app is None or decision.reason not in CAN_BE_ASKED:
        raise Conflict(ENTRY_NOT_MISSING)
    return app


def _decided_in(tx: Connection, app: Application, home: str) -> str:
    """The place whose administrators decide; empty: those of the province."""
    if app.access != "roles":
        return ""
    givers = {each.given_by for each in list_roles(tx, app.id) if _can_be_given(each)}
    if givers & {"agency", ""}:
        return home
    return app.owner_agency_id if "owner" in givers else ""


def _require_few_of_day(tx: Connection, actor: Actor) -> None:
    if count_asked_since(tx, actor.tag, ENTER.name, now_ms() - DAY) >= MOST_A_DAY:
        raise TooMany(ENTRY_MANY_ASKED, most=MOST_A_DAY)


def _of_person(tx: Connection, person_id: str) -> Sequence[Request]:
    since = now_ms() - SHOWN_DAYS * DAY
    return list_asked_by(tx, person_tag(person_id), ENTER.name, since)


def _applications(tx: Connection, found: Sequence[Request]) -> Mapping[str, Application]:
    ids = {each.payload["application_id"] for each in found}
    known = {each: applications.find(tx, each) for each in ids}
    return {each: app for each, app in known.items() if app is not None}
