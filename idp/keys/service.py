"""Making, rotating and revoking signing keys."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from directory.actor import Actor
from directory.audit import log as audit
from directory.clock import DAY, MINUTE, local, now_ms
from directory.database.advisory_lock import take_advisory_lock
from directory.database.single_use import single_use
from directory.errors import Conflict, NotFound
from directory.installation import Installation
from idp.keys.errors import KEY_NEXT_TOO_YOUNG, KEY_REVOKED_ALREADY, KEY_UNKNOWN
from idp.keys.events import KEY_CREATED, KEY_REVOKED, KEY_ROTATED
from idp.keys.jose import (
    ALGORITHMS,
    Algorithm,
    generate_private_jwk,
    load_signing_key,
    public_jwk,
)
from idp.keys.store import key_store
from idp.keys.tables import SIGNING_KEY, signing_key
from idp.lifetimes import KEYS_CACHED_MS

_ONCE = 36_500 * DAY
# How long the next key is published before it signs: as long as the set may be kept elsewhere, and
# a little for processes that have not read it yet.
PUBLISHED_FIRST_MS = KEYS_CACHED_MS + MINUTE


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """One signing key as an operator sees it; times in ms, None = has not happened."""

    kid: str
    alg: str
    status: str
    created_at: int
    activated_at: int | None
    retired_at: int | None


@dataclass(frozen=True, slots=True)
class _Draft:
    kid: str
    row: dict[str, object]


def ensure_keys(installation: Installation, actor: Actor) -> None:
    """Make what a first start needs: a current and a next key for each algorithm. Repeatable."""
    for alg in ALGORITHMS:
        for status in ("current", "next"):
            if not _has(installation, alg, status):
                _make_first(installation, actor, alg, status)


def _has(installation: Installation, alg: Algorithm, status: str) -> bool:
    query = select(signing_key.c.kid).where(
        signing_key.c.alg == alg, signing_key.c.status == status
    )
    with installation.database.read() as tx:
        return tx.execute(query).first() is not None


def _make_first(installation: Installation, actor: Actor, alg: Algorithm, status: str) -> None:
    draft = _draft(installation, alg, status)
    with installation.database.write() as tx:
        # Several processes may start at once: one of them makes the first key.
        if single_use(tx, "first-signing-key", f"{alg} {status}", _ONCE):
            _insert(tx, actor, draft)
    key_store(installation).forget()


def _draft(installation: Installation, alg: Algorithm, status: str) -> _Draft:
    # RSA takes a moment to find: outside every transaction.
    private = generate_private_jwk(alg)
    key = load_signing_key(alg, private)
    now = now_ms()
    return _Draft(
        key.kid,
        {
            "kid": key.kid,
            "alg": alg,
            "status": status,
            "public_jwk": json.dumps(public_jwk(key), sort_keys=True),
            "private_sealed": installation.keyring.seal(SIGNING_KEY, key.kid, private),
            "created_at": now,
            "activated_at": now if status == "current" else None,
        },
    )


def _insert(tx: Connection, actor: Actor, draft: _Draft) -> None:
    tx.execute(insert(signing_key).values(draft.row))
    audit.record(
        tx, KEY_CREATED, actor, kid=draft.kid, alg=draft.row["alg"], status=draft.row["status"]
    )


def list_keys(tx: Connection) -> list[KeyStatus]:
    """Every key ever made, newest first."""
    columns = signing_key.c
    rows = tx.execute(
        select(
            columns.kid,
            columns.alg,
            columns.status,
            columns.created_at,
            columns.activated_at,
            columns.retired_at,
        ).order_by(columns.created_at.desc(), columns.kid)
    )
    return [KeyStatus(*row) for row in rows]


def rotate(installation: Installation, actor: Actor, alg: Algorithm, *, force: bool = False) -> str:
    """The published next key begins to sign, the current one retires, a new next one is made.

    The retired key stays published until nothing it signed can live. Gives the new signer's kid.
    Raises `Conflict` while an application that keeps our keys as long as it may (max-age) can lack
    the next one: it would refuse every sign-in. `force`: rotate all the same.
    """
    fresh = _draft(installation, alg, "next")
    with installation.database.write() as tx:
        take_advisory_lock(tx, "signing-key", alg)
        if not force:
            _require_published(tx, alg)
        kid = _rotate(tx, actor, alg, fresh)
    key_store(installation).forget()
    return kid


def _require_published(tx: Connection, alg: str) -> None:
    waiting = _find_next(tx, alg)
    if waiting is None:
        return
    since, ready_at = waiting.created_at, waiting.created_at + PUBLISHED_FIRST_MS
    if now_ms() < ready_at:
        raise Conflict(
            KEY_NEXT_TOO_YOUNG, kid=waiting.kid, since=local(since), ready_at=local(ready_at)
        )


def _rotate(tx: Connection, actor: Actor, alg: Algorithm, fresh: _Draft) -> str:
    _retire_current(tx, alg)
    kid = _promote_next(tx, alg)
    if kid is None:  # nothing was waiting: the fresh key signs at once
        kid = fresh.kid
        fresh.row.update(status="current", activated_at=now_ms())
    _insert(tx, actor, fresh)
    audit.record(tx, KEY_ROTATED, actor, kid=kid, alg=alg)
    return kid


def _retire_current(tx: Connection, alg: str) -> None:
    tx.execute(
        update(signing_key)
        .where(signing_key.c.alg == alg, signing_key.c.status == "current")
        .values(status="retired", retired_at=now_ms())
    )


def _find_next(tx: Connection, alg: str) -> Row[Any] | None:
    waiting = select(signing_key).where(signing_key.c.alg == alg, signing_key.c.status == "next")
    return tx.execute(waiting.order_by(signing_key.c.created_at).limit(1)).first()


def _promote_next(tx: Connection, alg: str) -> str | None:
    waiting = _find_next(tx, alg)
    if waiting is None:
        return None
    tx.execute(
        update(signing_key)
        .where(signing_key.c.kid == waiting.kid)
        .values(status="current", activated_at=now_ms())
    )
    return str(waiting.kid)


def revoke(installation: Installation, actor: Actor, kid: str, reason: str) -> None:
    """Emergency: nothing this key signed is believed any more, at once in this process and within
    5 s in every other. Where it was signing or waiting to, another takes its place.

    Raises `NotFound`, and `Conflict` if it is revoked already.
    """
    with installation.database.read() as tx:
        row = tx.execute(select(signing_key).where(signing_key.c.kid == kid)).first()
    if row is None:
        raise NotFound(KEY_UNKNOWN, kid=kid)
    if row.status == "revoked":
        raise Conflict(KEY_REVOKED_ALREADY, kid=kid)
    fresh = _draft(installation, row.alg, "next") if row.status in ("current", "next") else None
    with installation.database.write() as tx:
        if fresh is not None and row.status == "current":
            take_advisory_lock(tx, "signing-key", row.alg)
            _rotate(tx, actor, row.alg, fresh)
        elif fresh is not None:
            _insert(tx, actor, fresh)
        tx.execute(
            update(signing_key)
            .where(signing_key.c.kid == kid)
            .values(status="revoked", retired_at=now_ms())
        )
        audit.record(tx, KEY_REVOKED, actor, kid=kid, alg=row.alg, reason=reason)
    key_store(installation).forget()


def export_keys(tx: Connection) -> Sequence[Row[Any]]:
    """Every key as it is stored: what `go_on_with` takes."""
    return tx.execute(select(signing_key)).all()


def go_on_with(
    installation: Installation, actor: Actor, rows: Sequence[Row[Any]], reason: str
) -> list[str]:
    """Make `rows`, the keys of the store that this one takes the place of, the keys of this one.

    Relying parties hold those. What an older copy brings back may have left the published set long
    ago, and an application that keeps the set as long as it may would refuse every sign-in. Gives
    the keys that were revoked since the copy. Raises `SealBroken` for keys of another master key.
    """
    for row in rows:
        installation.keyring.open(SIGNING_KEY, row.kid, row.private_sealed)
    with installation.database.write() as tx:
        for alg in ALGORITHMS:
            take_advisory_lock(tx, "signing-key", alg)
        before = {key.kid: key for key in list_keys(tx)}
        tx.execute(
            update(signing_key)
            .where(signing_key.c.status.in_(("current", "next")))
            .values(status="retired", retired_at=now_ms())
        )
        tx.execute(delete(signing_key).where(signing_key.c.kid.in_([row.kid for row in rows])))
        tx.execute(insert(signing_key), [dict(row._mapping) for row in rows])
        revoked = _record_changes(tx, actor, before, rows, reason)
    key_store(installation).forget()
    return revoked


def _record_changes(
    tx: Connection,
    actor: Actor,
    before: Mapping[str, KeyStatus],
    rows: Sequence[Row[Any]],
    reason: str,
) -> list[str]:
    revoked = []
    for row in rows:
        old = before[row.kid].status if row.kid in before else ""
        if not old:
            audit.record(tx, KEY_CREATED, actor, kid=row.kid, alg=row.alg, status=str(row.status))
        if row.status == "current" != old:
            audit.record(tx, KEY_ROTATED, actor, kid=row.kid, alg=row.alg)
        if row.status == "revoked" and old and old != "revoked":
            audit.record(tx, KEY_REVOKED, actor, kid=row.kid, alg=row.alg, reason=reason)
            revoked.append(str(row.kid))
    return revoked
