"""Who is here: the visitor of the current request, and what they may hold."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from admin_ui.web import sessions
from admin_ui.web.sessions import ConsoleSession
from directory.actor import Actor
from directory.authz.handles import EventsFor
from directory.authz.scopes import actions_of
from directory.clock import today
from directory.people.handles import PeopleFor
from directory.projection import queries
from idp.kit.state import current_kit
from idp.request import actor_here, current_house
from idp.sessions.person import SignedIn, read_signed_in

COOKIE = "session"


@dataclass(frozen=True)
class Visitor:
    """A signed-in administrator. `actions`: what they may do somewhere, read for this request."""

    session: ConsoleSession
    actor: Actor
    person: SignedIn
    actions: frozenset[str]


def recognise() -> Visitor | None:
    """The visitor of this request, from the stores and never from the cookie alone."""
    value = request.cookies.get(current_kit().cookie_name(COOKIE), "")
    if not value:
        return None
    house = current_house()
    with house.database.read() as tx:
        session = sessions.find(tx, value)
        if session is None:
            return None
        actor = actor_here(session.person_id, _agency_of(tx, session))
        person = read_signed_in(tx, session.issuer_session)
        actions = actions_of(tx, actor)
    if session.is_touch_due:
        with house.database.write() as tx:
            sessions.touch(tx, session)
    return Visitor(session, actor, person, actions)


def _agency_of(tx: Connection, session: ConsoleSession) -> str:
    person = queries.person(tx, session.person_id)
    post = person.acting_post(today().isoformat()) if person else None
    return post.agency_id if post else ""


def current_visitor() -> Visitor:
    """The visitor; only pages that want somebody signed in may ask."""
    visitor = g.visitor
    if not isinstance(visitor, Visitor):
        raise LookupError("this page is open to people who are not signed in")
    return visitor


def people_here() -> PeopleFor:
    """People as far as the visitor may see and change them."""
    return PeopleFor(current_house(), current_visitor().actor)


def events_here() -> EventsFor:
    """The audit log as far as the visitor may read it."""
    return EventsFor(current_house(), current_visitor().actor)


def set_session_cookie(response: Response, value: str) -> None:
    """Give the browser the session, until it is closed."""
    response.set_cookie(
        current_kit().cookie_name(COOKIE),
        value,
        path="/",
        secure=current_kit().https,
        httponly=True,
        samesite="Lax",
    )


def clear_session_cookie(response: Response) -> None:
    """Take the session cookie away."""
    name = current_kit().cookie_name(COOKIE)
    response.delete_cookie(
        name, path="/", secure=current_kit().https, httponly=True, samesite="Lax"
    )
