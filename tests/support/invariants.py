"""The oracle: the driver's journal held against the catalogue, the SQL store and the audit log.

It reads all three by ways of its own (slapcat's LDIF, plain SQL), not through the code under test.
Every rule gives sentences about what is broken; none means that what was acknowledged is there
exactly once with exactly one audit story, and that the rest is all or nothing.
"""

from __future__ import annotations

import base64
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import create_engine, text

from directory.ldap import embedded
from directory.settings import Settings
from tests.support.journal import Attempt

Attributes = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Intent:
    """One row of the table `intent`, its change unpacked."""

    id: str
    entry_id: str
    state: str
    change: Mapping[str, Any]
    entry_csn: str
    open_for_s: float = 0.0

    @property
    def previous(self) -> str:
        return str(self.change["previous_intent"] or "")


@dataclass(frozen=True)
class Event:
    """One audit event."""

    id: str
    kind: str
    subject: str
    fields: Mapping[str, Any]


@dataclass
class Evidence:
    """What is there after the storm. `entries`: catalogue entries by dmId, names in lower case."""

    entries: dict[str, Attributes]
    rows: dict[str, Mapping[str, Any]]
    intents: dict[str, Intent]
    events: list[Event]
    sessions: dict[str, Mapping[str, Any]]
    families: dict[str, Mapping[str, Any]]
    outbox: list[Mapping[str, Any]] = field(default_factory=list)
    integrity: str = "ok"

    def events_by(self, *kinds: str, key: str) -> dict[str, list[Event]]:
        """Events of these kinds by one of their fields."""
        found: dict[str, list[Event]] = defaultdict(list)
        for event in self.events:
            if event.kind in kinds:
                found[str(event.fields[key])].append(event)
        return found


def collect(settings: Settings, folder: Path) -> Evidence:
    """Everything the rules look at. `folder`: where the export of the catalogue may lie."""
    ldif = folder / "catalogue.ldif"
    embedded.export_ldif(embedded.private_slapd(settings), ldif)
    # An entry was read after the rows about it: an edit in between would look like a fault. So
    # nobody may be editing now.
    engine = create_engine(settings.database_url)
    try:
        with engine.connect() as connection:

            def ask(query: str) -> list[Mapping[str, Any]]:
                return [dict(row) for row in connection.execute(text(query)).mappings()]

            is_sqlite = engine.dialect.name == "sqlite"
            return Evidence(
                entries=read_entries(ldif.read_text(encoding="utf-8")),
                rows={row["id"]: row for row in ask("SELECT * FROM catalogue_person")},
                intents={row["id"]: _intent(row) for row in ask("SELECT * FROM intent")},
                events=[_event(row["body"]) for row in ask("SELECT body FROM audit_event")],
                sessions={row["sid"]: row for row in ask("SELECT * FROM sessions")},
                families={row["id"]: row for row in ask("SELECT * FROM token_family")},
                outbox=ask("SELECT * FROM outbox"),
                integrity=str(next(iter(ask("PRAGMA integrity_check")[0].values())))
                if is_sqlite
                else "ok",
            )
    finally:
        engine.dispose()


def read_entries(ldif: str) -> dict[str, Attributes]:
    """Entries of an LDIF file that have a dmId, by it."""
    found: dict[str, Attributes] = {}
    for block in re.split(r"\n\n+", re.sub(r"\n ", "", ldif)):
        values: dict[str, list[str]] = defaultdict(list)
        for line in block.splitlines():
            name, _, value = line.partition(":")
            if value.startswith(":"):
                value = base64.b64decode(value[1:]).decode("utf-8", "surrogateescape")
            values[name.lower()].append(value.removeprefix(" "))
        if "dmid" in values:
            found[values["dmid"][0]] = {name: tuple(given) for name, given in values.items()}
    return found


def _intent(row: Mapping[str, Any]) -> Intent:
    change = json.loads(row["change"])
    open_for_s = (row["settled_at"] - row["created_at"]) / 1000
    return Intent(row["id"], row["entry_id"], row["state"], change, row["entry_csn"], open_for_s)


def _event(body: bytes) -> Event:
    data = json.loads(bytes(body))
    return Event(data["id"], data["kind"], data["subject"], data["fields"])


def broken(journal: Sequence[Attempt], evidence: Evidence) -> list[str]:
    """One sentence per broken promise; empty when everything holds."""
    found = [sentence for rule in _RULES_OF_STATE for sentence in rule(evidence)]
    return found + [sentence for rule in _RULES for sentence in rule(journal, evidence)]


class IntentCount(NamedTuple):
    """All intents, and those that are neither done nor refused."""

    all: int
    open: int


def count_intents(settings: Settings) -> IntentCount:
    """As the store says now."""
    engine = create_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            query = text("SELECT count(*), count(open_entry) FROM intent")
            return IntentCount(*connection.execute(query).one())
    finally:
        engine.dispose()


# --- what must hold whatever was asked ------------------------------------------------------------


