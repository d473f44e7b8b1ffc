"""Looking at every part of an installation: what is wrong, and what to do about it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sqlalchemy import func, select

from admin_ui.backup import schedule
from admin_ui.backup.generations import default_folder, last_good
from admin_ui.ldap_servers import look_at_rules, look_at_standing
from directory.audit.reading import list_events
from directory.clock import DAY, local, now_ms
from directory.database.engine import Database
from directory.database.migrating import pending
from directory.errors import AppError
from directory.installation import Installation, open_installation
from directory.intents.tables import intent
from directory.outbox.tables import outbox
from directory.people import entry_steps
from directory.projection.tables import catalogue_person
from directory.sealed import KeyRing, SealBroken
from directory.settings import Settings
from idp.health import checks
from idp.keys.service import list_keys
from idp.kit.forwarded import is_within

_LOW_DISK = 500 * 1024 * 1024


@dataclass(frozen=True)
class Finding:
    """One part looked at; `says` is a sentence, with what to do when not `ok`."""

    part: str
    ok: bool
    says: str


def examine(settings: Settings) -> list[Finding]:
    """Look at every part; never raises for something that is merely broken."""
    if not (settings.keys_dir / "master.key").exists():
        says = f"{settings.state} is not initialised; run ./deploy/run or danhmuc init"
        return [Finding("state folder", False, says)]
    findings = [_disk(settings), _guarded("keys", lambda: _keys(settings))]
    if not findings[-1].ok:
        return findings
    house = open_installation(settings, "catalogue")
    parts: list[tuple[str, Callable[[], str]]] = [
        ("SQL store", lambda: _sql(house.database)),
        ("LDAP", lambda: _ldap(house)),
        ("LDAP rules", lambda: _as_found(look_at_rules(settings))),
        ("LDAP standing", lambda: _as_found(look_at_standing(settings))),
        *((part, partial(_check, house, name)) for part, name in _CHECKS),
        ("signing keys", lambda: _signing(house)),
        ("open changes", lambda: _intents(house)),
        ("upgrade of entries", lambda: _upgrade(house)),
        ("deliveries", lambda: _outbox(house)),
        ("proxies", lambda: _proxies(house)),
        ("backup", lambda: _backup(settings)),
    ]
    findings += [_guarded(part, look) for part, look in parts]
    house.close_connections()
    return findings


# What ``/readyz`` asks as well (`idp.health.checks`): one truth for both.
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


def _check(house: Installation, name: str) -> str:
    found = checks.ask(house, name)
    if found != checks.OK:
        raise _Bad(_SAYS.get(found, f"{found}; see the log"))
    return "ok"


class _Bad(Exception):
    pass


def _guarded(part: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, look())
    except (_Bad, SealBroken) as error:
        return Finding(part, False, str(error))
    except AppError as error:
        return Finding(part, False, f"{error.code}: does not answer; is ./deploy/run running?")


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.state).free
    says = f"{free // (1024 * 1024):,} MiB free at {settings.state}"
    return Finding("disk", free > _LOW_DISK, says)


def _keys(settings: Settings) -> str:
    KeyRing.load(settings.keys_dir)
    return "the master key is there"


def _sql(database: Database) -> str:
    if pending(database):
        raise _Bad("the schema is older than the program; run danhmuc init")
    with database.read() as tx:
        people = tx.execute(select(func.count()).select_from(catalogue_person)).scalar_one()
    return f"answers; {people:,} people in the projection"


def _ldap(house: Installation) -> str:
    entry = house.ldap.read(house.settings.suffix, ["objectClass"])
    if entry is None:
        raise _Bad(f"answers, but has no entry {house.settings.suffix}")
    return f"answers for {house.settings.suffix}"


def _as_found(found: tuple[bool, str]) -> str:
    if not found[0]:
        raise _Bad(found[1])
    return found[1]


def _signing(house: Installation) -> str:
    with house.database.read() as tx:
        current = [key for key in list_keys(tx) if key.status == "current"]
    if len(current) < 2:
        raise _Bad("a signing key is missing; run danhmuc init")
    return ", ".join(f"{key.alg} {key.kid[:8]}" for key in current)


def _intents(house: Installation) -> str:
    with house.database.read() as tx:
        query = select(func.count()).select_from(intent).where(intent.c.state == "requested")
        waiting = tx.execute(query).scalar_one()
    return f"{waiting} waiting to be settled"


def _upgrade(house: Installation) -> str:
    with house.database.read() as tx:
        left = entry_steps.waiting(tx)
    return f"{left:,} people to go; the worker does it" if left else "all are of this version"


def _outbox(house: Installation) -> str:
    with house.database.read() as tx:
        query = select(func.count()).select_from(outbox).where(outbox.c.tries > 0)
        late = tx.execute(query).scalar_one()
    return f"{late} being retried"


def _proxies(house: Installation) -> str:
    trusted = house.settings.trusted_proxies
    with house.database.read() as tx:
        told = list_events(tx, kind="proxy.undeclared", limit=50)
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
    if not schedule.is_ours(settings):
        return "LDAP and SQL are servers of their own: their own backups count"
    newest = last_good(default_folder(settings))
    if schedule.is_overdue(settings):
        days = schedule.age_ms(settings) // DAY
        raise _Bad(f"no good backup for {days} days; run danhmuc backup create, and the worker")
    if newest is None:
        return "none yet; the worker makes one every day"
    return f"the last one is of {local(newest.created_at)} ({newest.size:,} bytes)"
