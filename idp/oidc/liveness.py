"""The one status read of a token request: is the person, the session, the family still good?

One statement brings everything a decision needs and the versions under which claims are cached,
so that a leaver, a sign-out or a revocation counts from its commit on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, select

from directory import clock
from directory.authz.tables import application
from directory.projection.tables import catalogue_person, person_state
from directory.release.tables import in_force, release
from idp.oidc.tables import token_family
from idp.oidc.token_families import OFFLINE_LIFE_MS, Family
from idp.sessions.liveness import is_alive as is_session_alive
from idp.sessions.liveness import is_touch_due
from idp.sessions.tables import sessions


@dataclass(frozen=True, slots=True)
class TokenContext:
    """How a person stands with an application at this moment.

    `session_alive`: the sign-in everything came from still holds. `valid_after` (ms): what was
    authorized before is dead. `access` and `application_disabled_at` come from the application,
    `release_version` from what it may learn; 0 where that was never decided.
    """

    person_id: str
    client_id: str
    person_active: bool
    valid_after: int
    version: int
    grant_version: int
    session_alive: bool
    session_touch_due: bool
    last_used_at: int | None
    post_id: str
    access: str
    application_disabled_at: int | None
    release_version: int


_COLUMNS = (
    catalogue_person.c.id.label("person_id"),
    catalogue_person.c.status,
    person_state.c.sessions_valid_after,
    person_state.c.version,
    person_state.c.grant_version,
    person_state.c.last_used_at,
    is_session_alive().label("session_alive"),
    sessions.c.last_seen_at,
    sessions.c.post_id,
    application.c.id.label("application_id"),
    application.c.access,
    application.c.disabled_at.label("application_disabled_at"),
    release.c.version.label("release_version"),
)


def _by_session() -> Select[Any]:
    source = (
        catalogue_person.join(person_state, person_state.c.person_id == catalogue_person.c.id)
        .outerjoin(
            sessions,
            and_(sessions.c.sid == bindparam("sid"), sessions.c.person_id == catalogue_person.c.id),
        )
        .outerjoin(application, application.c.id == bindparam("client_id"))
        .outerjoin(release, and_(release.c.application_id == bindparam("client_id"), in_force))
    )
    return (
        select(*_COLUMNS).select_from(source).where(catalogue_person.c.id == bindparam("person_id"))
    )


def _by_family() -> Select[Any]:
    source = (
        token_family.join(catalogue_person, catalogue_person.c.id == token_family.c.person_id)
        .join(person_state, person_state.c.person_id == token_family.c.person_id)
        .outerjoin(
            sessions,
            and_(
                sessions.c.sid == token_family.c.sid,
                sessions.c.person_id == token_family.c.person_id,
            ),
        )
        .outerjoin(application, application.c.id == token_family.c.client_id)
        .outerjoin(release, and_(release.c.application_id == token_family.c.client_id, in_force))
    )
    family = [column.label(f"family_{column.name}") for column in token_family.c]
    return (
        select(*family, *_COLUMNS)
        .select_from(source)
        .where(token_family.c.id == bindparam("family_id"))
    )


_by_session_query = _by_session()
_by_family_query = _by_family()


def read_token_context(
    tx: Connection, person_id: str, sid: str, client_id: str
) -> TokenContext | None:
    """The standing of a person who comes with a session's sid; None for a person unknown."""
    values = {"person_id": person_id, "sid": sid, "client_id": client_id, "now": clock.now_ms()}
    row = tx.execute(_by_session_query, values).first()
    return None if row is None else _token_context(row)


def read_family(tx: Connection, family_id: str) -> tuple[Family, TokenContext] | None:
    """A family and how its person stands; None when either is unknown."""
    values = {"family_id": family_id, "now": clock.now_ms()}
    row = tx.execute(_by_family_query, values).first()
    return None if row is None else (_family(row), _token_context(row))


def is_alive(family: Family, standing: TokenContext) -> bool:
    """Whether tokens of the family still count: what userinfo, introspection and refresh ask."""
    now = clock.now_ms()
    if family.revoked_at is not None or family.expires_at <= now:
        return False
    # Nothing lives longer because a clock stood ahead when it was written.
    if max(family.created_at, family.expires_at - OFFLINE_LIFE_MS) > now + clock.SKEW_MS:
        return False
    if not standing.person_active or family.created_at < standing.valid_after:
        return False
    return family.offline or standing.session_alive


def _token_context(row: Row[Any]) -> TokenContext:
    return TokenContext(
        person_id=row.person_id,
        client_id=row.application_id or "",
        person_active=row.status == "active",
        valid_after=row.sessions_valid_after,
        version=row.version,
        grant_version=row.grant_version,
        session_alive=row.session_alive,
        session_touch_due=row.session_alive and is_touch_due(row.last_seen_at),
        last_used_at=row.last_used_at,
        post_id=row.post_id or "",
        access=row.access or "",
        application_disabled_at=row.application_disabled_at,
        release_version=row.release_version or 0,
    )


def _family(row: Row[Any]) -> Family:
    return Family(
        id=row.family_id,
        client_id=row.family_client_id,
        person_id=row.family_person_id,
        sid=row.family_sid,
        scope=row.family_scope,
        resources=tuple(row.family_resources.split()),
        auth_time=row.family_auth_time,
        acr=row.family_acr,
        amr=tuple(row.family_amr.split()),
        offline=row.family_offline,
        generation=row.family_generation,
        rotated_at=row.family_rotated_at,
        created_at=row.family_created_at,
        expires_at=row.family_expires_at,
        revoked_at=row.family_revoked_at,
    )