def stores_are_whole(evidence: Evidence) -> Iterable[str]:
    """SQLite's own check of its file."""
    if evidence.integrity != "ok":
        yield f"the SQL store is damaged: {evidence.integrity}"


def every_intent_is_settled(evidence: Evidence) -> Iterable[str]:
    for intent in evidence.intents.values():
        if intent.state not in ("done", "refused", "conflict"):
            yield f"intent {intent.id} is stuck in state {intent.state}"


def every_intent_has_one_story(evidence: Evidence) -> Iterable[str]:
    """One request and one outcome that fits. What was refused before it was meant has no intent."""
    asked = evidence.events_by(
        "person.add.requested",
        "person.change.requested",
        "agency.add.requested",
        "agency.change.requested",
        key="intent",
    )
    done = evidence.events_by("change.done", key="intent")
    refused = evidence.events_by("change.refused", key="intent")
    for intent in evidence.intents.values():
        is_done = intent.state == "done"
        story = tuple(len(events[intent.id]) for events in (asked, done, refused))
        if story != (1, int(is_done), int(not is_done)):
            yield (
                f"intent {intent.id} ({intent.state}) was requested {story[0]} times, "
                f"done {story[1]} times, refused {story[2]} times"
            )
    known = set(evidence.intents)
    for intent_id in {i for events in (asked, done, refused) for i in events} - known:
        if (len(asked[intent_id]), len(done[intent_id]), len(refused[intent_id])) == (1, 0, 1):
            continue
        yield f"the audit log tells of an intent {intent_id} that is not there"


def intents_form_one_chain(evidence: Evidence) -> Iterable[str]:
    """Each change of an entry follows the one before, and the entry bears the last one's mark:
    none was lost, none was made twice, none went back in time."""
    for entry_id, done in _done_by_entry(evidence).items():
        entry = evidence.entries.get(entry_id)
        if entry is None:
            yield f"entry {entry_id} was changed and is not in the catalogue"
            continue
        for previous, count in Counter(intent.previous for intent in done.values()).items():
            if count > 1:
                yield f"{count} changes of {entry_id} follow the same one ({previous or 'none'})"
        chain = _chain(done, _first(entry, "dmintent"))
        if len(chain) != len(done):
            yield f"entry {entry_id} bears {len(chain)} of the {len(done)} changes that were done"


def entries_hold_what_was_done(evidence: Evidence) -> Iterable[str]:
    """Every attribute an intent wrote has the value the last such intent gave it."""
    for entry_id, done in _done_by_entry(evidence).items():
        entry = evidence.entries.get(entry_id, {})
        wanted: dict[str, tuple[str, ...]] = {}
        for intent in _chain(done, _first(entry, "dmintent")):  # newest first
            for name, values in intent.change["attributes"].items():
                wanted.setdefault(name.lower(), tuple(values))
        for name, values in wanted.items():
            if sorted(entry.get(name, ())) != sorted(values):
                yield (
                    f"{entry_id}: {name} is {entry.get(name, ())}, the last change made it {values}"
                )


def projection_says_what_the_catalogue_says(evidence: Evidence) -> Iterable[str]:
    """For people; columns that come from one attribute each."""
    columns = {
        "phone": "telephonenumber",
        "username": "uid",
        "full_name": "cn",
        "status": "dmstatus",
        "mail": "mail",
    }
    people = {i: e for i, e in evidence.entries.items() if "dmPerson" in e.get("objectclass", ())}
    for person_id in people.keys() ^ evidence.rows.keys():
        yield f"person {person_id} is in only one of catalogue and projection"
    for person_id in people.keys() & evidence.rows.keys():
        for column, attribute in columns.items():
            row, entry = evidence.rows[person_id][column], _first(people[person_id], attribute)
            if row != entry:
                yield f"person {person_id}: {column} is {row!r} in SQL and {entry!r} in LDAP"


def sessions_have_one_sign_in(evidence: Evidence) -> Iterable[str]:
    """All or nothing: a session and the event of its opening come together."""
    opened = Counter(
        str(event.fields["session"])
        for event in evidence.events
        if event.kind == "signin.succeeded" and not event.fields["renewed"]
    )
    for sid in evidence.sessions.keys() | opened.keys():
        if (int(sid in evidence.sessions), opened[sid]) != (1, 1):
            there = "is" if sid in evidence.sessions else "is not"
            yield f"session {sid} {there} there, and its opening was recorded {opened[sid]} times"


def codes_became_tokens_once(evidence: Evidence) -> Iterable[str]:
    """A family of tokens and the event of its one code come together; no token twice."""
    redeemed = Counter(
        str(event.fields["family"])
        for event in evidence.events
        if event.kind == "token.granted" and event.fields["grant_type"] == "authorization_code"
    )
    for family in evidence.families.keys() | redeemed.keys():
        if (int(family in evidence.families), redeemed[family]) != (1, 1):
            there = "is" if family in evidence.families else "is not"
            yield f"token family {family} {there} there, its code was used {redeemed[family]} times"
    for token, events in evidence.events_by("token.granted", key="token").items():
        if len(events) > 1:
            yield f"token {token} was granted {len(events)} times"


