"""What was taken away since the backup stays taken away.

A restore brings back an older state, and with it every right that was withdrawn meanwhile. The
store that is replaced knows of the withdrawals: each is made again, through the same service as the
first time, as ``system:restore``. What was *given* since the backup is not: that is what going back
means.
"""

from __future__ import annotations

import calendar
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection

from admin_ui.operations.backup.manifest import Manifest
from admin_ui.operations.backup.replaced_store import ReplacedStore
from directory.actor import system
from directory.audit.reading import last_by_subject
from directory.authz import applications
from directory.authz.applications import Application
from directory.authz.grants import list_grants, list_revoked_ids, revoke_grant
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.scopes import EVERYWHERE
from directory.authz.settling import list_former_ends
from directory.catalogue.person import person_dn
from directory.clock import MINUTE, SECOND, today
from directory.component import Component
from directory.database.engine import Database
from directory.errors import AppError, NotFound
from directory.installation import Installation
from directory.ldap_clients import service as ldap_clients
from directory.ldap_clients.register import list_ldap_clients
from directory.people import credentials, service
from directory.people.events import PERSON_PASSWORD_CHANGE_REQUESTED
from directory.projection import queries
from directory.release import service as release
from directory.release.register import list_releases
from directory.requests.register import list_closed
from directory.requests.service import close_again
from directory.sealed import SealBroken
from idp.applications.removal import remove_again
from idp.clients import service as clients
from idp.clients.model import client_from_row
from idp.factors.held import Factor, factors_of, remove_stand_ins
from idp.factors.service import record_reset
from idp.keys import service as keys
from idp.keys.jose import ALGORITHMS

ACTOR = system("restore")
REASON = "khôi phục từ bản sao lưu: giữ nguyên việc thu hồi đã có"
# The event of a new password is written before it: one just before the copy may have come after it.
_MARGIN_MS = MINUTE
_STOPPED = ("suspended", "left")
_NARROWNESS = ("everyone", "agencies", "roles")


@dataclass
class Carried:
    """Ids of what was withdrawn again. `review`: what a person must look at, in sentences."""

    people: list[str] = field(default_factory=list)
    posts: list[str] = field(default_factory=list)
    grants: list[str] = field(default_factory=list)
    clients: list[str] = field(default_factory=list)
    client_secrets: list[str] = field(default_factory=list)
    applications: list[str] = field(default_factory=list)
    releases: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    factors: list[str] = field(default_factory=list)
    passwords: list[str] = field(default_factory=list)
    review: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """How many of each kind; `passwords` and `review` are counted apart."""
        lists = asdict(self)
        return {name: len(lists[name]) for name in lists if name not in ("passwords", "review")}


def carry_revocations(
    installation: Installation,
    components: Sequence[Component],
    present: ReplacedStore,
    stale_passwords: Sequence[str],
) -> Carried:
    """Withdraw again what the present store says was withdrawn; what cannot be is in `review`.

    `stale_passwords`: the people `find_stale_passwords` gave.
    """
    carried = Carried()
    for person_id in stale_passwords:
        clear = partial(credentials.clear_password, installation, ACTOR, person_id, REASON)
        _try(carried, carried.passwords, person_id, clear)
    if present.database is None:
        carried.review += _all_power(installation, present)
        return carried
    for carry in (
        _people,
        _posts,
        _grants,
        _requests,
        _clients,
        _applications,
        _ldap_clients,
        _releases,
        _keys,
        _removed_applications,
    ):
        carry(installation, present.database, carried)
    _factors(installation, present.database, factors_of(components), carried)
    return carried


def _people(installation: Installation, present: Database, carried: Carried) -> None:
    with present.read() as tx:
        stopped = {p: s for p, s in queries.list_statuses(tx).items() if s in _STOPPED}
    with installation.database.read() as tx:
        standing = queries.list_statuses(tx)
    for person_id, status in stopped.items():
        if standing.get(person_id) in (None, status, "left"):
            continue
        withdraw = service.retire if status == "left" else service.suspend
        _try(
            carried,
            carried.people,
            person_id,
            partial(withdraw, installation, ACTOR, person_id, REASON),
        )


def _posts(installation: Installation, present: Database, carried: Carried) -> None:
    """Posts that were ended or moved away from: roles may hang on them."""
    day = today()
    with installation.database.read() as tx:
        held = _current_posts(tx, day.isoformat())
    with present.read() as tx:
        known = queries.list_statuses(tx).keys()
        last_days = {post.id: post.end_on for post in queries.list_posts_until(tx)}
        last_days |= list_former_ends(tx)
    yesterday = (day - timedelta(days=1)).isoformat()
    for person_id in held.keys() & known:
        ended = {
            post_id: last
            for post_id, end in held[person_id].items()
            # A post that stands nowhere any more was taken out by hand.
            if (last := last_days.get(post_id, yesterday)) and (not end or last < end)
        }
        if ended:
            end_posts = partial(service.end_posts, installation, ACTOR, person_id, ended)
            _try(carried, carried.posts, person_id, end_posts)


