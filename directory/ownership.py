"""Whose SQL store this is: one row in it names the installation, and proves that its key is ours.

A store that belongs to another installation must not be written to, migrated or emptied, whatever
`DANHMUC_DATABASE_URL` says; nor one that was sealed under another master key.
"""

from __future__ import annotations

from sqlalchemy import Connection, inspect
from sqlalchemy.engine import make_url

from directory.database.engine import Database
from directory.database.owner_record import OwnerRecord, find_owner_record, write_owner_record
from directory.errors import Conflict
from directory.errors.installation import (
    INSTALLATION_OTHER_KEY,
    INSTALLATION_OTHER_STORE,
    INSTALLATION_STORE_TAKEN,
)
from directory.identity import Identity
from directory.sealed import KeyRing

_PURPOSE = "installation"


def claim_store(tx: Connection, identity: Identity, keyring: KeyRing) -> None:
    """Write whose store this is. Harmless when it is ours already."""
    mark = _key_check(identity.id, keyring)
    write_owner_record(tx, OwnerRecord(identity.id, identity.suffix, mark))


def require_own_store(database: Database, identity: Identity, keyring: KeyRing) -> None:
    """Raise Conflict: ``installation.other_store``, ``installation.other_key``. A store older than
    this mark belongs to whoever opens it."""
    with database.read() as tx:
        row = find_owner_record(tx)
    if row is None:
        return
    if row.id != identity.id:
        raise Conflict(
            INSTALLATION_OTHER_STORE,
            store=shown_store(database),
            theirs=f"{row.suffix} ({row.id})",
            ours=f"{identity.suffix} ({identity.id})",
        )
    if row.key_check != _key_check(row.id, keyring):
        raise Conflict(INSTALLATION_OTHER_KEY, store=shown_store(database))


def require_empty_store(database: Database) -> None:
    """Raise Conflict(``installation.store_taken``) for a store that holds anything: a new state
    folder makes its own, and what is there belongs to somebody."""
    if database.file is not None and not database.file.exists():
        return
    with database.read() as tx:
        if inspect(tx).get_table_names():
            raise Conflict(INSTALLATION_STORE_TAKEN, store=shown_store(database))


def find_owner(tx: Connection) -> str:
    """The id of the installation that the store belongs to; empty when it does not say."""
    found = find_owner_record(tx)
    return found.id if found else ""


def shown_store(database: Database) -> str:
    """Which store, for people: without its password."""
    return make_url(database.url).render_as_string(hide_password=True)


def is_own_key(tx: Connection, keyring: KeyRing) -> bool:
    """Whether the master key is the one of this store, as far as the store says so."""
    row = find_owner_record(tx)
    return row is None or row.key_check == _key_check(row.id, keyring)


def _key_check(owner: str, keyring: KeyRing) -> str:
    """Of the master key, which stays when sealing keys change."""
    return keyring.mac(_PURPOSE, owner.encode()).hex()