def nobody_is_blamed(evidence: Evidence) -> Iterable[str]:
    """The feed sees our own changes, also those a crash left half done, and takes none of them
    for somebody else's."""
    for event in evidence.events:
        if event.kind in ("catalogue.out_of_band", "catalogue.vanished", "catalogue.unreadable"):
            yield f"{event.kind} of {event.subject}: {dict(event.fields)}"


def events_are_recorded_once(evidence: Evidence) -> Iterable[str]:
    for event_id, count in Counter(event.id for event in evidence.events).items():
        if count > 1:
            yield f"event {event_id} is in the log {count} times"


# --- what must hold of what was answered ----------------------------------------------------------


def edits_are_what_was_answered(journal: Sequence[Attempt], evidence: Evidence) -> Iterable[str]:
    """Values are the driver's own and unique, so each tells which edit it came from."""
    asked: dict[tuple[str, str], list[str]] = defaultdict(list)
    for event in evidence.events:
        if event.kind == "person.change.requested":
            for name, value in event.fields["changes"].items():
                asked[name, str(value)].append(str(event.fields["intent"]))
    for attempt in journal:
        if attempt.kind != "edit":
            continue
        intents = asked[attempt.facts["field"], attempt.facts["value"]]
        states = [evidence.intents[i].state for i in intents if i in evidence.intents]
        fine = {
            "done": states == ["done"],
            "refused": len(states) <= 1 and "done" not in states,
            "unknown": len(states) <= 1,
        }
        if not fine[attempt.answer]:
            yield (
                f"edit {attempt.number} ({attempt.facts['field']}={attempt.facts['value']}) "
                f"was answered {attempt.answer}, its intents are {states}"
            )


def edits_one_after_another_meet_no_conflict(
    journal: Sequence[Attempt], evidence: Evidence
) -> Iterable[str]:
    """Where one driver alone edits a person and knows how each edit ended, nobody was first."""
    clouded: set[str] = set()
    for attempt in journal:
        if attempt.kind != "edit" or not attempt.facts.get("alone"):
            continue
        person = attempt.facts["person"]
        if attempt.answer == "unknown":
            clouded.add(person)
        elif attempt.answer == "done":
            clouded.discard(person)
        elif person not in clouded:
            yield f"edit {attempt.number} was refused ({attempt.told}) though nobody else edits"


def sign_ins_are_what_was_answered(journal: Sequence[Attempt], evidence: Evidence) -> Iterable[str]:
    by_cookie = {row["cookie_hash"]: row for row in evidence.sessions.values()}
    for attempt in journal:
        if attempt.kind != "sign-in" or attempt.answer != "done":
            continue
        row = by_cookie.get(attempt.told["cookie_hash"])
        if row is None or row["person_id"] != attempt.facts["person"]:
            yield f"sign-in {attempt.number} was acknowledged and its session is not there"


def tokens_are_what_was_answered(journal: Sequence[Attempt], evidence: Evidence) -> Iterable[str]:
    granted = evidence.events_by("token.granted", key="token")
    redeemed: Counter[str] = Counter()
    for attempt in journal:
        if attempt.kind not in ("code", "refresh") or attempt.answer != "done":
            continue
        events = granted.get(attempt.told["token"], [])
        if [event.subject for event in events] != [f"person:{attempt.facts['person']}"]:
            yield f"token {attempt.number} was given and recorded {len(events)} times"
        redeemed[attempt.kind + ":" + attempt.facts["presented"]] += 1
    for presented, count in redeemed.items():
        # A refresh token may be repeated within seconds and gives the same successor.
        if count > 1 and presented.startswith("code:"):
            yield f"{presented} was accepted {count} times"


def _done_by_entry(evidence: Evidence) -> dict[str, dict[str, Intent]]:
    found: dict[str, dict[str, Intent]] = defaultdict(dict)
    for intent in evidence.intents.values():
        if intent.state == "done":
            found[intent.entry_id][intent.id] = intent
    return found


def _chain(done: Mapping[str, Intent], mark: str) -> list[Intent]:
    """The changes an entry with this mark bears, newest first."""
    chain: list[Intent] = []
    while mark in done and len(chain) <= len(done):
        chain.append(done[mark])
        mark = done[mark].previous
    return chain


def _first(entry: Attributes, name: str) -> str:
    values = entry.get(name, ())
    return values[0] if values else ""


_RULES_OF_STATE: tuple[Callable[[Evidence], Iterable[str]], ...] = (
    stores_are_whole,
    every_intent_is_settled,
    every_intent_has_one_story,
    intents_form_one_chain,
    entries_hold_what_was_done,
    projection_says_what_the_catalogue_says,
    sessions_have_one_sign_in,
    codes_became_tokens_once,
    nobody_is_blamed,
    events_are_recorded_once,
)
_RULES: tuple[Callable[[Sequence[Attempt], Evidence], Iterable[str]], ...] = (
    edits_are_what_was_answered,
    edits_one_after_another_meet_no_conflict,
    sign_ins_are_what_was_answered,
    tokens_are_what_was_answered,
)
