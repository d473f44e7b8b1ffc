"""Forgetting what nobody needs any more: bounded work a run, older things first.

`docs/reference/retention.md` has the rule of every table. Two things must never go: an intent that
is open, which recovery settles; and one that was settled after its entry was judged last, which
`sync.feed.intent_chain` needs to tell our changes from those of others.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Select, delete, exists, or_, select, update

from directory.clock import DAY, now_ms
from directory.installation import Installation
from directory.intents.tables import intent
from directory.ldap_clients.entries import READERS_ID
from directory.ldap_clients.tables import ldap_client
from sync.feed.content import pack
from sync.feed.tables import catalogue_event, feed_entry

# Longer than anybody asks back, than a backup is kept by default, and than a reader may be away.
KEPT_MS = 90 * DAY
MOST_A_RUN = 2000
_EMPTY = pack({})


def forget_old(installation: Installation) -> None:
    """One run over each table."""
    for forget in (_intents, _catalogue_events, _contents_of_the_gone):
        installation.database.retrying(forget)


def _intents(tx: Connection) -> None:
    """Their payload holds names, telephone numbers and addresses; the log keeps what was told."""
    columns = intent.c
    old = columns.created_at < now_ms() - KEPT_MS
    for state in ("refused", "conflict"):
        _delete(tx, select(columns.id).where(columns.state == state, old))
    done = columns.state == "done"
    _delete(tx, select(columns.id).where(done, old, or_(_is_judged(), _is_of_application())))


def _is_judged() -> ColumnElement[bool]:
    """The feed has seen what the intent made of its entry, or what came later."""
    entry = feed_entry.c
    return exists().where(entry.entry_id == intent.c.entry_id, entry.csn >= intent.c.entry_csn)


def _is_of_application() -> ColumnElement[bool]:
    """Accounts of applications are none of the feed's: what they should say follows from SQL."""
    return or_(
        exists().where(ldap_client.c.entry_id == intent.c.entry_id),
        intent.c.entry_id == READERS_ID,
    )


def _delete(tx: Connection, ids: Select[tuple[str]]) -> None:
    oldest = ids.order_by(intent.c.created_at).limit(MOST_A_RUN)
    tx.execute(delete(intent).where(intent.c.id.in_(oldest)))


def _catalogue_events(tx: Connection) -> None:
    """A reader that was away for longer compares everything instead."""
    columns = catalogue_event.c
    oldest = select(columns.sequence).order_by(columns.sequence).limit(MOST_A_RUN)
    tx.execute(
        delete(catalogue_event).where(
            columns.sequence.in_(oldest.scalar_subquery()), columns.at < now_ms() - KEPT_MS
        )
    )


def _contents_of_the_gone(tx: Connection) -> None:
    """That an entry is gone must be known when it comes back; what it held need not."""
    columns = feed_entry.c
    full = select(columns.entry_uuid).where(
        columns.gone.is_(True), columns.content_hash != _EMPTY.fingerprint
    )
    tx.execute(
        update(feed_entry)
        .where(columns.entry_uuid.in_(full.limit(MOST_A_RUN)))
        .values(content=_EMPTY.stored, content_hash=_EMPTY.fingerprint)
    )
