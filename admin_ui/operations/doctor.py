"""Looking at every part of an installation: what is wrong, and what to do about it."""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from cryptography import x509
from sqlalchemy import Connection, func, select

from admin_ui.operations.backup import schedule
from admin_ui.operations.backup.generations import default_folder, last_good
from admin_ui.operations.backup.placement import (
    is_anything_ours,
    is_ldap_ours,
    is_sql_ours,
    of_others,
)
from admin_ui.operations.backup.swap import require_finished
from admin_ui.operations.errors import INSTALLATION_NOT_INITIALISED
from admin_ui.operations.ldap_servers import look_at_rules, look_at_standing
from admin_ui.operations.sealing.rotation import look_at_sealing
from admin_ui.operations.sentences import sentence_of
from directory.audit.reading import find_newest_at, list_events
from directory.clock import DAY, MINUTE, SECOND, local, now_ms
from directory.component import Component, Job, jobs_of
from directory.database.engine import Database
from directory.database.job_runs import list_runs
from directory.database.lease import list_working
from directory.database.migrating import require_current, require_same
from directory.errors import AppError, Unavailable
from directory.identity import find_identity
from directory.installation import Installation, open_installation
from directory.intents.history import count_open
from directory.ldap.schema import schema_steps
from directory.outbound.policy import refusal
from directory.outbox import queue
from directory.ownership import require_own_store
from directory.people import entry_steps
from directory.projection import queries
from directory.sealed import KeyRing, SealBroken, key_files
from directory.settings import Settings, read_settings
from directory.state_folder import is_initialised
from idp.clients.service import list_clients
from idp.keys.service import list_keys
from idp.throttle.events import PROXY_UNDECLARED
from sync.feed.brake import find_brake
from sync.feed.state import read_state
from web.forwarded import is_within
from web.health import checks

_CLOCK_APART_MS = 5 * MINUTE
_MANY = 256  # more proxies than a province has
_NAMED = re.compile(r"NAME '([^']+)'")
_LOW_DISK = 500 * 1024 * 1024


@dataclass(frozen=True)
class Finding:
    """One part looked at; `says` is a sentence, with what to do when not `ok`."""

    part: str
    ok: bool
    says: str
    warns: bool = False


def examine(settings: Settings, components: Sequence[Component]) -> list[Finding]:
    """Look at every part; never raises for something that is merely broken."""
    folder = _guarded("state folder", lambda: _folder(settings))
    if not folder.ok:
        return [folder]
    advice = [Finding("settings", True, said, warns=True) for said in warnings_of(settings)]
    findings = [*advice, _disk(settings), _guarded("keys", lambda: _keys(settings))]
    try:
        installation = open_installation(settings, "catalogue")
    except Exception as error:  # a key or a password is missing: nothing more can be asked
        opened = _guarded("installation", partial(_raise, error))
        return findings if not findings[-1].ok else [*findings, opened]
    parts: list[tuple[str, Callable[[], str]]] = [
        ("SQL store", lambda: _sql(installation.database)),
        ("identity", lambda: _identity(installation)),
        ("clock", lambda: _clock(installation.database)),
        ("LDAP", lambda: _ldap(installation)),
        ("LDAP rules", lambda: _as_found(look_at_rules(settings))),
        ("LDAP standing", lambda: _as_found(look_at_standing(settings))),
        *((part, partial(_check, installation, name)) for part, name in _CHECKS),
        ("LDAP schema", lambda: _schema(installation)),
        ("feed brake", lambda: _brake(installation.database)),
        ("certificates", lambda: _certificates(settings)),
        ("signing keys", lambda: _signing(installation)),
        ("sealing keys", lambda: _as_found(look_at_sealing(installation, components))),
        ("open changes", lambda: _intents(installation)),
        ("upgrade of entries", lambda: _upgrade(installation)),
        ("deliveries", lambda: _outbox(installation)),
        ("jobs", lambda: _jobs(installation, jobs_of(components))),
        ("proxies", lambda: _proxies(installation)),
        ("sign-out addresses", lambda: _addresses(installation)),
        ("backup", lambda: _backup(settings)),
    ]
    findings += [_guarded(part, look) for part, look in parts]
    installation.close_connections()
    return findings


