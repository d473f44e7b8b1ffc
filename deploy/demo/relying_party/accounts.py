"""The accounts this application keeps itself: who may work in it, and in which roles.

The province's catalogue keeps them in step over SCIM (`provisioning.py`); the application reads
them in its own file and asks nobody. What somebody did here stays when their account is disabled.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from relying_party.errors import AccountDisabled, NoAccount
from relying_party.member import Member
from relying_party.store import Store

# `resource`: all that the catalogue said, as it said it; the columns before are read out of it.
# `sub`: who it is at the sign-in (the SCIM externalId); NULL: an account that nobody signs in to.
SCHEMA = """
CREATE TABLE IF NOT EXISTS account (
    id TEXT PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,
    sub TEXT UNIQUE,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    agency TEXT NOT NULL,
    is_active INTEGER NOT NULL,
    resource TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS account_agency ON account (agency);
CREATE TABLE IF NOT EXISTS account_group (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    resource TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS account_group_name ON account_group (name);
CREATE TABLE IF NOT EXISTS account_group_member (
    group_id TEXT NOT NULL REFERENCES account_group (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL,
    PRIMARY KEY (group_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS account_group_member_account ON account_group_member (account_id);
"""


@dataclass(frozen=True)
class Account:
    """An account of this application. `groups`: the names of those it is in, here roles."""

    username: str
    name: str
    title: str
    agency: str
    is_active: bool
    groups: tuple[str, ...]
    changed_at: int


def require_account(store: Store, member: Member) -> Account:
    """The account of whoever signed in. Raises `NoAccount`, `AccountDisabled`."""
    account = find_account(store, member.sub)
    if account is None:
        raise NoAccount
    if not account.is_active:
        raise AccountDisabled
    return account


def find_account(store: Store, sub: str) -> Account | None:
    """The account of a person, or None."""
    with store.read() as connection:
        row = connection.execute("SELECT * FROM account WHERE sub = ?", (sub,)).fetchone()
        if row is None:
            return None
        groups = connection.execute(
            "SELECT DISTINCT name FROM account_group JOIN account_group_member ON group_id = id"
            " WHERE account_id = ? ORDER BY name",
            (row["id"],),
        ).fetchall()
    return Account(
        username=row["username"],
        name=row["name"],
        title=row["title"],
        agency=row["agency"],
        is_active=bool(row["is_active"]),
        groups=tuple(group["name"] for group in groups),
        changed_at=row["changed_at"],
    )


def names_in_group(connection: sqlite3.Connection, group: str, agency: str) -> Sequence[str]:
    """Whose accounts of an agency work, and are in the group."""
    rows = connection.execute(
        "SELECT DISTINCT account.name FROM account"
        " JOIN account_group_member ON account_id = account.id"
        " JOIN account_group ON group_id = account_group.id"
        " WHERE account.agency = ? AND is_active AND account_group.name = ?"
        " ORDER BY account.name",
        (agency, group),
    )
    return [row["name"] for row in rows]
