"""Reading what a target really holds, and mending what differs from what it took last.

Page by page, some of it in each turn, so that it may be killed anywhere and goes on; by itself once
a day. Nothing is done here: what is to be mended is noted as due, and the next turn does it, behind
the brake, as any other change. Accounts that are nobody's are told, and left alone.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import Connection, Row, case, delete, func, select

from directory.actor import Actor, system
from directory.audit.log import record
from directory.clock import HOUR, now_ms
from directory.database import lease as leases
from directory.database.lease import Lease
from directory.database.upsert import upsert
from directory.errors import Conflict
from directory.installation import Installation
from directory.projection import queries
from sync.engine import accounts, brake, connectors, runs
from sync.engine.accounts import AccountState
from sync.engine.connectors import Connector
from sync.engine.errors import CONNECTOR_NO_LIST
from sync.engine.events import CONNECTOR_READING, CONNECTOR_RECONCILED
from sync.engine.expressions import Value
from sync.engine.runs import RunKind
from sync.engine.tables import connector_finding
from sync.engine.target import Account, Capability, Found, PlaceLost, Target, Unreachable
from sync.engine.wanted import find_wanted, from_json, to_json

# unknown: nobody's that we know of; unlinked: says it is a person's, whose account we did not know
# of; missing: was made, and is not there; differs: holds something else; kept: still does after it
# was mended, as the target wants it so; again: groups that differ again after they were mended, as
# somebody there changes them; groups: the target did not tell who is in its groups; disabled: was
# disabled there; revived: was disabled by us and works again; anothers:
# says it is somebody else's; twice: a second one that says it is the same person's.
FindingKind = Literal[
    "unknown",
    "unlinked",
    "missing",
    "differs",
    "kept",
    "again",
    "groups",
    "disabled",
    "revived",
    "anothers",
    "twice",
]

_EVERY_MS = 24 * HOUR
_READING: tuple[RunKind, ...] = ("reconcile",)
_ONLY_TOLD: frozenset[FindingKind] = frozenset({"unknown", "twice", "kept", "groups"})
_GROUPS = Found("/Groups", "")
_MOST_ACCOUNTS = 1_000_000
_MOST_CHARS = 300
_SYNC = system("connectors")


@dataclass(frozen=True)
class Finding:
    """One account that is otherwise than it should be. `detail`: what differs, as path: there ≠
    ours. `repaired_at` (ms): when it was noted as due; None: it was only told."""

    remote_id: str
    kind: FindingKind
    person_id: str | None
    login: str
    detail: str
    repaired_at: int | None


@dataclass(frozen=True)
class Report:
    """What the last reading found. `accounts`: how many the target has; `is_over`: all of it was
    read; `counts`: how many of each kind."""

    accounts: int
    is_over: bool
    reconciled_at: int | None
    repaired: int
    counts: Mapping[FindingKind, int]
    findings: Sequence[Finding]


def begin(installation: Installation, actor: Actor, name: str, *, repairs: bool) -> None:
    """Read the target from its first account on. Raises NotFound, Forbidden,
    Conflict(``connector.no_list``)."""
    with installation.database.write() as tx:
        found = connectors.get_to_write(tx, actor, name)
        if Capability.LIST not in found.definition.target.can:
            raise Conflict(CONNECTOR_NO_LIST, name=name)
        _begin(tx, found, repairs=repairs)
        _begin_run(tx, name, actor)
        its = connectors.about(tx, found.definition)
        record(tx, CONNECTOR_READING, actor, **its, name=name, repairs=repairs)


def _begin(tx: Connection, found: Connector, *, repairs: bool) -> None:
    connectors.set_values(
        tx,
        found.name,
        reconcile_place="",
        reconcile_round=(found.reconcile_round or 0) + 1,
        reconcile_repairs=repairs,
        reconcile_accounts=0,
    )


def _begin_run(tx: Connection, name: str, actor: Actor) -> None:
    """How many accounts the target has nobody knows: about as many as we know of."""
    runs.begin(tx, name, "reconcile", actor, to_look_at=max(accounts.count_held(tx, name), 1))


def read_some(
    installation: Installation, lease: Lease, name: str, target: Target, until: float
) -> bool:
    """Read on, if there is something to read. False: nothing was. Raises Unreachable."""
    with installation.database.read() as tx:
        found = connectors.get(tx, name)
    if Capability.LIST not in found.definition.target.can:
        return False
    if found.reconcile_place is None:
        # Before anything was made there is nothing to differ; a day ahead is of a wrong clock.
        last = found.reconciled_at or found.added_at
        if 0 <= now_ms() - last < _EVERY_MS or not found.definition.reconciles:
            return False
        with installation.database.write() as tx:
            leases.assert_held(tx, lease)
            _begin(tx, found, repairs=found.definition.reconciles == "repair")
            _begin_run(tx, name, _SYNC)
        return True
    while found.reconcile_place is not None and time.monotonic() < until:
        try:
            page = target.list_accounts(found.reconcile_place)
        except PlaceLost as error:
            _begin_anew(installation, lease, found)
            raise Unreachable(f"its list of accounts: {error.why}") from error
        with installation.database.write() as tx:
            leases.assert_held(tx, lease)
            now = connectors.get(tx, name)
            if now.reconcile_place != found.reconcile_place:
                return True  # somebody began anew
            fresh = _judge_page(tx, now, page.found)
            if page.groups_untold and now.definition.roles:
                _note(tx, now, _GROUPS, "groups", detail=page.groups_untold)
            place = page.following if fresh else None
            count = (now.reconcile_accounts or 0) + fresh
            if count > _MOST_ACCOUNTS:
                place = None
            connectors.set_values(tx, name, reconcile_place=place, reconcile_accounts=count)
            runs.look(tx, name, _READING, fresh, is_over=place is None)
            if place is None:
                _end(tx, now, count)
            found = connectors.get(tx, name)
    return True  # of what was read, something may be due now


def _begin_anew(installation: Installation, lease: Lease, found: Connector) -> None:
    """What was read of the list so far is no beginning of what comes now."""
    with installation.database.write() as tx:
        leases.assert_held(tx, lease)
        if connectors.get(tx, found.name).reconcile_round == found.reconcile_round:
            _begin(tx, found, repairs=bool(found.reconcile_repairs))
            runs.look_anew(tx, found.name)


def _judge_page(tx: Connection, found: Connector, page: Sequence[Found]) -> int:
    """Note what is otherwise; gives how many accounts had not been seen in this round."""
    known = accounts.find_by_remote_id(tx, found.name, [each.remote_id for each in page])
    rounds = _rounds_of(tx, found.name, [each.remote_id for each in page])
    fresh = 0
    for each in page:
        linked = known.get(each.remote_id)
        seen_in = linked.seen_in if linked else rounds.get(each.remote_id)
        if seen_in == found.reconcile_round:
            continue
        fresh += 1
        if linked is None:
            _judge_unlinked(tx, found, each)
        else:
            accounts.set_state(tx, found.name, linked.person_id, seen_in=found.reconcile_round)
            if linked.state == "in_step":
                _judge_linked(tx, found, each, linked)
    return fresh


def _judge_unlinked(tx: Connection, found: Connector, each: Found) -> None:
    is_ours = len(each.person_id) == 36 and queries.person(tx, each.person_id) is not None
    if not is_ours:
        mail = str(each.attributes.get("emails", ""))
        _note(tx, found, each, "unknown", detail=mail)  # to tell whose it could be
        return
    state = next(iter(accounts.find_states(tx, found.name, [each.person_id])), None)
    if state is not None and state.remote_id is not None:
        _note(tx, found, each, "twice", each.person_id)
        return
    if state is None and find_wanted(tx, found.definition, each.person_id) is None:
        if not each.is_active:
            _note(tx, found, each, "unknown")
            return
        # Whoever may not enter works in it: of a store that was put back, or made by hand.
        if _note(tx, found, each, "unlinked", each.person_id):
            held = to_json(Account(each.person_id, each.attributes))
            accounts.link(tx, found.name, each.person_id, each.remote_id, held, is_leaving=True)
        return
    if _note(tx, found, each, "unlinked", each.person_id):
        accounts.look_at(tx, found.definition, [each.person_id])


def _judge_linked(tx: Connection, found: Connector, each: Found, state: AccountState) -> None:
    person_id, held = state.person_id, from_json(state.person_id, state.held)
    if each.person_id and each.person_id != person_id:
        if _note(tx, found, each, "anothers", person_id):
            stuck = {"state": "conflict", "failed_code": "taken"}
            told = "the account says that it is somebody else's"
            accounts.set_state(tx, found.name, person_id, failed_detail=told, **stuck)
        return
    if held is None:
        if each.is_active and _note(tx, found, each, "revived", person_id):
            there = to_json(Account(person_id, each.attributes))
            accounts.make_due(tx, found.name, person_id, held=there, is_leaving=True)
        return
    if not each.is_active:
        if _note(tx, found, each, "disabled", person_id):
            accounts.make_due(tx, found.name, person_id, held=None, is_leaving=False)
        return
    _judge_held(tx, found, each, held)


def _judge_held(tx: Connection, found: Connector, each: Found, held: Account) -> None:
    """Of an account that works: whether it holds what it took."""
    person_id = held.person_id
    differing = {
        path: value
        for path, value in each.attributes.items()
        if path in held.attributes and not _is_same(path, value, held.attributes[path])
    }
    groups = _groups_there(found, each, held)
    if not differing and groups == held.groups:
        return
    parts = [(path, str(value), str(held.attributes[path])) for path, value in differing.items()]
    if groups != held.groups:
        parts.append(("groups", _listed(groups), _listed(held.groups)))
    said = "; ".join(f"{path}: {theirs:.60} ≠ {ours:.60}" for path, theirs, ours in parts)
    kind: FindingKind = "differs"
    if _was_mended(tx, found.name, each.remote_id, said):
        # What it holds of an attribute it may want so; who is in a group is nobody's but ours.
        kind = "kept" if groups == held.groups else "again"
    if _note(tx, found, each, kind, person_id, said):
        holds = Account(person_id, {**held.attributes, **differing}, groups)
        accounts.make_due(tx, found.name, person_id, held=to_json(holds), is_leaving=False)


def _groups_there(found: Connector, each: Found, held: Account) -> tuple[str, ...]:
    """Which of our groups the account is in; others are the target's own matter."""
    if each.groups is None:
        return held.groups
    ours = {*found.definition.roles.values(), *held.groups}
    return tuple(sorted(ours.intersection(each.groups)))


