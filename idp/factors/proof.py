"""Before ways to sign in are changed: is it really them, now, and as surely as they can say it?"""

from __future__ import annotations

from flask import current_app
from sqlalchemy import Connection

from idp.factors.held import Factor, Notice
from idp.factors.password import notices as password
from idp.flows import own_pages
from idp.levels import ONE_FACTOR
from idp.sessions.cookies import current_session
from idp.sessions.store import Session
from web.current import current_installation

EXTENSION = "danhmuc.factors"


def current_factors() -> tuple[Factor, ...]:
    """The second factors of this application."""
    found: tuple[Factor, ...] = current_app.extensions[EXTENSION]
    return found


def find_proved(tx: Connection) -> Session | None:
    """The session of this browser, if it may change ways to sign in: its person has signed in
    within the last five minutes, with a second factor where they have one. None: send them to
    `own_pages.begin_fresh` first."""
    session = current_session(tx)
    if session is None or not own_pages.is_fresh(session):
        return None
    return session if may_begin(tx, session) else None


def may_begin(tx: Connection, session: Session) -> bool:
    """Whether the person has proved a second factor in this session, or has none."""
    return session.acr != ONE_FACTOR or not has_any(tx, session.person_id)


def has_any(tx: Connection, person_id: str) -> bool:
    """Whether the person has a second factor at all."""
    others = (factor for factor in current_factors() if not factor.stands_in)
    return any(factor.held_by(tx, person_id) for factor in others)


def find_notices(tx: Connection, person_id: str) -> list[Notice]:
    """What the person should know of their ways to sign in."""
    others = [notice for factor in current_factors() for notice in factor.notices(tx, person_id)]
    return [*password.notices(tx, person_id), *others]


def find_warnings(person_id: str) -> list[Notice]:
    """What of it is said to somebody who is signing in: what ends, since the page after that is
    another's, and they may never come to ours."""
    warning = (factor for factor in current_factors() if factor.warns)
    with current_installation().database.read() as tx:
        others = [notice for factor in warning for notice in factor.notices(tx, person_id)]
        return [*password.notices(tx, person_id), *others]