def _current_posts(tx: Connection, day: str) -> Mapping[str, Mapping[str, str]]:
    """Posts that hold today or later, with their last day, by person."""
    found: dict[str, dict[str, str]] = {}
    for post in queries.list_posts_until(tx, day):
        found.setdefault(post.person_id, {})[post.id] = post.end_on
    return found


def _grants(installation: Installation, present: Database, carried: Carried) -> None:
    with present.read() as tx:
        revoked = list_revoked_ids(tx)
    with installation.database.read() as tx:
        standing = {grant.id for grant in list_grants(tx)}
    for grant_id in revoked:
        if grant_id in standing:
            with installation.database.write() as tx:
                revoke_grant(tx, ACTOR, grant_id, REASON)
            carried.grants.append(grant_id)


def _requests(installation: Installation, present: Database, _carried: Carried) -> None:
    """What was refused or withdrawn must not be approved by mistake, nor be approved twice."""
    with present.read() as tx:
        closed = list_closed(tx)
    with installation.database.write() as tx:
        for request in closed:
            close_again(tx, ACTOR, request)


def _clients(installation: Installation, present: Database, carried: Carried) -> None:
    with present.read() as tx:
        newer = {row.client_id: row for row in clients.export_clients(tx)}
    with installation.database.read() as tx:
        older = clients.export_clients(tx)
    for old in older:
        new = newer.get(old.client_id)
        if new is None or new.version == old.version:
            continue
        if new.disabled_at is not None and old.disabled_at is None:
            clients.disable_client(installation, ACTOR, old.client_id, REASON)
            carried.clients.append(old.client_id)
        if old.secret_hash and new.secret_hash and new.secret_hash != old.secret_hash:
            clients.keep_secrets(installation, ACTOR, old.client_id, client_from_row(new))
            carried.client_secrets.append(old.client_id)
        if (new.metadata, new.pkce_exempt) != (old.metadata, old.pkce_exempt):
            carried.review.append(
                f"client {old.client_id}: its registration was changed since the backup and is "
                "again what it was; look at redirect addresses and authentication"
            )


def _applications(installation: Installation, present: Database, carried: Carried) -> None:
    """Who may enter: where it was narrowed since, the narrower rule stays."""
    with present.read() as tx:
        newer = {app.id: app for app in applications.list_applications(tx)}
    with installation.database.read() as tx:
        older = applications.list_applications(tx)
    for old in older:
        new = newer.get(old.id)
        if new is not None and _is_narrower(new, old):
            kept = replace(old, access=new.access, agencies=new.agencies)
            with installation.database.write() as tx:
                applications.put(tx, ACTOR, kept)
            carried.applications.append(old.id)


def _removed_applications(installation: Installation, present: Database, carried: Carried) -> None:
    """Whatever was removed for good since is removed again."""
    with present.read() as tx:
        newer = {app.id for app in applications.list_seen(tx, EVERYWHERE, removed=True)}
    with installation.database.read() as tx:
        older = applications.list_seen(tx, EVERYWHERE)
    for app in older:
        if app.id in newer:
            remove_again(installation, ACTOR, app.id, REASON)
            if app.id not in carried.applications:
                carried.applications.append(app.id)


def _ldap_clients(installation: Installation, present: Database, carried: Carried) -> None:
    """Applications that ask over LDAP: what was disabled since is, and a new password stays."""
    with present.read() as tx:
        newer = list_ldap_clients(tx)
        disabled = {a.id for a in applications.list_these(tx, newer) if a.disabled_at}
    with installation.database.read() as tx:
        older = list_ldap_clients(tx)
        enabled = {a.id for a in applications.list_these(tx, older) if not a.disabled_at}
    for application_id in sorted(disabled & enabled):
        with installation.database.write() as tx:
            applications.disable(tx, ACTOR, application_id)
        carried.applications.append(application_id)
    for application_id, old in older.items():
        new = newer.get(application_id)
        if new is not None and new.secret_hash != old.secret_hash:
            ldap_clients.keep_secret(installation, ACTOR, new)
            carried.client_secrets.append(application_id)


def _is_narrower(new: Application, old: Application) -> bool:
    if new.access == old.access == "agencies":
        return not set(new.agencies) >= set(old.agencies)
    return _NARROWNESS.index(new.access) > _NARROWNESS.index(old.access)


def _releases(installation: Installation, present: Database, carried: Carried) -> None:
    """What applications learn: what was taken away since stays away."""
    with present.read() as tx:
        newer = list_releases(tx)
    with installation.database.write() as tx:
        for application_id, old in list_releases(tx).items():
            new = newer.get(application_id)
            if new is None or old.attributes.keys() <= new.attributes.keys():
                continue
            kept = {n: why for n, why in old.attributes.items() if n in new.attributes}
            release.change(tx, ACTOR, application_id, kept, REASON)
            carried.releases.append(application_id)


