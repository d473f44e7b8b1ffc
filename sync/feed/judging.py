"""Judging one entry: noise, our own change, or a change from outside; and writing what follows.

An entry is held against what it was when judged last, carried forward by the intents settled since
(`intent_chain`). What is left over was done by somebody else, even when intents of ours went before
or after it: it is reported with before and after, and the projection follows the catalogue.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from itertools import islice

from sqlalchemy import Connection, delete, insert, select, update

from directory import clock
from directory.actor import system
from directory.audit.log import agency_tag, person_tag, record
from directory.catalogue.errors import Unreadable
from directory.catalogue.person import home_agency, person_from_entry
from directory.database.upsert import upsert
from directory.ids import can_be_id
from directory.intents.history import open_among
from directory.ldap.entries import Entry
from directory.projection.apply import is_person, mark_gone, try_to_apply, withdraw
from directory.projection.comparison import compare, row_csns
from directory.projection.queries import home_agency_of
from sync.feed import brake, intent_chain
from sync.feed.content import Content, content_of, difference, pack, unpack
from sync.feed.events import CATALOGUE_OUT_OF_BAND, CATALOGUE_UNREADABLE, CATALOGUE_VANISHED
from sync.feed.stream import EntryKind, publish
from sync.feed.tables import feed_deferred, feed_entry

_FEED = system("feed")


class Verdict(Enum):
    """What a look at an entry came to."""

    SEEN = "this state, or a later one, was judged before"
    NOISE = "no content changed"
    OURS = "settled intents changed it, and nothing else"
    BASELINE = "seen for the first time, and nothing to compare it with"
    OUTSIDE = "somebody changed it outside the system"
    DEFERRED = "an intent of the entry is open"
    NOBODY = "its id is none of ours: nothing can be kept under it"


@dataclass(frozen=True)
class Known:
    """An entry as it was judged last."""

    uuid: str
    entry_id: str
    kind: EntryKind
    csn: str
    mark: str
    content_hash: str
    stored: bytes
    gone: bool

    @property
    def content(self) -> Content:
        return unpack(self.stored)


@dataclass(frozen=True)
class Findings:
    """An entry's content, and where it differs from what it should be."""

    content: Content
    before: Mapping[str, object]
    after: Mapping[str, object]
    is_new: bool = False


def known_entries(tx: Connection, uuids: Collection[str]) -> dict[str, Known]:
    """What is remembered of these entries, by entryUUID."""
    found: dict[str, Known] = {}
    for part in _parts(uuids):
        query = select(feed_entry).where(feed_entry.c.entry_uuid.in_(part))
        found.update((row.entry_uuid, Known(*row)) for row in tx.execute(query))
    return found


def busy_ids(tx: Connection, ids: Collection[str]) -> frozenset[str]:
    """Those of the ids with an open intent."""
    found: set[str] = set()
    for part in _parts(list(filter(can_be_id, ids))):
        found.update(open_among(tx, part))
    return frozenset(found)


def _parts(values: Collection[str]) -> Iterator[list[str]]:
    """Both engines limit how many values one statement may name."""
    rest = iter(values)
    while part := list(islice(rest, 5000)):
        yield part


def judge_entries(
    tx: Connection,
    entries: Mapping[str, Entry],
    *,
    baseline: bool = False,
    went_back: Collection[str] = frozenset(),
    accept_many: bool = False,
) -> dict[str, Verdict]:
    """Judge entries (by entryUUID) and write what follows; the feed's state must be locked.

    `baseline`: the first load, when entries nobody knows are no news. `went_back`: ids whose
    entries are older than what was judged, and yet the catalogue's present state. `accept_many`: as
    of `record_deletions`. Raises Conflict(``feed.mass_deletion``).
    """
    known = known_entries(tx, entries)
    nobody = {u: e for u, e in entries.items() if not can_be_id(e.one("dmId"))}
    for uuid, entry in nobody.items():
        _pass_over(tx, entry, known.get(uuid))
    entries = {uuid: entry for uuid, entry in entries.items() if uuid not in nobody}
    busy = busy_ids(tx, [entry.one("dmId") for entry in entries.values()])
    verdicts = _take_as_baseline(tx, entries, known) if baseline else {}
    for uuid, entry in entries.items():
        if uuid in verdicts:
            continue
        entry_id, old = entry.one("dmId"), known.get(uuid)
        if entry_id in busy:
            _defer(tx, uuid, entry_id)
            withdraw(tx, entry)
            verdicts[uuid] = Verdict.DEFERRED
            continue
        tx.execute(delete(feed_deferred).where(feed_deferred.c.entry_uuid == uuid))
        back = entry_id in went_back
        verdicts[uuid] = judge_entry(tx, uuid, entry, old, baseline=baseline, went_back=back)
    if not accept_many:
        brake.require_few(tx)
    return verdicts | dict.fromkeys(nobody, Verdict.NOBODY)