def _listed(groups: Sequence[str]) -> str:
    return ", ".join(groups) or "-"


def _is_same(path: str, there: Value, ours: Value) -> bool:
    """Names and addresses are the same in whatever letters."""
    if path in ("userName", "emails"):
        return str(there).casefold() == str(ours).casefold()
    return there == ours


def _note(
    tx: Connection,
    found: Connector,
    each: Found,
    kind: FindingKind,
    person_id: str | None = None,
    detail: str = "",
) -> bool:
    """Keep the finding. Whether it is to be mended: not where nobody said so."""
    mends = bool(found.reconcile_repairs) and kind not in _ONLY_TOLD
    values = {
        "person_id": person_id,
        "login": each.login[:200],
        "detail": detail[:_MOST_CHARS],
        "found_in": found.reconcile_round,
        "repaired_at": now_ms() if mends else None,
    }
    key = {"connector": found.name, "remote_id": each.remote_id, "kind": kind}
    put = upsert(tx, connector_finding).values({**key, **values})
    tx.execute(put.on_conflict_do_update(index_elements=[*key], set_=values))
    return mends


def _was_mended(tx: Connection, name: str, remote_id: str, detail: str) -> bool:
    """Whether it was as now the last time, and was mended or let be."""
    columns = connector_finding.c
    mended = columns.kind.in_(("differs", "again")) & columns.repaired_at.is_not(None)
    query = select(columns.kind).where(
        columns.connector == name,
        columns.remote_id == remote_id,
        columns.detail == detail[:_MOST_CHARS],
        mended | (columns.kind == "kept"),
    )
    return tx.execute(query.limit(1)).first() is not None


