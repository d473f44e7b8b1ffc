"""Finding a client on the request path: parsed once, looked at again every few seconds."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from directory.database.engine import Database
from directory.installation import Installation
from directory.process_cache import PerStore, ProcessCache
from idp.clients.model import Client, client_from_row
from idp.clients.tables import client

# A client disabled in any process is refused in every other after this long (promised: 5 s).
FRESH_S = 4.0
MAX_HELD = 1000
MAX_ID_CHARS = 128

_by_id = select(client).where(
    client.c.client_id == bindparam("client_id"), client.c.removed_at.is_(None)
)


class Registry:
    """The clients one process has met lately."""

    def __init__(self) -> None:
        self._held: ProcessCache[str, Client] = ProcessCache(MAX_HELD)

    def find(self, tx: Connection, client_id: str) -> Client | None:
        """At most one statement; none while what we hold is fresh."""
        if (fresh := self._held.find(client_id, younger_than_s=FRESH_S)) is not None:
            return fresh
        row = tx.execute(_by_id, {"client_id": client_id}).first()
        if row is None:
            # Never held: strangers' made-up ids would push out real clients.
            return None
        held = self._held.find(client_id)
        same = held is not None and held.version == row.version
        found = held if held is not None and same else client_from_row(row)
        self._held.put(client_id, found)
        return found

    def forget(self, client_id: str) -> None:
        """This process changed the client: read it again."""
        self._held.forget(client_id)


_registries: PerStore[Database, Registry] = PerStore(Registry)


def registry(installation: Installation) -> Registry:
    """The registry of an installation, one for the whole process."""
    return _registries.of(installation.database)


def find_client(installation: Installation, tx: Connection, client_id: str) -> Client | None:
    """The *enabled* client with this id, at most 4 seconds old."""
    found = find_registered(installation, tx, client_id)
    return found if found is not None and found.disabled_at is None else None


def find_registered(installation: Installation, tx: Connection, client_id: str) -> Client | None:
    """As `find_client`, the disabled ones too."""
    # No store takes half a character of Unicode, and PostgreSQL no NUL.
    if not 0 < len(client_id) <= MAX_ID_CHARS or not client_id.isprintable():
        return None
    return registry(installation).find(tx, client_id)
