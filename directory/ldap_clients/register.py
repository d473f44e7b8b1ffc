"""Which applications have an account in LDAP, as it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from directory.ldap.names import rdn
from directory.ldap.schema import APPLICATIONS
from directory.ldap_clients.tables import ldap_client


@dataclass(frozen=True)
class LdapClient:
    """An account. `rotated_at` (ms): when its password was made."""

    application_id: str
    entry_id: str
    secret_hash: str
    made_at: int
    rotated_at: int

    def dn(self, suffix: str) -> str:
        """What it binds as."""
        return account_dn(self.application_id, suffix)


def account_dn(application_id: str, suffix: str) -> str:
    """What the account of an application is called."""
    return f"{rdn('cn', application_id)},{APPLICATIONS},{suffix}"


def find_ldap_client(tx: Connection, application_id: str) -> LdapClient | None:
    """The account of an application."""
    query = select(ldap_client).where(ldap_client.c.application_id == application_id)
    row = tx.execute(query).first()
    return None if row is None else _client(row)


def list_ldap_clients(tx: Connection) -> Mapping[str, LdapClient]:
    """All accounts, by the id of their application."""
    rows: Sequence[Row[Any]] = tx.execute(select(ldap_client)).all()
    return {row.application_id: _client(row) for row in rows}


def _client(row: Row[Any]) -> LdapClient:
    return LdapClient(**row._mapping)