# What ``/readyz`` asks as well (`web.health.checks`): one truth for both.
_CHECKS = (
    ("writing", "sql"),
    ("room", "disk"),
    ("room for the catalogue", "ldap_room"),
    ("worker", "worker"),
    ("feed", "feed"),
    ("deliveries in time", "deliveries"),
)
_SAYS = {
    "disk.full": "the disk is full: nothing can be written and nobody signs in; free some of it",
    "disk.short": "the disk is nearly full: log lines and events are left out; free some of it",
    "ldap.full": "the catalogue has nearly its largest size; slapd will take no more changes",
    "worker.silent": "the worker does not run; is ./deploy/run running?",
    "feed.silent": "changes of the catalogue made by others are not followed; see logs/worker.log",
    "deliveries.late": "a delivery has been waiting for more than 10 minutes; see logs/worker.log",
    "database.unavailable": "the data store takes no writes",
}


def _check(installation: Installation, name: str) -> str:
    found = checks.ask(installation, name)
    if found != checks.OK:
        raise _Bad(_SAYS.get(found, f"{found}; see the log"))
    return "ok"


# A state folder remembers from its first start on what it was built for.
_BUILT_IN = "run danhmuc setup, with another DANHMUC_STATE if this one was started already"


def warnings_of(settings: Settings) -> list[str]:
    """What is allowed and hardly meant."""
    said = []
    if not settings.demo:
        plain = read_settings({"DANHMUC_STATE": "/nonexistent"})
        said = [
            f"DANHMUC_{name} is the demo's, {value!r}: {advice}"
            for name, value, default, advice in (
                ("PROVINCE", settings.province, plain.province, _BUILT_IN),
                ("MAIL_DOMAIN", settings.mail_domain, plain.mail_domain, _BUILT_IN),
                ("OPERATOR_PHONE", settings.operator_phone, plain.operator_phone, "set it"),
            )
            if value == default
        ]
    said += [
        f"DANHMUC_TRUSTED_PROXIES: everybody in {proxy} may claim any address; name the proxies"
        for proxy in settings.trusted_proxies
        if ip_network(proxy).num_addresses > _MANY
    ]
    said += [
        f"DANHMUC_OUTBOUND_ALLOW: {entry} is everywhere; name the province's networks"
        for entry in settings.outbound_allow
        if entry.rpartition(":")[0].endswith("/0")
    ]
    return said


class _Bad(Exception):
    pass


def _raise(error: Exception) -> str:
    raise error


def _guarded(part: str, look: Callable[[], str]) -> Finding:
    """Whatever a look meets is a finding: who asks the doctor has something broken."""
    try:
        return Finding(part, True, look())
    except (_Bad, SealBroken) as error:
        return Finding(part, False, str(error))
    except AppError as error:
        detail = f" ({error.detail})" if isinstance(error, Unavailable) and error.detail else ""
        return Finding(part, False, f"{sentence_of(error)}{detail}")
    except Exception as error:  # see above
        return Finding(part, False, f"cannot be looked at: {type(error).__name__}: {error}")


def _folder(settings: Settings) -> str:
    require_finished(settings)
    if not is_initialised(settings.state):
        raise AppError(INSTALLATION_NOT_INITIALISED, state=str(settings.state))
    return str(settings.state)


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.state).free
    says = f"{free // (1024 * 1024):,} MiB free at {settings.state}"
    return Finding("disk", free > _LOW_DISK, says)


def _keys(settings: Settings) -> str:
    KeyRing.load(settings.keys_dir)
    return ", ".join(path.name for path in key_files(settings.keys_dir))


