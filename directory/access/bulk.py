"""Giving, renewing and taking back many roles as one act: all of them, or none and why not, line by
line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Connection

from directory.access.asking import renew_or_ask
from directory.actor import Actor
from directory.audit.log import record
from directory.authz import grants
from directory.authz.errors import GRANT_ENDED, GRANT_LINES, GRANT_TOO_MANY, GRANT_UNKNOWN
from directory.authz.events import GRANTS_GIVEN, GRANTS_RENEWED, GRANTS_WITHDRAWN
from directory.authz.grant_lists import Ended, find_seen
from directory.authz.grants import Grant
from directory.authz.permissions import GrantPermission
from directory.authz.scopes import scopes_of
from directory.errors import AppError, Conflict, Invalid, NotFound

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


def do_all(tx: Connection, actor: Actor, lines: Sequence[Line], reason: str) -> Done:
    """Do every line of the list. Raises LinesRefused with every line that cannot be done, also
    since another line does something else; then `tx` must not be committed. A grant that is not the
    actor's to know is refused as one that is not there.

    `reason`: of the act, of what is renewed and taken back, and of what is given without its own.
    """
    if len(lines) > MOST_LINES:
        raise Invalid(GRANT_TOO_MANY, most=MOST_LINES)
    seen = standing_of(tx, actor, lines)
    outcomes: list[str] = []
    refusals: list[Refusal] = []
    for number, line in enumerate(lines):
        try:
            _require_standing(seen, line)
            # What a line wrote before it was refused goes with it.
            with tx.begin_nested():
                outcomes.append(_do(tx, actor, line, reason))
        except AppError as error:
            refusals.append(Refusal(number, error))
    if refusals:
        raise LinesRefused(refusals)
    done = Done(**{name: outcomes.count(name) for name in Done.__dataclass_fields__})
    for kind, count in (
        (GRANTS_GIVEN, done.given),
        (GRANTS_RENEWED, done.renewed),
        (GRANTS_WITHDRAWN, done.withdrawn),
    ):
        # Beside the events of the grants, each of which is a line in the log of its own place.
        if count:
            record(tx, kind, actor, count=count, reason=reason)
    return done


def standing_of(
    tx: Connection, actor: Actor, lines: Sequence[Line]
) -> Mapping[str, tuple[Grant, Ended | None]]:
    """The grants that are renewed or taken back, as far as the actor may know of them, by id."""
    scopes = scopes_of(tx, actor, (GrantPermission.READ, GrantPermission.WRITE))
    reading, writing = scopes[GrantPermission.READ], scopes[GrantPermission.WRITE]
    ids = [line.grant_id for line in lines if not isinstance(line, Grant)]
    return find_seen(tx, reading, writing, ids)


def _require_standing(seen: Mapping[str, tuple[Grant, Ended | None]], line: Line) -> None:
    if isinstance(line, Grant):
        return
    if line.grant_id not in seen:
        raise NotFound(GRANT_UNKNOWN, value=line.grant_id)
    if seen[line.grant_id][1] is not None:
        raise Conflict(GRANT_ENDED)


def _do(tx: Connection, actor: Actor, line: Line, reason: str) -> str:
    if isinstance(line, Withdrawal):
        grants.revoke_grant(tx, actor, line.grant_id, reason)
        return "withdrawn"
    if isinstance(line, Renewal):
        given = renew_or_ask(tx, actor, line.grant_id, line.end, reason)
        return "asked" if given.request_id else "renewed"
    grants.add_grant(tx, actor, replace(line, reason=line.reason or reason))
    return "given"
