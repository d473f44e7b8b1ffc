"""Making an unpacked archive true and safe: what was settled is there, what ended stays dead.

Each step works on the scratch system alone; `present` is a copy of the store that is replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from admin_ui.operations.backup.errors import BACKUP_COUNTS
from admin_ui.operations.backup.events import INSTALLATION_RESTORED
from admin_ui.operations.backup.manifest import Manifest
from admin_ui.operations.backup.replaced_store import ReplacedStore
from admin_ui.operations.backup.replay import Replay, replay_settled
from admin_ui.operations.backup.revocations_since_backup import (
    Carried,
    carry_revocations,
    find_stale_passwords,
)
from admin_ui.operations.progress import Told, unheard
from admin_ui.operations.sealing.columns import seal_again
from directory.actor import Actor, system
from directory.audit.log import record
from directory.audit.reading import count_events
from directory.clock import iso
from directory.component import Component
from directory.database import lease as leases
from directory.errors import Invalid
from directory.exports import approvals
from directory.installation import Installation
from directory.intents.history import count_open
from directory.intents.recovery import recover_open_intents
from directory.ldap_clients.keeping import keep_all
from directory.leaked_passwords import store as leaked_passwords
from directory.messages import queue as messages
from directory.projection.apply import end_all_sessions
from idp.flows import store as flows
from idp.keys.epoch import raise_epoch
from idp.logout.ending import end_sessions
from idp.oidc import posted_requests, token_families
from idp.recovery import links
from idp.sessions import store as sessions
from idp.slips import store as slips
from sync.changes import readers
from sync.feed.full_scan import reconcile
from sync.feed.state import drop_cookie

_REASON = "restored"


@dataclass(frozen=True)
class Rebuilt:
    """What became of the archive. `differences`: projection rows the last comparison repaired."""

    manifest: Manifest
    sessions_ended: int
    tokens_revoked: int
    replay: Replay
    recovered: int
    carried: Carried
    differences: int
    present: ReplacedStore = field(repr=False)


def rebuild(
    installation: Installation,
    components: Sequence[Component],
    manifest: Manifest,
    present: ReplacedStore,
    told: Told,
) -> Rebuilt:
    """Run every step, in order. Raises Invalid(``backup.counts``) when something is missing."""
    told("Counting", 0, 0)
    require_counts(installation, manifest)
    told("Ending sessions and tokens", 0, 0)
    ended, revoked = _end_everything(installation, present)
    told("Making settled changes again", 0, 0)
    stale = find_stale_passwords(installation, manifest, present)
    replay = replay_settled(installation, manifest)
    recovered = recover_open_intents(installation, leave_alone_ms=0)
    told("Keeping withdrawals", 0, 0)
    carried = carry_revocations(installation, components, present, stale)
    keep_all(installation, system("restore"))
    told("Comparing catalogue and SQL store", 0, 0)
    swept = reconcile(installation, system("restore"), reason="restore", accept_deletions=True)
    seal_again(installation.database, installation.keyring, components, unheard)
    differences = sum(swept.counts.values())
    return Rebuilt(manifest, ended, revoked, replay, recovered, carried, differences, present)


def require_counts(installation: Installation, manifest: Manifest) -> None:
    """Everything the manifest counted must be there. Raises Invalid(``backup.counts``)."""
    suffix = installation.settings.suffix
    with installation.database.read() as tx:
        found = {
            "people": _count(installation, f"ou=people,{suffix}"),
            "agencies": _count(installation, f"ou=agencies,{suffix}"),
            "audit_events": count_events(tx),
            "open_intents": count_open(tx),
        }
    for name, number in found.items():
        if number != getattr(manifest, name):
            raise Invalid(BACKUP_COUNTS, what=name, found=number, wanted=getattr(manifest, name))


def record_restored(tx: Connection, actor: Actor, file: str, rebuilt: Rebuilt) -> None:
    """The event that links the log that goes on with the one it replaces."""
    record(
        tx,
        INSTALLATION_RESTORED,
        actor,
        file=file,
        backup_at=iso(rebuilt.manifest.created_at),
        backup_head=rebuilt.manifest.audit_head,
        replaced_head=rebuilt.present.audit_head,
        replaced_store=rebuilt.present.state,
        sessions_ended=rebuilt.sessions_ended,
        tokens_revoked=rebuilt.tokens_revoked,
        changes_replayed=len(rebuilt.replay.done),
        withdrawals=rebuilt.carried.counts(),
        passwords_cleared=len(rebuilt.carried.passwords),
        differences=rebuilt.differences,
    )


def _count(installation: Installation, base: str) -> int:
    pages = installation.ldap.pages(base, "(dmId=*)", ["1.1"], page_size=2000)
    return sum(len(page) for page in pages)


def _end_everything(installation: Installation, present: ReplacedStore) -> tuple[int, int]:
    """Dead from here on: every session, refresh token, code, flow and access token there ever was.

    Sessions the backup does not know are taken over first, so that their applications are told.
    """
    actor = system("restore")
    known = present.living_sessions()
    with installation.database.write() as tx:
        drop_cookie(tx)
        readers.forget_all(tx)
        leases.forget_all(tx)
        approvals.forget_all(tx)
        slips.forget_all(tx)
        links.forget_all(tx)
        messages.forget_all(tx)
        leaked_passwords.forget_all(tx)
        raise_epoch(tx, _REASON)
        end_all_sessions(tx)
        revoked = token_families.revoke_all(tx, _REASON)
        flows.drop_all(tx)
        posted_requests.drop_all(tx)
        sessions.take_over(tx, known)
        open_ones: Sequence[tuple[str, str]] = sessions.list_open(tx)
        by_person: dict[str, list[str]] = {}
        for sid, person_id in open_ones:
            by_person.setdefault(person_id, []).append(sid)
        for person_id, sids in by_person.items():
            end_sessions(tx, installation, sids, person_id, actor, _REASON)
    return len(open_ones), revoked
