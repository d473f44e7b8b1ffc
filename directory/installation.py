"""One opened installation: what every service is given as its first argument."""

from __future__ import annotations

from dataclasses import dataclass

from directory import faults
from directory.database.engine import Database
from directory.ldap.accounts import LdapAccount, open_gateway
from directory.ldap.gateway import Gateway
from directory.sealed import KeyRing
from directory.settings import Settings


@dataclass(frozen=True)
class Installation:
    """Settings and the opened stores. `ldap` is bound as the account of this process."""

    settings: Settings
    database: Database
    keyring: KeyRing
    ldap: Gateway
    credentials: Gateway

    def close_connections(self) -> None:
        """Drop pooled connections: before serving in a forked worker, and at the end."""
        self.database.dispose()
        self.ldap.close()
        self.credentials.close()


def open_installation(settings: Settings, account: LdapAccount = "catalogue") -> Installation:
    """Open the stores of a prepared state folder. Nothing is connected before first use.

    `account` is the LDAP account of this process: ``idp`` for the sign-in web processes,
    ``catalogue`` for the console, the worker and the command line (least privilege).
    `credentials` is bound as ``idp-cred``, the only account that writes passwords.
    """
    faults.arm(settings.fault_point)
    return Installation(
        settings=settings,
        database=Database(settings.database_url, synchronous=settings.sqlite_synchronous),
        keyring=KeyRing.load(settings.keys_dir),
        ldap=open_gateway(settings, account),
        credentials=open_gateway(settings, "idp-cred"),
    )
