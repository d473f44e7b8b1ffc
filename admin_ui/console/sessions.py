"""Console sessions: one row each, alive only while the sign-in they came from is.

A console session ends 15 minutes after its last use, 8 hours after it began, and
with the session at the issuer: signed out, suspended or a new password there is dead here at once.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, delete, insert, or_, select, update

from admin_ui.console.tables import ID_TOKEN, SESSION_MS, console_session, console_viewing
from directory import clock
from directory.ids import digest, new_secret
from directory.projection.queries import WHOLE_PERSON, PersonRow, person_in
from directory.projection.tables import catalogue_post
from directory.sealed import KeyRing, SealBroken
from idp.sessions import store as issuer_sessions
from idp.sessions.liveness import is_alive, with_people
from idp.sessions.tables import sessions

IDLE_MS = 15 * clock.MINUTE
ABSOLUTE_MS = SESSION_MS
TOUCH_EVERY_MS = clock.MINUTE


@dataclass(frozen=True, slots=True)
class ConsoleSession:
    """One administrator in one browser. `issuer_session` is what it lives with; `id_token` as
    stored, for `open_id_token`; `person`: whose it is, with their posts. `viewed_job`: as which job
    they look (`admin_ui.console.viewing`), empty for as themselves; `viewed_place`: where, empty
    for the whole province."""

    cookie_hash: str
    person_id: str
    sid: str
    id_token: str
    last_seen_at: int
    issuer_session: issuer_sessions.Session
    person: PersonRow
    viewed_job: str = ""
    viewed_place: str = ""

    @property
    def is_touch_due(self) -> bool:
        """Whether a use now should be written down: once a minute, so that reads stay reads."""
        return clock.now_ms() - self.last_seen_at >= TOUCH_EVERY_MS


def open_session(
    tx: Connection,
    keyring: KeyRing,
    person_id: str,
    sid: str,
    id_token: str,
    *,
    replaces: str = "",
) -> str:
    """A new session; gives its cookie value (256 bits, told once).

    `replaces`: the cookie value of a session this browser had; it is dead afterwards.
    """
    now, value = clock.now_ms(), new_secret()
    forget_ended(tx)
    end(tx, digest(replaces))
    tx.execute(
        insert(console_session).values(
            cookie_hash=digest(value),
            person_id=person_id,
            sid=sid,
            id_token=_seal(keyring, digest(value), id_token),
            created_at=now,
            last_seen_at=now,
            expires_at=now + ABSOLUTE_MS,
        )
    )
    return value


def forget_ended(tx: Connection) -> None:
    """Delete every session that is over, or that a clock which stood ahead wrote."""
    now, columns = clock.now_ms(), console_session.c
    tx.execute(
        delete(console_session).where(
            or_(
                columns.expires_at <= now,
                columns.last_seen_at <= now - IDLE_MS,
                columns.last_seen_at > now + clock.SKEW_MS,
                columns.expires_at > now + ABSOLUTE_MS + clock.SKEW_MS,
            )
        )
    )


def _seal(keyring: KeyRing, cookie_hash: str, id_token: str) -> str:
    return base64.b64encode(keyring.seal(ID_TOKEN, cookie_hash, id_token.encode())).decode()


def open_id_token(keyring: KeyRing, session: ConsoleSession) -> str:
    """The ID token the session began with; empty when it does not open (sealed elsewhere, or kept
    by a version that did not seal it)."""
    try:
        sealed = base64.b64decode(session.id_token, validate=True)
        return keyring.open(ID_TOKEN, session.cookie_hash, sealed).decode()
    except (SealBroken, ValueError):
        return ""


def find(tx: Connection, cookie_value: str) -> ConsoleSession | None:
    """The living session a cookie points at, or None."""
    now = clock.now_ms()
    bound = {
        "cookie_hash": digest(cookie_value),
        "now": now,
        "used_since": now - IDLE_MS,
        "latest_end": now + ABSOLUTE_MS + clock.SKEW_MS,
        "latest_use": now + clock.SKEW_MS,
    }
    rows = tx.execute(_living, bound).all()
    if not rows:
        return None
    row = rows[0]
    return ConsoleSession(
        row.console_hash,
        row.person_id,
        row.sid,
        row.id_token,
        row.used_here_at,
        issuer_sessions.session_from_row(row),
        person_in(rows),
        row.viewed_job or "",
        row.viewed_place or "",
    )


# Every page asks it: one statement, with the sign-in it came from and whose it is.
_living = with_people(
    select(
        sessions,
        *WHOLE_PERSON,
        console_session.c.cookie_hash.label("console_hash"),
        console_session.c.id_token,
        console_session.c.last_seen_at.label("used_here_at"),
        console_viewing.c.job.label("viewed_job"),
        console_viewing.c.place_id.label("viewed_place"),
    ),
    console_session.join(
        sessions,
        and_(
            sessions.c.sid == console_session.c.sid,
            sessions.c.person_id == console_session.c.person_id,
        ),
    )
    .outerjoin(console_viewing, console_viewing.c.cookie_hash == console_session.c.cookie_hash)
    .outerjoin(catalogue_post, catalogue_post.c.person_id == sessions.c.person_id),
).where(
    is_alive(),
    console_session.c.cookie_hash == bindparam("cookie_hash"),
    console_session.c.expires_at > bindparam("now"),
    console_session.c.last_seen_at > bindparam("used_since"),
    # Nothing lives longer because a clock stood ahead when it was written.
    console_session.c.expires_at <= bindparam("latest_end"),
    console_session.c.last_seen_at <= bindparam("latest_use"),
)


def find_person(tx: Connection, cookie_value: str) -> str:
    """Whose session a cookie pointed at, though it may have ended; empty where none is known."""
    query = select(console_session.c.person_id).where(
        console_session.c.cookie_hash == digest(cookie_value)
    )
    return str(tx.execute(query).scalar() or "")


def touch(tx: Connection, session: ConsoleSession) -> None:
    """The session was used now, and with it the one at the issuer."""
    tx.execute(
        update(console_session)
        .where(console_session.c.cookie_hash == session.cookie_hash)
        .values(last_seen_at=clock.now_ms())
    )
    issuer_sessions.touch(tx, session.sid)


def end(tx: Connection, cookie_hash: str) -> None:
    """The session is over in this browser."""
    tx.execute(delete(console_session).where(console_session.c.cookie_hash == cookie_hash))


def end_by_sid(tx: Connection, sid: str) -> int:
    """Every session that came from this sign-in is over; gives how many there were."""
    gone = tx.execute(
        delete(console_session)
        .where(console_session.c.sid == sid)
        .returning(console_session.c.cookie_hash)
    )
    return len(gone.all())