def _keys(installation: Installation, present: Database, carried: Carried) -> None:
    with present.read() as tx:
        rows = keys.export_keys(tx)
    # The keys that applications know by now go on signing, not those of the day of the copy.
    if {row.alg for row in rows if row.status == "current"} == set(ALGORITHMS):
        with suppress(SealBroken):  # of another master key: only what was revoked can be carried
            carried.keys += keys.go_on_with(installation, ACTOR, rows, REASON)
            return
    revoked = [row.kid for row in rows if row.status == "revoked"]
    with installation.database.read() as tx:
        standing = {key.kid for key in keys.list_keys(tx) if key.status != "revoked"}
    for kid in revoked:
        if kid in standing:
            keys.revoke(installation, ACTOR, kid, REASON)
            carried.keys.append(kid)


def _factors(
    installation: Installation, present: Database, factors: Sequence[Factor], carried: Carried
) -> None:
    """A telephone that was lost since stays out, and a code that was used stays used."""
    for factor in factors:
        with present.read() as newer, installation.database.write() as tx:
            gone = Counter(factor.withdraw_again(tx, newer))
            for person_id, count in gone.items():
                remove_stand_ins(tx, factors, person_id)
                record_reset(tx, ACTOR, person_id, count, REASON)
        carried.factors += gone.elements()


def find_stale_passwords(
    installation: Installation, manifest: Manifest, present: ReplacedStore
) -> Sequence[str]:
    """Whose password in the catalogue's copy was replaced later, and must not come alive again.

    To be asked while the entries are as they were copied: their entryCSN is looked at. Events
    between the two copies are in the restored store itself, later ones in the present one.
    """
    since = manifest.ldap_taken_at - _MARGIN_MS
    newest: dict[str, int] = {}
    for database in filter(None, (installation.database, present.database)):
        with database.read() as tx:
            for person_id, at in _passwords_set(tx, since):
                newest[person_id] = max(at, newest.get(person_id, 0))
    return [person_id for person_id, at in newest.items() if _is_stale(installation, person_id, at)]


def _passwords_set(tx: Connection, since: int) -> Sequence[tuple[str, int]]:
    found = last_by_subject(tx, PERSON_PASSWORD_CHANGE_REQUESTED.name, since)
    return [(subject.removeprefix("person:"), at) for subject, at in found.items()]


def _is_stale(installation: Installation, person_id: str, set_at: int) -> bool:
    """Whether the entry's password is an earlier one than the one asked for at `set_at` (ms).

    The event of asking is written before slapd stamps pwdChangedTime. That counts whole
    seconds only; within the same one entryCSN, which counts finer, says whether anything came.
    """
    dn = person_dn(person_id, installation.settings.suffix)
    entry = installation.ldap.read(dn, ["pwdChangedTime", "entryCSN"])
    if entry is None:
        return False
    stamped = _instant(entry.one("pwdChangedTime")) // SECOND
    if stamped == set_at // SECOND:
        return _instant(entry.one("entryCSN")) < set_at
    return stamped < set_at // SECOND


def _instant(generalized_time: str) -> int:
    """In ms; 0 for none. ``20261122084647Z`` and the beginning of a CSN both read so."""
    if not generalized_time:
        return 0
    seconds = calendar.timegm(time.strptime(generalized_time[:14], "%Y%m%d%H%M%S"))
    fraction = generalized_time[14:].partition("Z")[0].lstrip(".")
    return seconds * SECOND + int(fraction[:3].ljust(3, "0"))


def _all_power(installation: Installation, present: ReplacedStore) -> list[str]:
    """Nobody can say what was withdrawn: every delegated power must be looked at."""
    why = {
        "none": "There was no SQL store to compare with",
        "unreadable": f"The SQL store that was replaced cannot be read ({present.why})",
    }[present.state]
    told = [
        f"{why}: suspensions, departures, revoked grants, disabled clients, revoked keys, lost "
        "second factors and changed passwords since the backup are unknown and were not kept"
    ]
    with installation.database.read() as tx:
        for grant in list_grants(tx, application_id=ADMIN_APPLICATION):
            told.append(
                f"delegated power {grant.role} of {_holder(tx, grant.holder_kind, grant.holder_id)}"
                f" in {_place(tx, grant.agency_id)} (grant {grant.id})"
            )
    return told


def _holder(tx: Connection, kind: str, holder_id: str) -> str:
    person = queries.person(tx, holder_id) if kind == "person" else None
    return f"{person.full_name} ({person.username})" if person else f"{kind} {holder_id}"


def _place(tx: Connection, agency_id: str) -> str:
    agency = queries.agency(tx, agency_id)
    return agency.name if agency else agency_id or "the whole province"


def _try(carried: Carried, done: list[str], person_id: str, withdraw: Callable[[], object]) -> None:
    """One withdrawal that cannot be made must not stop the others; it is told."""
    try:
        withdraw()
        done.append(person_id)
    except NotFound:
        return  # the backup does not know the person: nothing to withdraw
    except AppError as error:
        carried.review.append(f"person {person_id}: {error.code}; withdraw by hand")