def _sql(database: Database) -> str:
    require_current(database)
    require_same(database)
    with database.read() as tx:
        people = queries.count_people(tx)
    return f"answers; {people:,} people in the projection"


def _ldap(installation: Installation) -> str:
    entry = installation.ldap.read(installation.settings.suffix, ["objectClass"])
    if entry is None:
        raise _Bad(f"answers, but has no entry {installation.settings.suffix}")
    return f"answers for {installation.settings.suffix}"


def _as_found(found: tuple[bool, str]) -> str:
    if not found[0]:
        raise _Bad(found[1])
    return found[1]


def _identity(installation: Installation) -> str:
    known = find_identity(installation.settings.state)
    if known is None:
        raise _Bad("the state folder does not say what it is for; the next start writes it down")
    require_own_store(installation.database, known, installation.keyring)
    return f"{known.province}, {known.suffix}"


def _clock(database: Database) -> str:
    """A clock that goes wrong ends sessions, delays people and makes tokens of tomorrow."""
    now = now_ms()
    with database.read() as tx:
        newest = find_newest_at(tx) or 0
        server = now if database.is_sqlite else _instant_of(tx)
    if newest > now + _CLOCK_APART_MS:
        raise _Bad(f"events are of the future, up to {local(newest)}: this clock is behind")
    if abs(server - now) > _CLOCK_APART_MS:
        raise _Bad(f"the SQL server's clock says {local(server)}, this one {local(now)}: use NTP")
    return local(now)


def _instant_of(tx: Connection) -> int:
    return int(
        tx.execute(select(func.date_part("epoch", func.clock_timestamp()))).scalar_one() * 1000
    )


def _schema(installation: Installation) -> str:
    entry = installation.ldap.read("cn=Subschema", ["attributeTypes", "objectClasses"])
    if entry is None:
        raise _Bad("LDAP does not show its schema to our account")
    there = " ".join((*entry.all("attributeTypes"), *entry.all("objectClasses")))
    wanted = {
        name
        for step in schema_steps(installation.settings.oid_arc)
        for kind in ("olcAttributeTypes", "olcObjectClasses")
        for value in step.attributes.get(kind, [])
        for name in _NAMED.findall(value)
    }
    if missing := sorted(name for name in wanted if f"'{name}'" not in there):
        raise _Bad(f"LDAP lacks {', '.join(missing)}; run danhmuc init on its server")
    return f"has all {len(wanted)} names of ours"


def _brake(database: Database) -> str:
    with database.read() as tx:
        state, braked = read_state(tx), find_brake(tx)
    if braked is not None:
        raise _Bad(
            f"the feed stopped at {local(braked.since)}: {braked.lost} of {braked.accounts} "
            "accounts were lost at once. See danhmuc catalogue brake"
        )
    if state.loaded_at and state.swept_at < now_ms() - 2 * DAY:
        raise _Bad(f"all was compared last at {local(state.swept_at)}; is the worker running?")
    return "off"


def _certificates(settings: Settings) -> str:
    own = [settings.tls_dir / "server.pem", settings.tls_dir / "ca.pem"] if settings.tls else []
    files = [path for path in own if path.exists()]
    files += [settings.ldap_ca_file] if settings.ldap_ca_file else []
    ends = {}
    for path in files:
        found = x509.load_pem_x509_certificates(path.read_bytes())
        ends[path] = int(min(each.not_valid_after_utc for each in found).timestamp() * 1000)
    late = [f"{path} ends {local(end)}" for path, end in ends.items() if end < now_ms() + 14 * DAY]
    if late:
        raise _Bad("; ".join(late))
    return "; ".join(f"{path.name} until {local(end)}" for path, end in ends.items()) or "none here"


def _addresses(installation: Installation) -> str:
    """Applications that cannot be told of a sign-out."""
    with installation.database.read() as tx:
        registered = [each for each in list_clients(tx) if each.backchannel_logout_uri]
    told = [
        f"{each.name}: {problem}"
        for each in registered
        if (problem := _unreachable(installation.settings, each.backchannel_logout_uri))
    ]
    if told:
        raise _Bad(f"cannot be told of a sign-out: {'; '.join(told)}")
    return f"{len(registered)} may be connected to"


