"""Where a connector stands with each person: what is due, and what came of it."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, Update, bindparam, func, select, update

from directory.clock import MINUTE, SECOND, now_ms
from directory.database.upsert import upsert
from sync.engine.definition import Definition
from sync.engine.tables import connector_account
from sync.engine.wanted import find_wanted_of, to_json

State = Literal["in_step", "due", "quarantined", "conflict", "skipped"]

MOST_TRIES = 5
_FIRST_WAIT, _LONGEST_WAIT = 2 * SECOND, 15 * MINUTE
WINDOW_MS = 10 * MINUTE


@dataclass(frozen=True)
class AccountState:
    """One person in one target. `held`: what it took last, as `sync.engine.wanted.to_json` writes
    it, or with `doubtful_since` what it was sent, perhaps in vain; None: nothing of ours, or
    (`is_unknown`) nobody knows what."""

    person_id: str
    state: State
    is_leaving: bool
    due_at: int
    tries: int
    remote_id: str | None
    held: str | None
    doubtful_since: int | None
    left_at: int | None
    failed_code: str | None
    failed_detail: str | None
    changed_at: int | None
    seen_in: int | None
    failed_in: str | None

    @property
    def is_unknown(self) -> bool:
        """Whether there is an account, which may work, and nobody knows what it holds."""
        return self.held is None and self.remote_id is not None and self.state != "in_step"


def look_at(tx: Connection, definition: Definition, people: Collection[str]) -> int:
    """Note of each what is due, as the catalogue is in `tx`. Gives for how many something is.

    What is due is not kept, only that something is: however often a person changes while a target
    is away, there is one thing to do, and it is made of what is true when it is done.
    """
    known = {each.person_id: each for each in find_states(tx, definition.name, people)}
    now, due = now_ms(), 0
    for person_id, wanted in find_wanted_of(tx, definition, people).items():
        before = known.get(person_id)
        if before is None and wanted is None:
            continue
        text = None if wanted is None else to_json(wanted)
        is_new = before is None or before.doubtful_since is not None or before.is_unknown
        if before is not None and not is_new and before.held == text:
            _settle(tx, definition.name, before)
            continue
        is_waiting = before is not None and before.state in ("due", "conflict", "skipped")
        if before is not None and is_waiting and before.is_leaving == (wanted is None):
            due += 1
            continue
        values = {
            "state": "due",
            "is_leaving": wanted is None,
            "due_at": now,
            "tries": 0,
        }
        row = {"connector": definition.name, "person_id": person_id, **values}
        put = upsert(tx, connector_account).values(row)
        tx.execute(
            put.on_conflict_do_update(index_elements=["connector", "person_id"], set_=values)
        )
        due += 1
    return due


def _settle(tx: Connection, name: str, before: AccountState) -> None:
    """It went back to what the target holds."""
    if before.state != "in_step":
        set_state(tx, name, before.person_id, state="in_step", tries=0, is_leaving=False)


def find_states(tx: Connection, name: str, people: Collection[str]) -> Sequence[AccountState]:
    """Of those of the people that the connector has to do with."""
    columns = connector_account.c
    query = select(connector_account).where(
        columns.connector == name, columns.person_id.in_(list(people))
    )
    return [_state(row) for row in tx.execute(query)]


def find_near(
    tx: Connection, name: str, people: Collection[str], remote_ids: Collection[str]
) -> Sequence[AccountState]:
    """As `find_states`, and whoever has one of the accounts besides."""
    columns = connector_account.c
    of_them = columns.person_id.in_(list(people)) | columns.remote_id.in_(list(remote_ids))
    query = select(connector_account).where(columns.connector == name, of_them)
    return [_state(row) for row in tx.execute(query)]


def find_by_remote_id(
    tx: Connection, name: str, remote_ids: Collection[str]
) -> Mapping[str, AccountState]:
    """The rows of accounts, by the target's own names of them."""
    columns = connector_account.c
    query = select(connector_account).where(
        columns.connector == name, columns.remote_id.in_(list(remote_ids))
    )
    return {str(row.remote_id): _state(row) for row in tx.execute(query)}


