"""Keeping the entries in LDAP as SQL says they should be: after each change, and by the worker."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from directory.actor import Actor, system
from directory.audit.kinds import Kind
from directory.audit.log import client_tag
from directory.authz import applications
from directory.authz.applications import Application
from directory.errors import AppError, NotFound
from directory.installation import Installation
from directory.intents.carrying import carry_out
from directory.intents.model import EntryChange
from directory.ldap.entries import Entry
from directory.ldap.filters import equals
from directory.ldap.released import RELEASED, readers_dn
from directory.ldap.schema import APPLICATIONS, ID, OPEN_TO, SECRET, STATUS
from directory.ldap_clients.entries import DISABLED, Wanted, wanted_account, wanted_readers
from directory.ldap_clients.events import LDAP_CLIENT_RELEASE_REQUESTED, LDAP_CLIENT_WRITE_REQUESTED
from directory.ldap_clients.register import (
    LdapClient,
    account_dn,
    find_ldap_client,
    list_ldap_clients,
)

_SYSTEM = system("ldap_clients")
_log = logging.getLogger(__name__)
_Now = Callable[[Connection], Wanted]


def keep(
    installation: Installation,
    actor: Actor,
    application_id: str,
    *,
    act: str = "",
    readers: bool = True,
    has_account: bool = False,
) -> None:
    """Write what LDAP says of the application as it should be by now; nothing where it has no
    account. What cannot be written yet is written by the worker: SQL says what is true.

    `act`: the event that began it (`directory.audit.log.record`); `readers`: who reads what may
    have changed; `has_account`: of whoever knows that it has one."""
    if not has_account:
        with installation.database.read() as tx:
            if find_ldap_client(tx, application_id) is None:
                return
    _try(_keep, installation, actor, application_id, act, readers)


def _keep(
    installation: Installation, actor: Actor, application_id: str, act: str, readers: bool
) -> bool:
    """Both entries by one look at SQL: after LDAP, so that nothing older than they are is written
    over them."""
    suffix = installation.settings.suffix
    entry = installation.ldap.read(account_dn(application_id, suffix))
    present = installation.ldap.read(readers_dn(suffix)) if readers else None
    with installation.database.read() as tx:
        if readers:
            its = _readers(tx, suffix, present)
            client = its.clients.get(application_id)
        else:
            its, client = None, find_ldap_client(tx, application_id)
        account = _account(tx, client, suffix) if client is not None else None
    if account is not None:
        _try(_write_account, installation, actor, account, entry, act)
    if its is not None:
        _try(_write_readers, installation, actor, its, present, act)
    return True


def keep_all(installation: Installation, actor: Actor = _SYSTEM) -> int:
    """Write every entry that is not as it should be, and close accounts that are nobody's. Gives
    how many were written. Raises Unavailable."""
    found = _compare(installation)
    written = sum(_try(_close, installation, actor, entry) for entry in found.unknown)
    for client in found.accounts:
        written += _try(_keep_account, installation, actor, client)
    return written + (_try(_keep_readers, installation, actor) if found.readers else 0)


def list_differing(installation: Installation) -> list[str]:
    """The DNs that are not as they should be."""
    found, suffix = _compare(installation), installation.settings.suffix
    dns = [client.dn(suffix) for client in found.accounts]
    dns += [entry.dn for entry in found.unknown]
    return [*dns, readers_dn(suffix)] if found.readers else dns


@dataclass(frozen=True)
class _Found:
    """What is not as it should be: `accounts`, the entry of `readers`, and accounts that are there
    and in use, and `unknown` to SQL."""

    accounts: Sequence[LdapClient]
    unknown: Sequence[Entry]
    readers: bool


def _compare(installation: Installation) -> _Found:
    suffix = installation.settings.suffix
    there = _accounts(installation)
    with installation.database.read() as tx:
        clients = list_ldap_clients(tx).values()
        if not clients and not there:
            return _Found((), (), readers=False)
        wanted = [(client, wanted_account(tx, client, suffix)) for client in clients]
        readers = wanted_readers(tx, suffix)
    accounts = [c for c, one in wanted if _differs(one, there.pop(one.entry_id, None))]
    unknown = [entry for entry in there.values() if entry.one(STATUS) != DISABLED]
    return _Found(accounts, unknown, _differs(readers, installation.ldap.read(readers.dn)))


def _differs(wanted: Wanted, entry: Entry | None) -> bool:
    return entry is None or bool(wanted.missing_in(entry))


def _accounts(installation: Installation) -> dict[str, Entry]:
    base = f"{APPLICATIONS},{installation.settings.suffix}"
    try:
        found = installation.ldap.search(base, equals("objectClass", "dmApplication"), ["*"])
    except NotFound:
        return {}  # a slapd of the province's own that `danhmuc init` has not brought here yet
    return {entry.one(ID): entry for entry in found}


def _try(work: Callable[..., bool], installation: Installation, actor: Actor, *what: Any) -> bool:
    """One that cannot be written must not keep the others from it."""
    try:
        return work(installation, actor, *what)
    except AppError as error:
        _log.warning("accounts of applications are not as SQL says yet: %s", error.detail or error)
        return False


@dataclass(frozen=True)
class _Account:
    """An account as it should be, and of which application."""

    client: LdapClient
    application: Application | None
    wanted: Wanted


def _account(tx: Connection, client: LdapClient, suffix: str) -> _Account:
    wanted = wanted_account(tx, client, suffix)
    return _Account(client, applications.find(tx, client.application_id), wanted)


def _keep_account(installation: Installation, actor: Actor, client: LdapClient) -> bool:
    suffix = installation.settings.suffix
    entry = installation.ldap.read(client.dn(suffix))
    with installation.database.read() as tx:
        account = _account(tx, find_ldap_client(tx, client.application_id) or client, suffix)
    return _write_account(installation, actor, account, entry)


def _write_account(
    installation: Installation, actor: Actor, account: _Account, entry: Entry | None, act: str = ""
) -> bool:
    suffix, client = installation.settings.suffix, account.client

    def now(tx: Connection) -> Wanted:
        return wanted_account(tx, find_ldap_client(tx, client.application_id) or client, suffix)

    def told(wanted: Wanted, before: Entry) -> Mapping[str, object]:
        return {
            "state": wanted.says[STATUS][0],
            "opened": set(wanted.says[OPEN_TO]) != set(before.all(OPEN_TO)),
            "password": set(wanted.says[SECRET]) != set(before.all(SECRET)),
        }

    wanted = account.wanted
    change = _change(wanted, entry, account.application, act)
    return _write(
        installation, actor, change, (wanted, entry, now), LDAP_CLIENT_WRITE_REQUESTED, told
    )


@dataclass(frozen=True)
class _Readers:
    """Who reads what, as it should be. `clients`: all accounts; `met`: the applications of those
    of whom it is said otherwise, in order; `first`: the first of these."""

    clients: Mapping[str, LdapClient]
    wanted: Wanted
    met: Sequence[str]
    first: Application | None


def _readers(tx: Connection, suffix: str, entry: Entry | None) -> _Readers:
    clients = list_ldap_clients(tx)
    wanted = wanted_readers(tx, suffix, clients)
    present = entry or Entry("", {})
    names = {client.dn(suffix).lower(): one for one, client in clients.items()}
    met = sorted(
        {
            names.get(dn.lower(), "")
            for name, readers in wanted.says.items()
            for dn in {*readers} ^ {*present.all(name)}
        }
        - {""}
    )
    return _Readers(clients, wanted, met, applications.find(tx, met[0]) if met else None)


def _keep_readers(installation: Installation, actor: Actor) -> bool:
    suffix = installation.settings.suffix
    entry = installation.ldap.read(readers_dn(suffix))
    with installation.database.read() as tx:
        its = _readers(tx, suffix, entry)
    return _write_readers(installation, actor, its, entry)


def _write_readers(
    installation: Installation, actor: Actor, its: _Readers, entry: Entry | None, act: str = ""
) -> bool:
    suffix = installation.settings.suffix
    dn = its.clients[its.met[0]].dn(suffix).lower() if its.met else ""

    def now(tx: Connection) -> Wanted:
        return wanted_readers(tx, suffix)

    def told(wanted: Wanted, before: Entry) -> Mapping[str, object]:
        after = _reads(Entry("", wanted.says), dn)
        return {
            "added": _names(after - _reads(before, dn)),
            "removed": _names(_reads(before, dn) - after),
            "others": max(0, len(its.met) - 1),
        }

    change = _change(its.wanted, entry, its.first, act)
    return _write(
        installation, actor, change, (its.wanted, entry, now), LDAP_CLIENT_RELEASE_REQUESTED, told
    )


def _reads(entry: Entry, dn: str) -> set[str]:
    """What is released to the account by the one entry of readers."""
    return {
        name
        for name, each in RELEASED.items()
        if dn in {reader.lower() for reader in entry.all(each.readers)}
    }


def _names(names: set[str]) -> str:
    return ", ".join(name for name in RELEASED if name in names)


def _change(wanted: Wanted, entry: Entry | None, app: Application | None, act: str) -> EntryChange:
    """What makes the entry as it should be, told of `app`, as a part of `act`."""
    return EntryChange(
        operation="add" if entry is None else "modify",
        entry_id=wanted.entry_id,
        dn=wanted.dn,
        subject=client_tag(app.id) if app is not None else "",
        agency=app.owner_agency_id if app is not None else "",
        attributes=wanted.whole() if entry is None else wanted.missing_in(entry),
        act=act,
    )


def _write(
    installation: Installation,
    actor: Actor,
    change: EntryChange,
    seen: tuple[Wanted, Entry | None, _Now],
    kind: Kind,
    told: Callable[[Wanted, Entry], Mapping[str, object]],
) -> bool:
    """Write what the entry says otherwise; False for nothing. `seen`: what it should be, read
    after what it is, and what it should be when another change had its turn before ours: then SQL
    may say something else."""
    wanted, entry, now = seen
    if not _differs(wanted, entry):
        return False

    def missing_now(there: Entry) -> Mapping[str, tuple[str, ...]]:
        with installation.database.read() as tx:
            return now(tx).missing_in(there)

    carry_out(
        installation,
        actor,
        change,
        (kind, told(wanted, entry or Entry("", {}))),
        derive=missing_now,
        seen=entry,
    )
    return True


def _close(installation: Installation, actor: Actor, entry: Entry) -> bool:
    """An account that SQL knows nothing of: made by hand, or of a store that was put back."""
    change = EntryChange(
        operation="modify",
        entry_id=entry.one(ID),
        dn=entry.dn,
        subject=client_tag(entry.one("cn")),
        attributes={STATUS: (DISABLED,), OPEN_TO: ()},
    )
    told = {"state": DISABLED, "opened": bool(entry.all(OPEN_TO)), "password": False}
    carry_out(installation, actor, change, (LDAP_CLIENT_WRITE_REQUESTED, told))
    return True
