"""Sessions kept on the server, so that the provider's logout token alone can end them.

The browser holds a random id; the table holds its SHA-256, so a copied file opens no session.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import sqlite3
from dataclasses import dataclass
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.datastructures import CallbackDict

from relying_party.clock import HOUR, MINUTE, now
from relying_party.errors import LogoutTokenRefused, SignInRefused
from relying_party.store import Store

# Longer than the provider lets its own sign-in page stand open, or the person who was on the
# telephone meanwhile comes back with the right password to somebody who has forgotten them. Authlib
# keeps the state as long.
SIGNING_IN_LASTS = HOUR
SIGNED_IN_LASTS = 12 * HOUR
IDLE_LIMIT = HOUR
TOUCH_EVERY = MINUTE

SCHEMA = """
CREATE TABLE IF NOT EXISTS session (
    id_hash TEXT PRIMARY KEY,
    sub TEXT,
    sid TEXT,
    data TEXT NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS session_sid ON session (sid);
CREATE INDEX IF NOT EXISTS session_sub ON session (sub);
CREATE INDEX IF NOT EXISTS session_expiry ON session (expires_at);
CREATE TABLE IF NOT EXISTS logout_token (
    jti TEXT PRIMARY KEY,
    sid TEXT,
    sub TEXT,
    issued_at INTEGER NOT NULL,
    keep_until INTEGER NOT NULL
) STRICT;
"""

SESSION_ID = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Logout:
    """What a verified logout token says: end this `sid`, or all sessions of this `sub`."""

    jti: str
    sid: str | None
    sub: str | None
    issued_at: int
    expires_at: int


@dataclass(frozen=True)
class SignIn:
    """What a verified sign-in says about the session it opens."""

    sub: str
    sid: str | None
    issued_at: int


class StoredSession(CallbackDict[str, Any], SessionMixin):
    """The session of one request."""

    def __init__(self, data: dict[str, Any], session_id: str | None) -> None:
        super().__init__(data, on_update=_mark_modified)
        self.session_id = session_id
        self.modified = False
        self.cookie_is_due = False

    def replace(self, data: dict[str, Any], session_id: str) -> None:
        """Become another session, already stored under `session_id`."""
        dict.clear(self)
        dict.update(self, data)
        self.session_id, self.modified, self.cookie_is_due = session_id, False, True

    def leave(self) -> None:
        """Become a new, anonymous session."""
        dict.clear(self)
        self.session_id, self.modified, self.cookie_is_due = None, False, True


def _mark_modified(session: CallbackDict[str, Any]) -> None:
    session.modified = True  # type: ignore[attr-defined]


class SessionTable:
    """The rows behind the cookies."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, session_id: str) -> dict[str, Any] | None:
        """The data of a live session, or None. Notes that it was used."""
        key, moment = _digest(session_id), now()
        with self._store.read() as connection:
            row = connection.execute(
                "SELECT data, last_seen_at FROM session"
                " WHERE id_hash = ? AND expires_at > ? AND (sub IS NULL OR last_seen_at > ?)",
                (key, moment, moment - IDLE_LIMIT),
            ).fetchone()
        if row is None:
            return None
        if moment - row["last_seen_at"] >= TOUCH_EVERY:
            with self._store.write() as connection:
                connection.execute(
                    "UPDATE session SET last_seen_at = ? WHERE id_hash = ?", (moment, key)
                )
        data: dict[str, Any] = json.loads(row["data"])
        return data

    def open_anonymous(self, data: dict[str, Any]) -> str:
        """Store a short session (a sign-in under way) and return its id."""
        with self._store.write() as connection:
            return _insert(connection, data, None, None, SIGNING_IN_LASTS)

    def open_signed_in(self, data: dict[str, Any], sign_in: SignIn, replaces: str | None) -> str:
        """Store the session of a person under a new id; the one they signed in with is gone.

        Raises `SignInRefused` when a logout token has overtaken this sign-in.
        """
        with self._store.write() as connection:
            if _is_logged_out(connection, sign_in):
                raise SignInRefused("logged_out")
            _delete(connection, replaces)
            return _insert(connection, data, sign_in.sub, sign_in.sid, SIGNED_IN_LASTS)

    def save(self, session_id: str, data: dict[str, Any]) -> bool:
        """Store changed data; False when the session was ended meanwhile (it stays ended)."""
        with self._store.write() as connection:
            # A sign-in begun later has its whole time, though the cookie is of an earlier one.
            changed = connection.execute(
                "UPDATE session SET data = ?, expires_at = CASE WHEN sub IS NULL THEN ?"
                " ELSE expires_at END WHERE id_hash = ?",
                (json.dumps(data), now() + SIGNING_IN_LASTS, _digest(session_id)),
            )
            return changed.rowcount == 1

    def end(self, session_id: str | None) -> None:
        """End one session (the person's own logout)."""
        with self._store.write() as connection:
            _delete(connection, session_id)

    def end_by_logout_token(self, logout: Logout) -> int:
        """End the sessions a verified logout token names and return how many there were.

        Raises `LogoutTokenRefused` for a token that was used before (section 2.6 step 7).
        """
        with self._store.write() as connection:
            connection.execute("DELETE FROM logout_token WHERE keep_until < ?", (now(),))
            try:
                connection.execute(
                    "INSERT INTO logout_token (jti, sid, sub, issued_at, keep_until)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (
                        logout.jti,
                        logout.sid,
                        logout.sub,
                        logout.issued_at,
                        max(logout.expires_at + HOUR, now() + SIGNED_IN_LASTS),
                    ),
                )
            except sqlite3.IntegrityError:
                raise LogoutTokenRefused("jti was used before") from None
            ended = connection.execute(
                "DELETE FROM session WHERE sub IS NOT NULL"
                " AND (:sid IS NULL OR sid = :sid) AND (:sub IS NULL OR sub = :sub)",
                {"sid": logout.sid, "sub": logout.sub},
            )
            return ended.rowcount


