"""The entries a new catalogue begins with: trees, policies, service accounts."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

from directory.ldap.accounts import ACCOUNTS, PHONE_BOOK, account_dn, read_password
from directory.ldap.entries import Change
from directory.ldap.gateway import Gateway
from directory.ldap.ldif import Attributes
from directory.ldap.passwords import hash_password
from directory.ldap.schema import POLICIES, TREES

SERVICE_ACCOUNTS: tuple[str, ...] = (*ACCOUNTS, PHONE_BOOK)
# Nobody's account: a wrong password is tried on it when there is no hash to try it on, so that
# the refusal costs slapd exactly the same. Nobody knows its password.
DECOY = "decoy"

# A back-stop behind our own policy: it stops someone who tries passwords over LDAP itself.
_DEFAULT_POLICY: Attributes = {
    "pwdAttribute": ("userPassword",),
    "pwdCheckQuality": ("0",),  # slapd sees hashes; length and block list are ours
    "pwdInHistory": ("0",),
    "pwdLockout": ("TRUE",),
    "pwdMaxFailure": ("30",),
    "pwdFailureCountInterval": ("900",),
    "pwdLockoutDuration": ("900",),
    "pwdMaxRecordedFailure": ("30",),
    "pwdMustChange": ("TRUE",),
    "pwdAllowUserChange": ("FALSE",),
}
# Anyone may try wrong passwords on a service account; locking it would lock us all out.
# Its password is 256 random bits.
_SERVICE_POLICY: Attributes = {
    "pwdAttribute": ("userPassword",),
    "pwdCheckQuality": ("0",),
    "pwdLockout": ("FALSE",),
    "pwdAllowUserChange": ("FALSE",),
}
# As for people, the recorded failure included, but never locked: a locked entry hashes nothing.
_DECOY_POLICY: Attributes = {**_DEFAULT_POLICY, "pwdMaxFailure": ("0",)}


def default_policy_dn(suffix: str) -> str:
    """The password policy of everybody but service accounts."""
    return f"cn=default,{POLICIES},{suffix}"


def service_policy_dn(suffix: str) -> str:
    """The password policy of service accounts."""
    return f"cn=services,{POLICIES},{suffix}"


def decoy_policy_dn(suffix: str) -> str:
    """The password policy of the decoy."""
    return f"cn=decoy,{POLICIES},{suffix}"


def base_entries(suffix: str, organisation: str, secrets_dir: Path) -> list[tuple[str, Attributes]]:
    """Every entry, parents first. The accounts' passwords must have been made.

    A DN given here is added once and belongs to the administrators from then on.
    """
    top = {
        "objectClass": ("top", "dcObject", "organization"),
        "dc": (suffix.partition(",")[0].partition("=")[2],),
        "o": (organisation,),
    }
    trees = [
        (f"{tree},{suffix}", {"objectClass": ("organizationalUnit",), "ou": (tree[3:],)})
        for tree in TREES
    ]
    return [
        (suffix, top),
        *trees,
        (default_policy_dn(suffix), _policy("default", _DEFAULT_POLICY)),
        (service_policy_dn(suffix), _policy("services", _SERVICE_POLICY)),
        (decoy_policy_dn(suffix), _policy("decoy", _DECOY_POLICY)),
        *(
            (account_dn(name, suffix), _account(name, suffix, secrets_dir))
            for name in SERVICE_ACCOUNTS
        ),
        (
            account_dn(DECOY, suffix),
            _bindable(DECOY, secrets.token_urlsafe(32), decoy_policy_dn(suffix)),
        ),
    ]


def complete_base_entries(
    manager: Gateway,
    suffix: str,
    organisation: str,
    secrets_dir: Path,
    *,
    new_passwords: Sequence[str] = (),
) -> list[str]:
    """Add to a running catalogue what it lacks; give accounts the passwords that were made anew.

    For an upgrade that brings new entries, and for password files that were lost. Returns the DNs
    that were added or changed.
    """
    done: list[str] = []
    for dn, attributes in base_entries(suffix, organisation, secrets_dir):
        if manager.read(dn, ["1.1"]) is None:
            manager.add(dn, attributes)
            done.append(dn)
    for account in new_passwords:
        dn = account_dn(account, suffix)
        if dn not in done:
            value = hash_password(read_password(secrets_dir, account))
            manager.modify(dn, [Change("replace", "userPassword", (value,))])
            done.append(dn)
    return done


def _policy(name: str, policy: Attributes) -> Attributes:
    return {"objectClass": ("organizationalRole", "pwdPolicy"), "cn": (name,), **policy}


def _account(name: str, suffix: str, secrets_dir: Path) -> Attributes:
    return _bindable(name, read_password(secrets_dir, name), service_policy_dn(suffix))


def _bindable(name: str, password: str, policy_dn: str) -> Attributes:
    return {
        "objectClass": ("organizationalRole", "simpleSecurityObject"),
        "cn": (name,),
        "userPassword": (hash_password(password),),
        "pwdPolicySubentry": (policy_dn,),
    }
