"""The one single-use primitive: codes, refresh tokens, jti, TOTP steps, links, slips, PAR.

Namespaced by `kind`: a value used as one kind never counts as, or blocks, another
(Keycloak CVE-2026-4325 was a flat namespace). The primary key decides the race, not a row count.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from directory.clock import now_ms
from directory.database.tables import used
from directory.ids import digest

# Built once: every code and client assertion passes here.
_insert = {
    "postgresql": postgresql.insert(used).on_conflict_do_nothing().returning(used.c.kind),
    "sqlite": sqlite.insert(used).on_conflict_do_nothing().returning(used.c.kind),
}


def single_use(tx: Connection, kind: str, key: str, ttl_ms: int) -> bool:
    """True exactly once for each (kind, key), to the first transaction that commits.

    `ttl_ms`: how long the mark must be remembered: at least as long as the value can be presented.
    The mark lives and dies with `tx`.
    """
    mark = {"kind": kind, "key_hash": digest(key), "expires_at": now_ms() + ttl_ms}
    return tx.execute(_insert[tx.dialect.name], mark).first() is not None


_find = select(used.c.expires_at).where(
    used.c.kind == bindparam("kind"), used.c.key_hash == bindparam("key_hash")
)


def was_used(tx: Connection, kind: str, key: str) -> bool:
    """Whether (kind, key) bears a mark. Only for looking: nobody wins a race by asking this."""
    return tx.execute(_find, {"kind": kind, "key_hash": digest(key)}).first() is not None


def purge_expired(tx: Connection) -> None:
    """Forget marks nobody can present any more."""
    tx.execute(delete(used).where(used.c.expires_at < now_ms()))
