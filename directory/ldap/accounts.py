"""The accounts our own processes bind as, and where the catalogue is."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Literal, get_args

from directory.errors import Invalid, Unavailable
from directory.ldap.errors import LDAP_NO_PASSWORD
from directory.ldap.gateway import Gateway
from directory.ldap.sockets import ldap_socket_uri
from directory.outside_text import read_text
from directory.settings import Settings

LdapAccount = Literal["idp", "idp-cred", "catalogue", "operator"]
"""``idp`` searches. ``idp-cred`` writes passwords, app passwords and the few attributes people
edit themselves. ``catalogue`` reads and writes the catalogue. ``operator`` reads it.
None of them can read a hash."""

ACCOUNTS: tuple[LdapAccount, ...] = get_args(LdapAccount)
PHONE_BOOK = "phonebook"
"""A sample account for an LDAP application: sees what any account under ou=services sees."""


def account_dn(account: str, suffix: str) -> str:
    """The DN of a service account; `account` is one of our own names."""
    return f"cn={account},ou=services,{suffix}"


def password_file(secrets_dir: Path, account: str) -> Path:
    """Where the password of an account is kept (mode 0600)."""
    return secrets_dir / f"ldap-{account}.password"


def read_password(secrets_dir: Path, account: str) -> str:
    """The password of an account. Raises Unavailable(``ldap.no_password``) when it is not there."""
    path = password_file(secrets_dir, account)
    try:
        found = read_text(path).strip()  # in production somebody may have written it by hand
    except (OSError, Invalid) as error:
        raise Unavailable(LDAP_NO_PASSWORD, detail=f"{path}: {error}", account=account) from error
    if not found:
        raise Unavailable(LDAP_NO_PASSWORD, detail=f"{path} is empty", account=account)
    return found


def make_password(secrets_dir: Path, account: str) -> bool:
    """Make the account's password unless it has one. True when it was made now."""
    path = password_file(secrets_dir, account)
    if path.exists() and path.stat().st_size:
        return False
    secrets_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return True


def ldap_uris(settings: Settings) -> tuple[str, ...]:
    """The catalogue's servers in order of preference: those configured, or our private slapd."""
    return settings.ldap_uris or (ldap_socket_uri(settings.state),)


def bind_uris(settings: Settings) -> tuple[str, ...]:
    """Where passwords are verified: the listeners of the provider alone, where there are any."""
    return settings.ldap_bind_uris or ldap_uris(settings)


def knows_standing(settings: Settings) -> bool:
    """Whether `bind_uris` also compare the passwords of people who may not sign in."""
    return settings.embedded_ldap or bool(settings.ldap_bind_uris)


def open_gateway(settings: Settings, account: LdapAccount) -> Gateway:
    """The catalogue as `account`. Nothing is connected before first use."""
    return Gateway(
        ldap_uris(settings),
        account_dn(account, settings.suffix),
        read_password(settings.secrets_dir, account),
        ca_file=settings.ldap_ca_file,
    )
