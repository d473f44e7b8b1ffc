"""Following the catalogue: from what changed to what is due; and what would be done, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from directory.actor import system
from directory.clock import now_ms
from directory.database import lease as leases
from directory.database.engine import lift_statement_limit
from directory.database.lease import Lease
from directory.installation import Installation
from directory.projection import queries
from directory.projection.queries import PersonRow
from sync.changes import readers
from sync.changes.readers import take
from sync.engine import accounts, connectors, runs
from sync.engine.connectors import Connector
from sync.engine.definition import Definition
from sync.engine.expressions import Value
from sync.engine.runs import RunKind
from sync.engine.target import Account
from sync.engine.wanted import find_wanted_of, from_json, wanted_of_each

AT_ONCE = 200
_SYNC = system("connectors")
_COMPARING: tuple[RunKind, ...] = ("first", "full")


def follow(installation: Installation, lease: Lease, name: str) -> bool:
    """Take some of what changed and note what is due. True while there is more."""
    with installation.database.read() as tx:
        found = connectors.get(tx, name)
        is_compared = found.compared_up_to is None
        is_same = found.compared_for == connectors.rules_of(tx, found)
        if is_compared and is_same and not readers.is_waiting(tx, connectors.reader_of(name)):
            return False
    with installation.database.write() as tx:
        lift_statement_limit(tx)
        leases.assert_held(tx, lease)
        found = connectors.get(tx, name)
        rules = connectors.rules_of(tx, found)
        taken = take(tx, connectors.reader_of(name), AT_ONCE)
        if taken.compare_all or found.compared_for != rules:
            connectors.set_values(tx, name, compared_for=rules, compared_up_to="")
            kind: RunKind = "first" if found.compared_at is None else "full"
            runs.begin(tx, name, kind, _SYNC, to_look_at=queries.count_people(tx))
            return True
        people = dict.fromkeys(
            person_id
            for change in taken.changes
            for person_id in _people_of(tx, change.kind, change.entry_id)
        )
        accounts.look_at(tx, found.definition, list(people))
        if found.compared_up_to is None:
            return len(taken.changes) == AT_ONCE
        return _compare_some(tx, found, found.compared_up_to)


def _people_of(tx: Connection, kind: str, entry_id: str) -> Sequence[str]:
    return [entry_id] if kind == "person" else queries.list_people_under(tx, entry_id)


def _compare_some(tx: Connection, found: Connector, after: str) -> bool:
    """Go on looking at everybody, in the order of their ids."""
    people = queries.next_people(tx, after, AT_ONCE)
    accounts.look_at(tx, found.definition, people)
    is_over = len(people) < AT_ONCE
    runs.look(tx, found.name, _COMPARING, len(people), is_over=is_over)
    if not is_over:
        connectors.set_values(tx, found.name, compared_up_to=people[-1])
        return True
    connectors.set_values(tx, found.name, compared_up_to=None, compared_at=now_ms())
    return False


Step = Literal["create", "update", "disable", "conflict"]


@dataclass(frozen=True)
class Planned:
    """What would be done for one person: `before` and `after` of each attribute that differs, and
    of ``groups``."""

    person_id: str
    step: Step
    before: dict[str, Value]
    after: dict[str, Value]


def plan(tx: Connection, definition: Definition) -> Iterator[Planned]:
    """What would be done if everything were compared now. Nothing is written or asked."""
    after = ""
    while people := queries.next_people_with_posts(tx, after, AT_ONCE):
        yield from plan_for(tx, definition, people)
        after = next(reversed(people))


def plan_for(
    tx: Connection, definition: Definition, people: Mapping[str, PersonRow]
) -> Iterator[Planned]:
    """As `plan`, for some people."""
    known = {each.person_id: each for each in accounts.find_states(tx, definition.name, people)}
    for person_id, wanted in wanted_of_each(tx, definition, people).items():
        state = known.get(person_id)
        held = from_json(person_id, state.held) if state else None
        if state is not None and state.state == "conflict":
            yield Planned(person_id, "conflict", *difference(held, wanted))
        elif held != wanted:
            yield Planned(person_id, _step(state, held, wanted), *difference(held, wanted))


def _step(
    state: accounts.AccountState | None, held: Account | None, wanted: Account | None
) -> Step:
    if wanted is None:
        return "disable"
    is_there = held is not None or (state is not None and state.remote_id is not None)
    return "update" if is_there else "create"


def difference(
    held: Account | None, wanted: Account | None
) -> tuple[dict[str, Value], dict[str, Value]]:
    """What differs, before and after."""
    before, after = _flat(held), _flat(wanted)
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return (
        {name: before[name] for name in names if name in before},
        {name: after[name] for name in names if name in after},
    )


def planned(
    tx: Connection, definition: Definition, states: Sequence[accounts.AccountState]
) -> Iterator[Planned]:
    """What would be done for people whom the connector has looked at, as the catalogue is now."""
    for start in range(0, len(states), AT_ONCE):
        some = states[start : start + AT_ONCE]
        wanted = find_wanted_of(tx, definition, [each.person_id for each in some])
        for state in some:
            yield _planned(state, wanted[state.person_id])


def _planned(state: accounts.AccountState, wanted: Account | None) -> Planned:
    held = from_json(state.person_id, state.held)
    step = "conflict" if state.state == "conflict" else _step(state, held, wanted)
    return Planned(state.person_id, step, *difference(held, wanted))


def side_by_side(
    held: Account | None, wanted: Account | None
) -> Sequence[tuple[str, Value, Value]]:
    """All there is in either, by name: what is held and what is wanted, empty for nothing."""
    before, after = _flat(held), _flat(wanted)
    return [(name, before.get(name, ""), after.get(name, "")) for name in {**after, **before}]


def _flat(account: Account | None) -> dict[str, Value]:
    if account is None:
        return {}
    groups = {"groups": ", ".join(account.groups)} if account.groups else {}
    return {**account.attributes, **groups}
