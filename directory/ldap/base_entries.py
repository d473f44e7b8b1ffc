"""The entries a new catalogue begins with: trees, policies, service accounts."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

from directory.ldap.accounts import ACCOUNTS, PHONE_BOOK, account_dn, read_password
from directory.ldap.entries import Change, Entry
from directory.ldap.gateway import Gateway
from directory.ldap.ldif import Attributes
from directory.ldap.passwords import hash_password
from directory.ldap.schema import PEOPLE, POLICIES, TREES

SERVICE_ACCOUNTS: tuple[str, ...] = (*ACCOUNTS, PHONE_BOOK)
# Nobody's account: a wrong password is tried on it when there is no hash to try it on, so that
# the refusal costs slapd exactly the same. Nobody knows its password.
DECOY = "decoy"

# Nobody either, and not active: tried to see whether the servers keep people out as they should.
# It lies where people do, and is none to anybody who looks for people.
PROBE = "probe"

# slapd locks nobody: its lock is one for all listeners, so whoever tries passwords at the LDAP port
# would keep people out of the sign-in page, whose own counters limit tries. Nothing of a failure is
# recorded, else a spray of passwords would be a spray of writes.
_DEFAULT_POLICY: Attributes = {
    "pwdAttribute": ("userPassword",),
    "pwdCheckQuality": ("0",),  # slapd sees hashes; length and block list are ours
    "pwdInHistory": ("0",),
    "pwdLockout": ("FALSE",),
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


def default_policy_dn(suffix: str) -> str:
    """The password policy of everybody but service accounts."""
    return f"cn=default,{POLICIES},{suffix}"


def service_policy_dn(suffix: str) -> str:
    """The password policy of service accounts."""
    return f"cn=services,{POLICIES},{suffix}"


def decoy_policy_dn(suffix: str) -> str:
    """The password policy of the decoy: as for people."""
    return f"cn=decoy,{POLICIES},{suffix}"


def probe_dn(suffix: str) -> str:
    """The entry that stands for people who may not sign in."""
    return f"cn={PROBE},{PEOPLE},{suffix}"


def base_entries(suffix: str, organisation: str, secrets_dir: Path) -> list[tuple[str, Attributes]]:
    """Every entry, parents first. The accounts' passwords must have been made.

    A DN given here is added once and belongs to the administrators from then on; the policies stay
    ours.
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
        (decoy_policy_dn(suffix), _policy("decoy", _DEFAULT_POLICY)),
        *(
            (account_dn(name, suffix), _account(name, suffix, secrets_dir))
            for name in SERVICE_ACCOUNTS
        ),
        (
            probe_dn(suffix),
            _bindable(PROBE, read_password(secrets_dir, PROBE), default_policy_dn(suffix)),
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
    """Add to a running catalogue what it lacks, bring its password policies to what they should
    say; give accounts the passwords that were made anew.

    For an upgrade that brings new entries, and for password files that were lost. Returns the DNs
    that were added or changed.
    """
    done: list[str] = []
    for dn, attributes in base_entries(suffix, organisation, secrets_dir):
        found = manager.read(dn, ["*"])
        if found is None:
            manager.add(dn, attributes)
            done.append(dn)
        elif changes := policy_changes(found, attributes):
            manager.modify(dn, changes)
            done.append(dn)
    for account in new_passwords:
        dn = probe_dn(suffix) if account == PROBE else account_dn(account, suffix)
        if dn not in done:
            value = hash_password(read_password(secrets_dir, account))
            manager.modify(dn, [Change("replace", "userPassword", (value,))])
            done.append(dn)
    return done


def policy_changes(found: Entry, wanted: Attributes) -> list[Change]:
    """What makes a password policy say what it should; nothing for entries of another kind."""
    if "pwdPolicy" not in wanted["objectClass"]:
        return []
    there = {name: set(found.all(name)) for name in found.attributes if _is_of_policy(name)}
    should = {name: set(values) for name, values in wanted.items() if _is_of_policy(name)}
    return [
        Change("replace", name, tuple(should.get(name, ())))
        for name in sorted({*there, *should})
        if there.get(name) != should.get(name)
    ]


def _is_of_policy(name: str) -> bool:
    return name.startswith("pwd")


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
