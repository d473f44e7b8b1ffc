"""Giving, renewing and taking back many roles as one act: all of them, or none and why not, line by
line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Connection

from directory.access.asking import ask_renewal, may_ask
from directory.access.request_kinds import GRANT
from directory.actor import Actor
from directory.audit.log import record
from directory.authz import grants
from directory.authz.ahead import prepare
from directory.authz.errors import GRANT_ENDED, GRANT_LINES, GRANT_TOO_MANY, GRANT_UNKNOWN
from directory.authz.events import GRANTS_GIVEN, GRANTS_RENEWED, GRANTS_WITHDRAWN
from directory.authz.grant_lists import Ended, find_seen
from directory.authz.grants import Change, Grant, Renewed
from directory.authz.permissions import GrantPermission
from directory.authz.scopes import scopes_of
from directory.authz.standing import Standing
from directory.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from directory.requests.service import Asking, find_problems, put_on_register

MOST_LINES = 2000


@dataclass(frozen=True)
class Withdrawal:
    """That a grant is taken back."""

    grant_id: str


@dataclass(frozen=True)
class Renewal:
    """That a grant holds until another last day."""

    grant_id: str
    end: str


Line = Grant | Withdrawal | Renewal


def as_json(line: Line) -> dict[str, Any]:
    """A line as it is kept between two pages."""
    return {"kind": _KINDS[type(line)], **asdict(line)}


def from_json(kept: Mapping[str, Any]) -> Line:
    """What `as_json` made."""
    facts = dict(kept)
    kind = facts.pop("kind")
    return next(of for of, name in _KINDS.items() if name == kind)(**facts)


_KINDS: Mapping[type[Line], str] = {Grant: "give", Withdrawal: "withdraw", Renewal: "renew"}


@dataclass(frozen=True)
class Refusal:
    """A line (from 0) that cannot be done, and why."""

    line: int
    error: AppError


class LinesRefused(Invalid):
    """Nothing was done: `refusals` says of each line that cannot be done why."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(GRANT_LINES, count=len(refusals))
        self.refusals = refusals


@dataclass(frozen=True)
class Done:
    """How many roles were given, renewed and taken back; `asked`: requests that a second person
    decides."""

    given: int = 0
    renewed: int = 0
    withdrawn: int = 0
    asked: int = 0


@dataclass(frozen=True)
class Plan:
    """What comes of the lines, as things are. `changes`: in their order; `askings`: what a second
    person would decide; `done`: how many of each; `refusals`: then nothing of it is done."""

    changes: Sequence[Change]
    askings: Sequence[Asking]
    done: Done
    refusals: Sequence[Refusal]


_Seen = Mapping[str, tuple[Grant, Ended | None]]


def do_all(tx: Connection, actor: Actor, lines: Sequence[Line], reason: str) -> Done:
    """Do every line of the list. Raises LinesRefused with every line that cannot be done, also
    since another line does something else; then nothing was written. A grant that is not the
    actor's to know is refused as one that is not there.

    `reason`: of the act, of what is renewed and taken back, and of what is given without its own.
    """
    plan = decide_all(tx, actor, lines, reason, standing_of(tx, actor, lines))
    if plan.refusals:
        raise LinesRefused(plan.refusals)
    grants.write_changes(tx, actor, plan.changes, reason)
    put_on_register(tx, actor, GRANT, plan.askings)
    for kind, count in (
        (GRANTS_GIVEN, plan.done.given),
        (GRANTS_RENEWED, plan.done.renewed),
        (GRANTS_WITHDRAWN, plan.done.withdrawn),
    ):
        # Beside the events of the grants, each of which is a line in the log of its own place.
        if count:
            record(tx, kind, actor, count=count, reason=reason)
    return plan.done


def decide_all(
    tx: Connection, actor: Actor, lines: Sequence[Line], reason: str, seen: _Seen
) -> Plan:
    """What `do_all` would do; nothing is written. Each line is decided as one that is done alone,
    as things are after those before it. `seen`: `standing_of` the lines."""
    given = [line for line in lines if isinstance(line, Grant)]
    standing = prepare(tx, actor, given, [each for each, ended in seen.values() if ended is None])
    changes: list[Change] = []
    asked: dict[int, Asking] = {}
    refusals: list[Refusal] = []
    for number, line in enumerate(lines):
        try:
            _require_standing(seen, line)
            came = _decide(tx, actor, line, reason, standing)
        except AppError as error:
            refusals.append(Refusal(number, error))
            continue
        if isinstance(came, Asking):
            asked[number] = came
        else:
            changes.append(came)
    problems = find_problems(tx, actor, GRANT, [*asked.values()])
    refusals += [
        Refusal(number, problem)
        for number, problem in zip(asked, problems, strict=True)
        if problem is not None
    ]
    refusals.sort(key=lambda each: each.line)
    return Plan(changes, [*asked.values()], _count(changes, len(asked)), refusals)


def _count(changes: Sequence[Change], asked: int) -> Done:
    given = sum(each.ended is None for each in changes)
    withdrawn = sum(each.begun is None for each in changes)
    return Done(given, len(changes) - given - withdrawn, withdrawn, asked)


def standing_of(tx: Connection, actor: Actor, lines: Sequence[Line]) -> _Seen:
    """The grants that are renewed or taken back, as far as the actor may know of them, by id.
    Raises Invalid where there are too many lines."""
    if len(lines) > MOST_LINES:
        raise Invalid(GRANT_TOO_MANY, most=MOST_LINES)
    ids = [line.grant_id for line in lines if not isinstance(line, Grant)]
    if not ids:
        return {}
    scopes = scopes_of(tx, actor, (GrantPermission.READ, GrantPermission.WRITE))
    return find_seen(tx, scopes[GrantPermission.READ], scopes[GrantPermission.WRITE], ids)


def _require_standing(seen: _Seen, line: Line) -> None:
    if isinstance(line, Grant):
        return
    if line.grant_id not in seen:
        raise NotFound(GRANT_UNKNOWN, value=line.grant_id)
    if seen[line.grant_id][1] is not None:
        raise Conflict(GRANT_ENDED)


def _decide(
    tx: Connection, actor: Actor, line: Line, reason: str, standing: Standing
) -> Change | Asking:
    if isinstance(line, Withdrawal):
        return grants.decide_revoking(tx, actor, line.grant_id, reason, standing)
    if isinstance(line, Grant):
        grant = replace(line, reason=line.reason or reason)
        return grants.decide_giving(tx, actor, grant, standing)
    try:
        wanted = Renewed(line.grant_id, line.end, reason)
        return grants.decide_renewing(tx, actor, wanted, standing)
    except Forbidden as refused:
        old = standing.take(line.grant_id)
        if old is None or not may_ask(tx, actor, old):
            raise refused
    return ask_renewal(tx, actor, old, line.end, reason)
