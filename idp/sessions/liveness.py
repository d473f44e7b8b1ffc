"""Does a session live? The one rule, as a condition in SQL: pages, tokens and the worker ask it.

It lives until it is ended, idle too long, too old, or its person may no longer sign in: `directory`
stamps `sessions_valid_after` and the status, and both are compared at every look.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    false,
    func,
    or_,
)

from directory import clock
from directory.projection.tables import catalogue_person, person_state
from idp.sessions.tables import sessions

IDLE_MS = 60 * clock.MINUTE
SHARED_IDLE_MS = 15 * clock.MINUTE
ABSOLUTE_MS = 12 * clock.HOUR
TOUCH_EVERY_MS = clock.MINUTE


def is_alive() -> ColumnElement[bool]:
    """Whether the row of `sessions` lives at the moment bound as ``now`` (ms); false, never NULL,
    where there is no row. The statement must have joined `catalogue_person` and `person_state`."""
    now: BindParameter[int] = bindparam("now", type_=BigInteger)
    used_lately = and_(
        sessions.c.last_seen_at > now - func.coalesce(sessions.c.idle_ms, IDLE_MS),
        or_(sessions.c.shared_computer.is_(False), sessions.c.last_seen_at > now - SHARED_IDLE_MS),
    )
    rule = and_(
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > now,
        used_lately,
        # Nothing lives longer because a clock stood ahead when it was written.
        sessions.c.expires_at <= now + (ABSOLUTE_MS + clock.SKEW_MS),
        sessions.c.last_seen_at <= now + clock.SKEW_MS,
        sessions.c.created_at <= now + clock.SKEW_MS,
        sessions.c.auth_time * clock.SECOND <= now + clock.SKEW_MS,
        may_sign_in(sessions.c.created_at),
    )
    return func.coalesce(rule, false())


def may_sign_in(since: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a sign-in of that time (ms) still counts: the person is active, and nothing has ended
    their sessions since."""
    valid_after = func.coalesce(person_state.c.sessions_valid_after, 0)
    status = func.coalesce(catalogue_person.c.status, "")
    return and_(status == "active", valid_after <= since)


def with_people(query: Select[Any], among: FromClause = sessions) -> Select[Any]:
    """`query` over sessions, with what `is_alive` asks of their people. `among`: a join that has
    the sessions in it."""
    return query.select_from(
        among.outerjoin(catalogue_person, catalogue_person.c.id == sessions.c.person_id).outerjoin(
            person_state, person_state.c.person_id == sessions.c.person_id
        )
    )


def is_touch_due(last_seen_at: int) -> bool:
    """Whether a use now should be written down: at most once a minute, so that reads stay reads."""
    return clock.now_ms() - last_seen_at >= TOUCH_EVERY_MS