def list_not_seen(tx: Connection, name: str, in_round: int) -> Sequence[AccountState]:
    """Accounts that should be there, and were not, in a whole reading of the target."""
    columns = connector_account.c
    is_seen = func.coalesce(columns.seen_in, 0) >= in_round
    query = select(connector_account).where(
        columns.connector == name,
        columns.state == "in_step",
        columns.held.is_not(None),
        columns.remote_id.is_not(None),
        ~is_seen,
    )
    return [_state(row) for row in tx.execute(query.order_by(columns.person_id))]


def next_held(tx: Connection, name: str, after: str, limit: int) -> Sequence[AccountState]:
    """Accounts that work, for certain, in the order of people's ids."""
    columns = connector_account.c
    query = select(connector_account).where(
        columns.connector == name,
        columns.person_id > after,
        columns.held.is_not(None),
        columns.doubtful_since.is_(None) | columns.remote_id.is_not(None),
    )
    return [_state(row) for row in tx.execute(query.order_by(columns.person_id).limit(limit))]


def count_held(tx: Connection, name: str) -> int:
    """How many accounts there are that work."""
    columns = connector_account.c
    query = select(func.count()).where(columns.connector == name, columns.held.is_not(None))
    return tx.execute(query).scalar_one()


def make_due(
    tx: Connection, name: str, person_id: str, *, held: str | None, is_leaving: bool
) -> None:
    """The target holds something else than it took: `held`, None for unknown or disabled."""
    due = {"state": "due", "due_at": now_ms(), "tries": 0}
    set_state(tx, name, person_id, held=held, is_leaving=is_leaving, **due)


def link(
    tx: Connection, name: str, person_id: str, remote_id: str, held: str | None, *, is_leaving: bool
) -> None:
    """An account that is the person's beyond doubt, or by somebody's word."""
    row = {
        "connector": name,
        "person_id": person_id,
        "state": "due",
        "is_leaving": is_leaving,
        "due_at": now_ms(),
        "tries": 0,
        "remote_id": remote_id,
        "held": held,
        "doubtful_since": None,
    }
    keys = ["connector", "person_id"]
    put = upsert(tx, connector_account).values(row)
    tx.execute(put.on_conflict_do_update(index_elements=keys, set_=row))


def list_due(
    tx: Connection, name: str, limit: int, but: Collection[str] = ()
) -> Sequence[AccountState]:
    """What is due now: whose accounts go first, then what waits longest."""
    columns = connector_account.c
    now = now_ms()
    # Due later than anything ever is: a clock that was wrong wrote it.
    is_due = (columns.due_at <= now) | (columns.due_at > now + 2 * _LONGEST_WAIT)
    found: list[AccountState] = []
    for leaving in (True, False):  # each along the index: together all that is due were sorted
        query = select(connector_account).where(
            columns.connector == name,
            columns.state == "due",
            columns.is_leaving == leaving,
            is_due,
            columns.person_id.not_in(list(but)),
        )
        ordered = query.order_by(columns.due_at, columns.person_id).limit(limit - len(found))
        found += [_state(row) for row in tx.execute(ordered)] if len(found) < limit else []
    return found


def has_due(tx: Connection, name: str) -> bool:
    """Whether anything is to be done, now or later."""
    columns = connector_account.c
    query = select(columns.person_id).where(columns.connector == name, columns.state == "due")
    return tx.execute(query.limit(1)).first() is not None


def count_due(tx: Connection, name: str) -> int:
    """For how many something is to be done, now or later."""
    columns = connector_account.c
    query = select(func.count()).where(columns.connector == name, columns.state == "due")
    return tx.execute(query).scalar_one()