def _rounds_of(tx: Connection, name: str, remote_ids: Sequence[str]) -> Mapping[str, int]:
    """Of accounts that something was found of: the last round in which it was."""
    columns = connector_finding.c
    query = (
        select(columns.remote_id, func.max(columns.found_in).label("found_in"))
        .where(columns.connector == name, columns.remote_id.in_(list(remote_ids)))
        .group_by(columns.remote_id)
    )
    return {row.remote_id: row.found_in for row in tx.execute(query)}


def _end(tx: Connection, found: Connector, count: int) -> None:
    """All was read: what was not there is missing, if it is not so much that the list is likelier
    to be wrong than the target."""
    missing = accounts.list_not_seen(tx, found.name, found.reconcile_round or 0)
    there = accounts.count_held(tx, found.name)
    is_believed = len(missing) <= brake.limit(found, there) and len(missing) < max(there, 2)
    judged = found if is_believed else replace(found, reconcile_repairs=False)
    for state in missing:
        gone = Found(state.remote_id or "", "", state.person_id)
        if _note(tx, judged, gone, "missing", state.person_id):
            # Asked for once more by its own name before it is made anew.
            accounts.make_due(tx, found.name, state.person_id, held=None, is_leaving=False)
    columns = connector_finding.c
    its = columns.connector == found.name
    tx.execute(delete(connector_finding).where(its, columns.found_in != found.reconcile_round))
    connectors.set_values(tx, found.name, reconciled_at=now_ms())
    told = report(tx, found.name)
    runs.repair(tx, found.name, told.repaired)
    record(
        tx,
        CONNECTOR_RECONCILED,
        _SYNC,
        **connectors.about(tx, found.definition),
        name=found.name,
        accounts=count,
        findings=sum(told.counts.values()),
        repaired=told.repaired,
    )


