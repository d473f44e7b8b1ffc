"""What the entries in LDAP should say: it follows from SQL."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.authz import applications, entrants
from directory.authz.applications import Application
from directory.ldap.base_entries import service_policy_dn
from directory.ldap.entries import Entry
from directory.ldap.released import EVERYBODY, READERS_CLASS, RELEASED, readers_dn
from directory.ldap.schema import ID, OPEN_TO, SECRET, STATUS
from directory.ldap_clients.register import LdapClient, list_ldap_clients
from directory.release.register import list_releases

ACTIVE, DISABLED = "active", "disabled"
READERS_ID = "releases"
Attributes = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Wanted:
    """One entry. `fixed`: what it has from its beginning; `says`: what follows from SQL;
    `secret_hash`: what userPassword holds where the fingerprint in `says` is another."""

    entry_id: str
    dn: str
    fixed: Attributes
    says: Attributes
    secret_hash: str = ""

    def whole(self) -> Attributes:
        """All of a new entry."""
        return {**self.fixed, ID: (self.entry_id,), **self.missing_in(Entry("", {}))}

    def missing_in(self, entry: Entry) -> dict[str, tuple[str, ...]]:
        """What `entry` says otherwise, as it should be."""
        differs = {
            name: values
            for name, values in self.says.items()
            if {each.lower() for each in entry.all(name)} != {each.lower() for each in values}
        }
        if SECRET in differs:
            differs["userPassword"] = (self.secret_hash,)
        return differs


def wanted_account(tx: Connection, client: LdapClient, suffix: str) -> Wanted:
    """The account itself."""
    app = applications.find(tx, client.application_id)
    is_open = app is not None and not app.disabled_at
    return Wanted(
        client.entry_id,
        client.dn(suffix),
        fixed={
            "objectClass": ("organizationalRole", "simpleSecurityObject", "dmApplication"),
            "cn": (client.application_id,),
            "pwdPolicySubentry": (service_policy_dn(suffix),),
        },
        says={
            STATUS: (ACTIVE if is_open else DISABLED,),
            # Whoever is bound already sees nobody any more.
            OPEN_TO: _open_to(tx, app) if app is not None and is_open else (),
            SECRET: (fingerprint(client.secret_hash),),
        },
        secret_hash=client.secret_hash,
    )


def _open_to(tx: Connection, app: Application) -> tuple[str, ...]:
    """Agencies or people; an application that is open to everyone is a reader of everybody."""
    if app.access == "everyone":
        return ()
    if app.access == "roles":
        return tuple(entrants.list_holders(tx, app.id))
    return tuple(entrants.list_agencies_of(tx, app))


def wanted_readers(
    tx: Connection, suffix: str, clients: Mapping[str, LdapClient] | None = None
) -> Wanted:
    """The one entry that says which accounts read what. `clients`: all of them, where they have
    been read."""
    clients = list_ldap_clients(tx) if clients is None else clients
    open_ones = {a.id: a for a in applications.list_these(tx, clients) if not a.disabled_at}
    releases = list_releases(tx)
    says: dict[str, list[str]] = {each.readers: [] for each in RELEASED.values()}
    says[EVERYBODY] = []
    for application_id, app in sorted(open_ones.items()):
        dn = clients[application_id].dn(suffix)
        if app.access == "everyone":
            says[EVERYBODY].append(dn)
        for name in releases[application_id].attributes if application_id in releases else ():
            if name in RELEASED:
                says[RELEASED[name].readers].append(dn)
    return Wanted(
        READERS_ID,
        readers_dn(suffix),
        fixed={"objectClass": ("organizationalRole", READERS_CLASS), "cn": ("releases",)},
        says={name: tuple(readers) for name, readers in says.items()},
    )


def fingerprint(secret_hash: str) -> str:
    """What tells one password from another and nothing of either."""
    return hashlib.sha256(secret_hash.encode()).hexdigest()
