"""Targets that take what a turn did in one go (files), and say later what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from directory.actor import system
from directory.audit.log import person_tag, record
from directory.database import lease as leases
from directory.database.lease import Lease
from directory.installation import Installation
from directory.projection.queries import home_agency_of
from sync.engine import accounts, runs
from sync.engine.accounts import AccountState
from sync.engine.connectors import Connector
from sync.engine.events import CONNECTOR_ACCOUNT_STUCK
from sync.engine.target import Account, Result, Results, Target
from sync.engine.wanted import from_json

# A file with everybody is made of one turn, and what a turn did is held in memory until then.
MOST_AT_ONCE = 20_000
AT_ONCE = 500
_SYNC = system("connectors")


def standing(installation: Installation, name: str) -> Iterator[Account]:
    """Who has an account that works, as it was written last."""
    after = ""
    while True:
        with installation.database.read() as tx:
            found = accounts.next_held(tx, name, after, AT_ONCE)
        for state in found:
            account = from_json(state.person_id, state.held)
            if account is not None:
                yield account
        if len(found) < AT_ONCE:
            return
        after = found[-1].person_id


def read_results(
    installation: Installation, lease: Lease, found: Connector, target: Target
) -> None:
    """Set aside what was not taken after all. Raises Unreachable."""
    for results in target.results():
        for start in range(0, len(results.rows), AT_ONCE):
            with installation.database.write() as tx:
                leases.assert_held(tx, lease)
                _judge(tx, found, results, results.rows[start : start + AT_ONCE])
        target.forget_results(results.name)


def _judge(tx: Connection, found: Connector, results: Results, rows: Sequence[Result]) -> None:
    refused = {row.person_id: row.says for row in rows if not row.is_taken}
    for state in accounts.find_states(tx, found.name, list(refused)):
        # What was handed over later is not what it speaks of.
        if state.state == "in_step" and (state.changed_at or 0) <= results.at:
            _set_aside(tx, found, state, refused[state.person_id])


def _set_aside(tx: Connection, found: Connector, state: AccountState, says: str) -> None:
    accounts.set_state(
        tx,
        found.name,
        state.person_id,
        state="quarantined",
        is_leaving=state.held is None,
        held=None,
        failed_code="refused",
        failed_detail=says[:300],
        failed_in=runs.ensure(tx, found.name).id,
    )
    record(
        tx,
        CONNECTOR_ACCOUNT_STUCK,
        _SYNC,
        subject=person_tag(state.person_id),
        agency=home_agency_of(tx, state.person_id),
        part_of=runs.hold_open(tx, found.name).folds,
        connector=found.name,
        application=found.definition.application_id,
        why="refused",
        detail=says[:300],
    )
