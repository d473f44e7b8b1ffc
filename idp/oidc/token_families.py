"""Token families: what one authorization gave, kept as one row, alive or dead as one.

A refresh token is ``family.generation.mac``. Its successor is the MAC of the next generation, so
exactly one successor value ever exists, and a used token is recognised without storing any.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    distinct,
    func,
    insert,
    or_,
    select,
    update,
)

from directory.clock import DAY, SECOND, SKEW_MS, now_ms
from directory.database.counting import Count
from directory.ids import new_secret
from directory.sealed import KeyRing
from idp.oidc.tables import token_family

OFFLINE_LIFE_MS = 30 * DAY
# A confidential client that lost the answer may ask once more with the same token.
GRACE_MS = 10 * SECOND
_MAX_TOKEN_CHARS = 128


@dataclass(frozen=True, slots=True)
class Family:
    """One family as stored. Times in ms, `auth_time` in seconds."""

    id: str
    client_id: str
    person_id: str
    sid: str
    scope: str
    resources: tuple[str, ...]
    auth_time: int
    acr: str
    amr: tuple[str, ...]
    offline: bool
    generation: int
    rotated_at: int
    created_at: int
    expires_at: int
    revoked_at: int | None


@dataclass(frozen=True, slots=True)
class RefreshTokenId:
    """What a genuine refresh token names."""

    family_id: str
    generation: int


def new_family_id() -> str:
    """128 random bits."""
    return new_secret(16)


_insert = insert(token_family)


def add(tx: Connection, family: Family) -> None:
    """Store a new family."""
    tx.execute(
        _insert,
        {
            "id": family.id,
            "client_id": family.client_id,
            "person_id": family.person_id,
            "sid": family.sid,
            "scope": family.scope,
            "resources": " ".join(family.resources),
            "auth_time": family.auth_time,
            "acr": family.acr,
            "amr": " ".join(family.amr),
            "offline": family.offline,
            "generation": family.generation,
            "rotated_at": family.rotated_at,
            "created_at": family.created_at,
            "expires_at": family.expires_at,
            "revoked_at": None,
            "revoke_reason": None,
        },
    )


def write_refresh_token(keyring: KeyRing, family_id: str, generation: int) -> str:
    """The refresh token of a generation: always the same text."""
    name = f"{family_id}.{generation}"
    mac = base64.urlsafe_b64encode(keyring.mac("refresh-token", name.encode()))
    return f"{name}.{mac.rstrip(b'=').decode()}"


def read_refresh_token(keyring: KeyRing, token: str) -> RefreshTokenId | None:
    """What a presented token names; None unless we made exactly this text."""
    if len(token) > _MAX_TOKEN_CHARS or not token.isascii() or token.count(".") != 2:
        return None
    family_id, generation, _mac = token.split(".")
    if not generation.isdigit() or len(generation) > 9:
        return None
    genuine = write_refresh_token(keyring, family_id, int(generation))
    if not hmac.compare_digest(genuine.encode(), token.encode()):
        return None
    return RefreshTokenId(family_id, int(generation))


# The WHERE decides the race and RETURNING tells who won it; row counts of drivers do not.
_rotate = (
    update(token_family)
    .where(
        token_family.c.id == bindparam("family_id"),
        token_family.c.generation == bindparam("presented"),
        token_family.c.revoked_at.is_(None),
    )
    .values(generation=token_family.c.generation + 1, rotated_at=bindparam("now"))
    .returning(token_family.c.generation)
)


def rotate(tx: Connection, family_id: str, presented: int) -> bool:
    """Make generation `presented` + 1 the good one. True to exactly one of all that try."""
    values = {"family_id": family_id, "presented": presented, "now": now_ms()}
    return tx.execute(_rotate, values).first() is not None


def is_lost_answer(family: Family, presented: int) -> bool:
    """Whether `presented` is the token just rotated: its answer may have got lost on the way."""
    just_rotated = abs(now_ms() - family.rotated_at) <= GRACE_MS
    return just_rotated and presented == family.generation - 1


_revoke = (
    update(token_family)
    .where(token_family.c.id == bindparam("family_id"), token_family.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"), revoke_reason=bindparam("reason"))
    .returning(token_family.c.id)
)


def revoke(tx: Connection, family_id: str, reason: str) -> bool:
    """End everything of the family from this commit on. False if it was revoked before or unknown.

    `reason`: ``code_replayed``, ``refresh_replayed``, ``revoked``.
    """
    values = {"family_id": family_id, "now": now_ms(), "reason": reason}
    return tx.execute(_revoke, values).first() is not None


def revoke_all(tx: Connection, reason: str) -> int:
    """End every family there is (``restored``). Gives how many were alive."""
    living = update(token_family).where(token_family.c.revoked_at.is_(None))
    done = tx.execute(living.values(revoked_at=now_ms(), revoke_reason=reason))
    return done.rowcount


@dataclass(frozen=True, slots=True)
class Living:
    """Who is in an application: so many people, in so many sessions."""

    people: int
    sessions: int


def count_living(tx: Connection, client_id: str) -> Living:
    """How many people hold tokens of a client that still count."""
    columns = token_family.c
    query = select(
        func.count(distinct(columns.person_id)), func.count(distinct(columns.sid))
    ).where(
        columns.client_id == client_id, columns.revoked_at.is_(None), columns.expires_at > now_ms()
    )
    return Living(*tx.execute(query).one())


def counting_sessions(client_id: str) -> Count:
    """In how many sessions people hold tokens of a client that still count."""
    columns = token_family.c
    query = select(func.count(distinct(columns.sid))).where(
        columns.client_id == client_id, columns.revoked_at.is_(None), columns.expires_at > now_ms()
    )
    return Count(query)


def purge(tx: Connection) -> None:
    """Forget families whose last token has been dead for a day."""
    now, expires_at = now_ms(), token_family.c.expires_at
    is_ahead = expires_at > now + OFFLINE_LIFE_MS + SKEW_MS  # as a clock that was wrong wrote it
    tx.execute(delete(token_family).where(or_(expires_at < now - DAY, is_ahead)))