def _pass_over(tx: Connection, entry: Entry, known: Known | None) -> None:
    if known is not None and not known.gone:
        record_deletion(tx, known)  # renamed by hand
    _report_unreadable(tx, entry, f"the id is none of ours: {entry.dn[:250]}")


def _take_as_baseline(
    tx: Connection, entries: Mapping[str, Entry], known: Mapping[str, Known]
) -> dict[str, Verdict]:
    """Entries nobody judged yet whose rows were made from this very state: most of a first load."""
    csns = row_csns(tx, [entry.one("dmId") for entry in entries.values()])
    taken = {
        uuid: entry
        for uuid, entry in entries.items()
        if uuid not in known and csns.get(entry.one("dmId")) == entry.one("entryCSN")
    }
    rows = [_memory_of(uuid, entry, content_of(entry)) for uuid, entry in taken.items()]
    if rows:
        tx.execute(insert(feed_entry), rows)
    return dict.fromkeys(taken, Verdict.BASELINE)


def judge_entry(
    tx: Connection,
    uuid: str,
    entry: Entry,
    known: Known | None,
    *,
    baseline: bool = False,
    went_back: bool = False,
) -> Verdict:
    """As `judge_entries`, for one entry without an open intent."""
    if known is not None and known.entry_id != entry.one("dmId"):
        record_deletion(tx, known)  # renamed by hand: one person is gone, another has come
        known = replace(known, gone=True)
    is_past = known is not None and not known.gone and entry.one("entryCSN") <= known.csn
    if is_past and not went_back:
        return Verdict.SEEN
    found = _examine(tx, entry, known, baseline=baseline)
    memory = _memory_of(uuid, entry, found.content)
    returned = known is not None and known.gone
    changed = returned or known is None or memory["content_hash"] != known.content_hash
    if found.before or found.after:
        verdict = Verdict.OUTSIDE
        _report(tx, entry, found)
        if known is not None and _is_active(known) and entry.one("dmStatus") != "active":
            brake.note_loss(tx, uuid)
    elif found.is_new:
        verdict = Verdict.BASELINE
    else:
        verdict = Verdict.OURS if changed else Verdict.NOISE
    _remember(tx, memory)
    if verdict is not Verdict.NOISE or went_back:
        project(tx, entry, force=returned or went_back)
    if changed and not baseline:
        publish(tx, entry.one("dmId"), _kind(entry), "changed", entry.one("entryCSN"))
    return verdict


def record_deletions(tx: Connection, uuids: Collection[str], *, accept_many: bool = False) -> None:
    """Entries that are gone: see `record_deletion`.

    Raises Conflict(``feed.mass_deletion``) when they are too many at once (see `brake`); an
    operator who knows better reconciles with `accept_many`.
    """
    found = [known for known in known_entries(tx, uuids).values() if not known.gone]
    for known in found:
        if _is_active(known):
            brake.note_loss(tx, known.uuid)
        record_deletion(tx, known)
    if not accept_many:
        brake.require_few(tx)


def _is_active(known: Known) -> bool:
    """An account that could be signed in to when it was judged last."""
    return known.kind == "person" and "active" in known.content.get("dmStatus", ())


def record_deletion(tx: Connection, known: Known) -> None:
    """The entry is gone, and our services never delete one without a trace: say so.

    The rows stay, as somebody who left or an agency that is closed; sessions end.
    """
    tx.execute(update(feed_entry).where(feed_entry.c.entry_uuid == known.uuid).values(gone=True))
    tx.execute(delete(feed_deferred).where(feed_deferred.c.entry_uuid == known.uuid))
    content = known.content
    where = _place(tx, known.kind, known.entry_id)
    status = next(iter(content.get("dmStatus", ())), "")
    snapshot = {name: list(values) for name, values in content.items()}
    record(tx, CATALOGUE_VANISHED, _FEED, **where, status=status, snapshot=snapshot)
    others = select(feed_entry.c.entry_uuid).where(
        feed_entry.c.entry_id == known.entry_id, feed_entry.c.gone.is_(False)
    )
    if tx.execute(others).first() is None:
        mark_gone(tx, known.entry_id, person=known.kind == "person")
        publish(tx, known.entry_id, known.kind, "removed", known.csn)