def _unreachable(settings: Settings, uri: str) -> str:
    if uri.startswith(f"{settings.console_url}/"):
        return ""  # ours: it is told by a way of its own
    parts = urlsplit(uri)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except OSError as error:
        return f"{parts.hostname} has no address ({error.strerror})"
    why = [refusal(settings, ip_address(str(each[4][0]).partition("%")[0]), port) for each in found]
    return why[0] if why and all(why) else ""


def _signing(installation: Installation) -> str:
    with installation.database.read() as tx:
        current = [key for key in list_keys(tx) if key.status == "current"]
    if len(current) < 2:
        raise _Bad("a signing key is missing; run danhmuc init")
    return ", ".join(f"{key.alg} {key.kid[:8]}" for key in current)


def _intents(installation: Installation) -> str:
    with installation.database.read() as tx:
        waiting = count_open(tx)
    return f"{waiting} waiting to be settled"


def _upgrade(installation: Installation) -> str:
    with installation.database.read() as tx:
        left = entry_steps.waiting(tx)
    return f"{left:,} people to go; the worker does it" if left else "all are of this version"


def _outbox(installation: Installation) -> str:
    with installation.database.read() as tx:
        late = queue.count_retried(tx)
    return f"{late} being retried"


def _jobs(installation: Installation, jobs: Sequence[Job]) -> str:
    """Those that run for too long, and those whose last run failed."""
    with installation.database.read() as tx:
        runs, working = list_runs(tx), list_working(tx)
    said = []
    for job in jobs:
        seconds = (now_ms() - working.get(job.lease, now_ms())) // SECOND
        if seconds > job.longest_s:
            said.append(
                f"{job.name} has been running for {seconds:,} s, its limit is {job.longest_s:,.0f} "
                "s; the worker starts anew when it does not end"
            )
        run = runs.get(job.name)
        if run is not None and run.failed_code is not None:
            since = local(run.failing_since or run.ended_at)
            said.append(f"{job.name} has failed since {since}: {run.failed_code}")
    if said:
        raise _Bad(f"{'; '.join(said)}; see logs/worker.log")
    return f"{len(jobs)} do what they should"


def _proxies(installation: Installation) -> str:
    trusted = installation.settings.trusted_proxies
    with installation.database.read() as tx:
        told = list_events(tx, kind=PROXY_UNDECLARED.name, limit=50)
    peers = {
        str(event.fields["peer"])
        for event in told
        if event.at > now_ms() - DAY and not is_within(str(event.fields["peer"]), trusted)
    }
    if peers:
        raise _Bad(
            f"requests were forwarded by {', '.join(sorted(peers))} within a day: if that is your "
            "proxy, name it in DANHMUC_TRUSTED_PROXIES; if not, let only proxies reach the "
            "sign-in port"
        )
    return ", ".join(trusted) or "none declared, none seen"


def _backup(settings: Settings) -> str:
    others = of_others(settings)
    if not is_anything_ours(settings):
        return others
    told = "; ".join(filter(None, (_own_backup(settings), others)))
    if schedule.is_overdue(settings):
        raise _Bad(told)
    return told


def _own_backup(settings: Settings) -> str:
    what = (is_ldap_ours(settings) and "LDAP", is_sql_ours(settings) and "the SQL store")
    ours = " and ".join(name for name in what if name)
    newest = last_good(default_folder(settings))
    if schedule.is_overdue(settings):
        days = schedule.age_ms(settings) // DAY
        return f"no good backup of {ours} for {days} days; run danhmuc backup create"
    if newest is None:
        return f"none of {ours} yet; the worker makes one every day"
    return f"the last one of {ours} is of {local(newest.created_at)} ({newest.size:,} bytes)"