def list_stuck(tx: Connection, name: str, limit: int = 200) -> Sequence[AccountState]:
    """Those that do not go through, the latest first."""
    columns = connector_account.c
    stuck = columns.state.in_(("quarantined", "conflict", "skipped")) | (columns.tries > 0)
    query = select(connector_account).where(columns.connector == name, stuck)
    return [_state(row) for row in tx.execute(query.order_by(columns.person_id).limit(limit))]


def list_of_person(tx: Connection, person_id: str) -> Sequence[tuple[str, AccountState]]:
    """One person in every target: (name of the connector, state)."""
    columns = connector_account.c
    query = select(connector_account).where(columns.person_id == person_id)
    return [(row.connector, _state(row)) for row in tx.execute(query.order_by(columns.connector))]


def count_losses(tx: Connection, name: str) -> tuple[int, int]:
    """(accounts that are about to go or went within ten minutes, accounts there were; of none that
    go nobody asks how many there are)."""
    columns, now = connector_account.c, now_ms()
    of_it = select(func.count()).where(columns.connector == name)
    # A create that may have been carried out is an account too, and one of which nobody knows
    # what it holds: better asked than lost.
    is_unknown = columns.remote_id.is_not(None) & (columns.state != "in_step")
    is_there = columns.held.is_not(None) | is_unknown
    going = of_it.where(columns.state == "due", columns.is_leaving, is_there)
    gone = of_it.where(columns.left_at.between(now - WINDOW_MS, now))
    went = tx.execute(gone).scalar_one()
    lost = tx.execute(going).scalar_one() + went
    if not lost:
        return 0, 0  # asked every second: nobody counts everybody for nothing
    there = tx.execute(of_it.where(is_there)).scalar_one()
    return lost, there + went


def is_anothers(tx: Connection, name: str, person_id: str, remote_id: str) -> bool:
    """Whether the target's account is linked to somebody else."""
    its = {"its_connector": name, "its_person": person_id, "its_remote": remote_id}
    return tx.execute(_anothers(), its).first() is not None


@lru_cache(maxsize=1)
def _anothers() -> Select[tuple[str]]:
    columns = connector_account.c
    query = select(columns.person_id).where(
        columns.connector == bindparam("its_connector"),
        columns.remote_id == bindparam("its_remote"),
        columns.person_id != bindparam("its_person"),
    )
    return query.limit(1)


def forget_losses(tx: Connection, name: str) -> None:
    """Somebody looked: what went so far counts no longer."""
    its = connector_account.c.connector == name
    tx.execute(update(connector_account).where(its).values(left_at=None))


def set_state(tx: Connection, name: str, person_id: str, **values: object) -> None:
    """Change what is kept of a person."""
    its = {"its_connector": name, "its_person": person_id}
    tx.execute(_setting(tuple(sorted(values))), {**values, **its})


@lru_cache(maxsize=64)
def _setting(names: tuple[str, ...]) -> Update:
    """Made once for the same columns: to put it together takes longer than to carry it out."""
    columns = connector_account.c
    its = columns.connector == bindparam("its_connector")
    its &= columns.person_id == bindparam("its_person")
    return update(connector_account).where(its).values({name: bindparam(name) for name in names})


def wait_ms(failures: int, longest: int = _LONGEST_WAIT) -> int:
    """How long until the next try after so many failed ones: twice as long each time, at most 15
    minutes or what `longest` says, and never all at the same instant."""
    longest = min(_FIRST_WAIT * 2 ** min(failures, 12), longest)
    return int(longest * random.uniform(0.5, 1.0))  # noqa: S311 - a pause, not a secret


def _state(row: Row[Any]) -> AccountState:
    return state_from(dict(row._mapping))


def state_from(row: dict[str, Any]) -> AccountState:
    """A row of the table."""
    return AccountState(**{name: value for name, value in row.items() if name != "connector"})