def _examine(tx: Connection, entry: Entry, known: Known | None, *, baseline: bool) -> Findings:
    content, mark = content_of(entry), intent_chain.mark_of(entry.one("dmIntent"))
    if known is None:
        return _examine_new(tx, entry, content, baseline=baseline)
    if known.gone:
        return Findings(content, *difference({}, content))
    expected = intent_chain.since(tx, known.content, known.mark, mark)
    if expected is not None:
        return Findings(content, *difference(expected, content))
    # The mark leads nowhere: it was changed by hand, which is worth telling by itself.
    before, after = difference(known.content, content)
    marks = {"dmIntent": [known.mark]}, {"dmIntent": [entry.one("dmIntent")]}
    return Findings(content, before | marks[0], after | marks[1])


def _examine_new(tx: Connection, entry: Entry, content: Content, *, baseline: bool) -> Findings:
    expected = intent_chain.from_the_beginning(tx, intent_chain.mark_of(entry.one("dmIntent")))
    if expected is not None:
        return Findings(content, *difference(expected, content))
    entry_id = entry.one("dmId")
    row_csn = row_csns(tx, [entry_id]).get(entry_id)
    if row_csn == entry.one("entryCSN"):
        return Findings(content, {}, {}, is_new=True)  # loaded off line together with its rows
    if not baseline:
        return Findings(content, *difference({}, content))
    # Changed before the feed ran for the first time: what the rows say otherwise.
    drifted = compare(tx, [entry], went_back=[entry_id]) if row_csn else []
    fields = {n: pair for d in drifted if d.trouble == "stale" for n, pair in d.fields.items()}
    before = {name: _plain(old) for name, (old, _) in fields.items()}
    after = {name: _plain(new) for name, (_, new) in fields.items()}
    return Findings(content, before, after, is_new=True)


def _plain(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _report(tx: Connection, entry: Entry, found: Findings) -> None:
    record(
        tx,
        CATALOGUE_OUT_OF_BAND,
        _FEED,
        **_place(tx, _kind(entry), entry.one("dmId"), entry),
        entry_csn=entry.one("entryCSN"),
        mark=entry.one("dmIntent"),
        modifier=entry.one("modifiersName"),
        before=found.before,
        after=found.after,
    )


def project(tx: Connection, entry: Entry, *, force: bool) -> None:
    """The projection follows. An entry no rows can be made of must not stop the feed."""
    reason = try_to_apply(tx, entry, force=force)
    if reason:
        _report_unreadable(tx, entry, reason)


def _report_unreadable(tx: Connection, entry: Entry, reason: str) -> None:
    record(
        tx,
        CATALOGUE_UNREADABLE,
        _FEED,
        **_place(tx, _kind(entry), entry.one("dmId"), entry),
        entry_csn=entry.one("entryCSN"),
        reason=reason,
    )


def _memory_of(uuid: str, entry: Entry, content: Content) -> dict[str, object]:
    packed = pack(content)
    return {
        "entry_uuid": uuid,
        "entry_id": entry.one("dmId"),
        "kind": _kind(entry),
        "csn": entry.one("entryCSN"),
        "mark": intent_chain.mark_of(entry.one("dmIntent")),
        "content_hash": packed.fingerprint,
        "content": packed.stored,
        "gone": False,
    }


def _remember(tx: Connection, memory: dict[str, object]) -> None:
    tx.execute(
        upsert(tx, feed_entry)
        .values(memory)
        .on_conflict_do_update(index_elements=["entry_uuid"], set_=memory)
    )


def _defer(tx: Connection, uuid: str, entry_id: str) -> None:
    values = {"entry_uuid": uuid, "entry_id": entry_id, "since": clock.now_ms()}
    tx.execute(upsert(tx, feed_deferred).values(values).on_conflict_do_nothing())


def _kind(entry: Entry) -> EntryKind:
    return "person" if is_person(entry) else "agency"


def _place(
    tx: Connection, kind: EntryKind, entry_id: str, entry: Entry | None = None
) -> dict[str, str]:
    """Where an event belongs; what cannot be an id is not looked for under one.

    A person's belong to whoever's they were before the change: to take somebody over from another
    agency by hand must not hide it from that agency.
    """
    if not can_be_id(entry_id):
        return {"subject": "", "agency": ""}
    if kind != "person":
        return {"subject": agency_tag(entry_id), "agency": entry_id}
    agency = home_agency_of(tx, entry_id) or _home_of_newcomer(entry)
    return {"subject": person_tag(entry_id), "agency": agency}


def _home_of_newcomer(entry: Entry | None) -> str:
    try:
        return home_agency(person_from_entry(entry), clock.today().isoformat()) if entry else ""
    except Unreadable:
        return ""