def count_findings(tx: Connection, found: Connector) -> tuple[Mapping[FindingKind, int], int]:
    """How much of each kind the last reading found, or the one under way so far; and how much of
    all that is to be mended."""
    columns = connector_finding.c
    its = (columns.connector == found.name) & (columns.found_in == found.reconcile_round)
    counted = select(columns.kind, func.count(), func.count(columns.repaired_at)).where(its)
    rows = tx.execute(counted.group_by(columns.kind)).all()
    return {row[0]: row[1] for row in rows}, sum(row[2] for row in rows)


def list_findings(
    tx: Connection, found: Connector, kind: FindingKind | Literal[""], limit: int, offset: int
) -> Sequence[Finding]:
    """What the last reading found, of one kind or of all; what is nobody's comes last."""
    columns = connector_finding.c
    its = [columns.connector == found.name, columns.found_in == found.reconcile_round]
    if kind:
        its.append(columns.kind == kind)
    is_unknown = case((columns.kind == "unknown", 1), else_=0)
    query = select(connector_finding).where(*its)
    ordered = query.order_by(is_unknown, columns.kind, columns.login, columns.remote_id)
    return [_finding(row) for row in tx.execute(ordered.limit(limit).offset(offset))]


def _finding(row: Row[Any]) -> Finding:
    told = (row.login or "", row.detail or "", row.repaired_at)
    return Finding(row.remote_id, row.kind, row.person_id, *told)


def report(tx: Connection, name: str, limit: int = 200) -> Report:
    """What the last reading found, or the one under way so far. Raises NotFound."""
    found = connectors.get(tx, name)
    counts, repaired = count_findings(tx, found)
    return Report(
        found.reconcile_accounts or 0,
        found.reconcile_place is None,
        found.reconciled_at,
        repaired,
        counts,
        list_findings(tx, found, "", limit, 0),
    )