def _insert(
    connection: sqlite3.Connection,
    data: dict[str, Any],
    sub: str | None,
    sid: str | None,
    lasts: int,
) -> str:
    session_id, moment = secrets.token_urlsafe(32), now()
    connection.execute(
        "DELETE FROM session WHERE expires_at < ? OR (sub IS NOT NULL AND last_seen_at < ?)",
        (moment, moment - IDLE_LIMIT),
    )
    connection.execute(
        "INSERT INTO session (id_hash, sub, sid, data, last_seen_at, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (_digest(session_id), sub, sid, json.dumps(data), moment, moment + lasts),
    )
    return session_id


def _delete(connection: sqlite3.Connection, session_id: str | None) -> None:
    if session_id is not None:
        connection.execute("DELETE FROM session WHERE id_hash = ?", (_digest(session_id),))


def _is_logged_out(connection: sqlite3.Connection, sign_in: SignIn) -> bool:
    # A logout token may arrive between the code exchange and our INSERT: that sign-in must not
    # outlive it. A later sign-in under the same sid (its ID token is younger) is welcome.
    overtaken = connection.execute(
        "SELECT 1 FROM logout_token WHERE (sid = :sid AND issued_at >= :issued_at)"
        " OR (sid IS NULL AND sub = :sub AND issued_at > :issued_at)",
        {"sid": sign_in.sid, "sub": sign_in.sub, "issued_at": sign_in.issued_at},
    ).fetchone()
    return overtaken is not None


def _digest(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()


class ServerSideSessions(SessionInterface):
    """Flask's session on top of `SessionTable`."""

    def __init__(self, table: SessionTable, cookie_name: str, *, is_https: bool) -> None:
        self._table = table
        self._cookie_name = cookie_name
        self._attributes: dict[str, Any] = {
            "path": "/",
            "secure": is_https,
            "httponly": True,
            # Lax, not Strict: the return from the provider is a cross-site GET and needs it.
            "samesite": "Lax",
        }

    def open_session(self, app: Flask, request: Request) -> StoredSession:  # noqa: ARG002
        """The session the cookie names, or an empty one."""
        session_id = request.cookies.get(self._cookie_name, "")
        data = self._table.find(session_id) if SESSION_ID.fullmatch(session_id) else None
        return StoredSession({}, None) if data is None else StoredSession(data, session_id)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002
        """Store what changed and tell the browser about a new or an ended session."""
        if not isinstance(session, StoredSession):
            raise TypeError("only StoredSession is stored here")
        if session.modified and session.session_id is None:
            session.session_id = self._table.open_anonymous(dict(session))
            session.cookie_is_due = True
        elif (
            session.modified
            and session.session_id is not None
            and not self._table.save(session.session_id, dict(session))
        ):
            session.leave()
        if not session.cookie_is_due:
            return
        if session.session_id is None:
            response.delete_cookie(self._cookie_name, **self._attributes)
        else:
            response.set_cookie(self._cookie_name, session.session_id, **self._attributes)
