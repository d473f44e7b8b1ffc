"""The log as people read it: one act, one line.

An act is an event that stands by itself and the events that are part of it: what was asked for and
its outcome, a sign-in and the application it led into, the end of a session and who was told. Only
the first is looked for and paged by, so that a page is the same whenever its parts come.

What a machine does to very many in one run would hide all else: it is folded under the run
(`Kind.is_folded`), whose end tells it as numbers, until a question asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Literal, get_args

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    func,
    or_,
    select,
    union,
)

from directory.audit.event import Event, event_from_body
from directory.audit.kinds import Group, Vocabulary
from directory.audit.sentences import Language, field_words, sentence
from directory.audit.tables import SUPPORT_CODE, audit_event
from directory.clock import MINUTE
from directory.database.without_index import without_index

State = Literal["done", "refused", "open"]
STATES: tuple[State, ...] = ("done", "refused", "open")

GROUPS: tuple[Group, ...] = get_args(Group)

_MANY = 10_000  # events, to be put in order for a page
_FEW_NAMED = 5  # nobody has so many events that others are a better way
_MOST_PARTS = 1000  # of all acts of a page
# The outcomes of an act that was asked for (`directory.intents.events`, which is above us).
_DONE, _REFUSED = "change.done", "change.refused"
_NO_OUTCOME_WORDS: Mapping[Language, str] = {"vi": "chưa có kết quả", "en": "no outcome yet"}
_REFUSED_WORDS: Mapping[Language, str] = {"vi": "không ghi được", "en": "it was not written"}
# An event bears the time of its beginning in its id and that of its writing beside it.
_LEEWAY_MS = MINUTE


@dataclass(frozen=True)
class ActQuestion:
    """What to look for; everything given must fit.

    `kinds`: beginnings of kinds. `who`: tags, of the actor or of whom or what
    it happened to; None for everybody. `since`, `until`: instants, the second not included.
    `before`: the id of an act, for the page after it. `code`: the support code of its request
    (`directory.ids.support_code`). `run`: what is folded under it alone. `unfolds`: whether what is
    folded under runs is told one by one; None: where the question may be after one of them.
    """

    group: Group | Literal[""] = ""
    kinds: tuple[str, ...] = ()
    who: tuple[str, ...] | None = None
    since: int = 0
    until: int = 0
    state: State | Literal[""] = ""
    before: str = ""
    code: str = ""
    run: str = ""
    unfolds: bool | None = None

    @property
    def is_unfolded(self) -> bool:
        """Whether nothing is left out as folded."""
        if self.run or self.unfolds is not None:
            return bool(self.run or self.unfolds)
        return self.is_precise or bool(self.group)

    @property
    def is_precise(self) -> bool:
        """Whether so little is asked for that it is told to the last event."""
        return self.who is not None or bool(self.kinds or self.code or self.unfolds)


@dataclass(frozen=True)
class Act:
    """An event that stands by itself, and its parts in the order of time. `state`: whether it was
    done, was refused, or has no outcome yet."""

    first: Event
    state: State
    parts: Sequence[Event] = ()

    @property
    def events(self) -> Sequence[Event]:
        return (self.first, *self.parts)


def list_acts(
    tx: Connection,
    vocabulary: Vocabulary,
    question: ActQuestion,
    *,
    limit: int,
    agencies: Select[tuple[str]] | None = None,
    also_of_no_agency: bool = False,
) -> list[Act]:
    """The latest acts that fit, newest first: three statements at most. `agencies`,
    `also_of_no_agency`: as in `directory.audit.reading.list_events`."""
    columns = audit_event.c
    ways = _ways(vocabulary, question, agencies, also_of_no_agency=also_of_no_agency)
    query = select(columns.body, columns.at).where(
        *_lines(vocabulary, question, agencies),
        *_fitting(vocabulary, question),
        *(way.as_test for way in ways),
    )
    if (first := _first_way(tx, question, ways)) is not None:
        query = query.where(columns.id.in_(first.ids))
    # Those of a run are found by it, however few they are in the whole log.
    order = without_index(columns.id) if question.run else columns.id
    rows = tx.execute(query.order_by(order.desc()).limit(limit)).all()
    return _with_parts(tx, vocabulary, [event_from_body(row.body, row.at) for row in rows])


def count_acts(
    tx: Connection,
    vocabulary: Vocabulary,
    question: ActQuestion,
    *,
    most: int,
    agencies: Select[tuple[str]] | None = None,
) -> int:
    """How many acts fit, `most` at most."""
    columns = audit_event.c
    query = select(columns.id).where(
        *_lines(vocabulary, question, agencies),
        *_fitting(vocabulary, question),
        *(way.as_test for way in _ways(vocabulary, question, agencies)),
    )
    return tx.execute(select(func.count()).select_from(query.limit(most).subquery())).scalar_one()


def tell(
    act: Act, vocabulary: Vocabulary, names: Mapping[str, str], language: Language = "vi"
) -> str:
    """The act in one sentence, in the past tense unless it has no outcome."""

    def line(event: Event) -> str:
        kind = vocabulary.kinds.get(event.kind)
        named = {
            word: [part.subject for part in act.parts if part.kind == part_kind]
            for word, part_kind in (kind.parts if kind else {}).items()
        }
        told = replace(event, fields={**event.fields, **named})
        return sentence(told, vocabulary, names, language)

    if act.state == "open":
        return f"{line(act.first)} ({_NO_OUTCOME_WORDS[language]})"
    refused = [part for part in act.parts if part.kind == _REFUSED]
    if refused:
        why = field_words(refused[-1], "reason", vocabulary, names, language)
        return f"{line(act.first)}; {_REFUSED_WORDS[language]}: {why}"
    return line(_teller(act, vocabulary))


def find_run(act: Act, vocabulary: Vocabulary) -> str:
    """The id of the run that the act tells as numbers, to ask for what is folded under it; empty
    where it tells none."""
    kind = vocabulary.kinds.get(act.first.kind)
    return str(act.first.fields.get(kind.folds, "")) if kind is not None and kind.folds else ""


def _teller(act: Act, vocabulary: Vocabulary) -> Event:
    """The event whose sentence tells the act best: what was done says more than what was asked."""
    kinds = vocabulary.kinds
    if act.first.kind not in kinds or not kinds[act.first.kind].awaits_outcome:
        return act.first
    tellers = (
        part
        for part in reversed(act.parts)
        if part.kind in kinds and part.kind != _DONE and not kinds[part.kind].awaits_outcome
    )
    return next(tellers, act.first)


@dataclass(frozen=True)
class _Way:
    """One of the things that narrow a question. `ids`: of the events that fit it, along an index of
    its own; `as_test`: the same asked of each event, by no index."""

    ids: Select[Any] | CompoundSelect[Any]
    as_test: ColumnElement[bool]


def _ways(
    vocabulary: Vocabulary,
    question: ActQuestion,
    agencies: Select[tuple[str]] | None,
    *,
    also_of_no_agency: bool = False,
) -> Sequence[_Way]:
    """Who first: that narrows most."""
    events = audit_event.alias().c
    ids, tested = select(events.id), {c.name: without_index(c) for c in audit_event.c}
    ways = []
    if (who := question.who) is not None:
        its = union(ids.where(events.actor.in_(who)), ids.where(events.subject.in_(who)))
        ways.append(_Way(its, or_(tested["actor"].in_(who), tested["subject"].in_(who))))
    if question.group:
        kinds = [k.name for k in vocabulary.kinds.values() if question.group in k.groups]
        ways.append(_Way(ids.where(events.kind.in_(kinds)), tested["kind"].in_(kinds)))
    if agencies is not None:
        theirs: ColumnElement[bool] = events.agency.in_(agencies)
        test: ColumnElement[bool] = tested["agency"].in_(agencies)
        if also_of_no_agency:
            theirs, test = or_(theirs, events.agency == ""), or_(test, tested["agency"] == "")
        ways.append(_Way(ids.where(theirs), test))
    return ways


def _first_way(tx: Connection, question: ActQuestion, ways: Sequence[_Way]) -> _Way | None:
    """The way with the fewest events, to look at those alone; None where all have very many: the
    newest of all are looked at then, and a page is full soon."""
    if question.who is not None and len(question.who) <= _FEW_NAMED:
        return ways[0]
    if not ways:
        return None
    counts = (
        select(func.count()).select_from(way.ids.limit(_MANY + 1).subquery()).scalar_subquery()
        for way in ways
    )
    sizes = tx.execute(select(*counts)).one()
    fewest = min(sizes)
    return ways[list(sizes).index(fewest)] if fewest <= _MANY else None


def _lines(
    vocabulary: Vocabulary, question: ActQuestion, agencies: Select[tuple[str]] | None
) -> list[ColumnElement[bool]]:
    """What is a line by itself: by an index of its own (`ix_audit_event_act`) where what is folded
    is left out, for those may be nearly all."""
    stands_alone, kind = audit_event.c.part_of.is_(None), without_index(audit_event.c.kind)
    kinds = vocabulary.kinds.values()
    folded = [each.name for each in kinds if each.is_folded]
    if question.run:
        return [audit_event.c.part_of == question.run, kind.in_(folded)]
    told: list[ColumnElement[bool]] = [stands_alone]
    if question.is_unfolded:
        told = [or_(stands_alone, kind.in_(folded))]
    if agencies is None and not question.is_precise:
        told.append(kind.not_in([each.name for each in kinds if each.told_in_total]))
    return told


def _fitting(vocabulary: Vocabulary, question: ActQuestion) -> list[ColumnElement[bool]]:
    columns = audit_event.c
    fitting: list[ColumnElement[bool]] = []
    if question.kinds:
        begins = (columns.kind.startswith(kind, autoescape=True) for kind in question.kinds)
        fitting.append(or_(*begins))
    if question.since:
        fitting += [columns.id >= _first_id(question.since - _LEEWAY_MS)]
        fitting += [columns.at >= question.since]
    if question.until:
        fitting += [columns.id < _first_id(question.until), columns.at < question.until]
    if question.code:
        fitting.append(SUPPORT_CODE.in_((question.code,)))
    if question.before:
        fitting.append(columns.id < question.before)
    if question.state:
        fitting.append(_in_state(vocabulary, question.state))
    return fitting


def _first_id(instant: int) -> str:
    """No event that began at `instant` or later has a smaller id (RFC 9562 section 5.7)."""
    digits = f"{max(instant, 0):012x}"
    return f"{digits[:8]}-{digits[8:]}"


def _in_state(vocabulary: Vocabulary, state: State) -> ColumnElement[bool]:
    event, part = audit_event, audit_event.alias()
    parts = select(part.c.id).where(part.c.part_of == event.c.id).correlate(event)
    refused_parts = parts.where(part.c.kind == _REFUSED).exists()
    awaiting = [name for name, kind in vocabulary.kinds.items() if kind.awaits_outcome]
    refusals = [name for name, kind in vocabulary.kinds.items() if kind.is_refusal]
    awaits = event.c.kind.in_(awaiting)
    if state == "open":
        return and_(awaits, ~parts.exists())
    refused = or_(event.c.kind.in_(refusals), and_(awaits, refused_parts))
    if state == "refused":
        return refused
    return and_(~refused, or_(~awaits, parts.exists()))


def _with_parts(tx: Connection, vocabulary: Vocabulary, firsts: Sequence[Event]) -> list[Act]:
    keys = {key for event in firsts for key in _keys(vocabulary, event)}
    if not keys:
        return [Act(event, _state(vocabulary, event, ())) for event in firsts]
    columns = audit_event.c
    query = select(columns.body, columns.at, columns.part_of).where(columns.part_of.in_(keys))
    rows = tx.execute(query.order_by(columns.at, columns.id).limit(_MOST_PARTS))
    parts = [event_from_body(row.body, row.at, row.part_of) for row in rows]
    of_act: dict[str, list[Event]] = {first.id: [] for first in firsts}
    for part, owner in zip(parts, _owners(vocabulary, firsts, parts), strict=True):
        of_act.setdefault(owner, []).append(part)
    return [
        Act(first, _state(vocabulary, first, of_act[first.id]), of_act[first.id])
        for first in firsts
    ]


def _state(vocabulary: Vocabulary, first: Event, parts: Sequence[Event]) -> State:
    kind = vocabulary.kinds.get(first.kind)
    if kind is None or not kind.awaits_outcome:
        return "refused" if kind is not None and kind.is_refusal else "done"
    if any(part.kind == _REFUSED for part in parts):
        return "refused"
    return "done" if parts else "open"


def _keys(vocabulary: Vocabulary, event: Event) -> list[str]:
    """What the parts of an act name: the sessions it began or ended, or its event."""
    kind = vocabulary.kinds.get(event.kind)
    if kind is None or not (kind.awaits_outcome or kind.parts):
        return []
    if kind.awaits_outcome:
        return [event.id]
    sessions = event.fields.get("sessions", event.fields.get("session", ""))
    sids = [sid for sid in (sessions if isinstance(sessions, list) else [sessions]) if sid]
    return sids or [event.id]


def _owners(vocabulary: Vocabulary, firsts: Sequence[Event], parts: Sequence[Event]) -> list[str]:
    """For each part the act it belongs to: of several with its key the latest that names parts of
    its kind and is not younger."""
    wanting: dict[str, list[Event]] = {}
    for first in sorted(firsts, key=lambda event: event.at):
        for key in _keys(vocabulary, first):
            wanting.setdefault(key, []).append(first)
    owners = []
    for part in parts:
        fits = (
            first
            for first in reversed(wanting.get(part.part_of, []))
            if first.at <= part.at and _takes(vocabulary, first, part)
        )
        owners.append(next((first.id for first in fits), ""))
    return owners


def _takes(vocabulary: Vocabulary, first: Event, part: Event) -> bool:
    kind = vocabulary.kinds[first.kind]
    return kind.awaits_outcome or part.kind in kind.parts.values()


def events_of(acts: Sequence[Act]) -> list[Event]:
    """All events of the acts, for whoever looks up their names."""
    return list(chain.from_iterable(act.events for act in acts))
