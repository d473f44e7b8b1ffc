"""Giving and taking back many roles as one act: all of them, or none and why not, line by line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from directory.actor import Actor
from directory.audit.kinds import Kind
from directory.audit.log import record
from directory.authz import grants
from directory.authz.errors import GRANT_LINES, GRANT_TOO_MANY
from directory.authz.events import GRANTS_GIVEN, GRANTS_WITHDRAWN
from directory.authz.grants import Grant
from directory.errors import AppError, Invalid
from directory.ids import new_event_id

MOST_LINES = 2000
_Line = TypeVar("_Line")


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


def give_all(tx: Connection, actor: Actor, lines: Sequence[Grant], reason: str) -> Sequence[str]:
    """Give every role of the list. Gives the grants' ids. Raises LinesRefused, with every line that
    cannot be given, also since another line gives something else; then `tx` must not be committed.
    """

    def give(line: Grant, act: str) -> str:
        return grants.add_grant(tx, actor, line, part_of=act)

    return _do_all(tx, actor, lines, reason, GRANTS_GIVEN, give)


def withdraw_all(
    tx: Connection, actor: Actor, grant_ids: Sequence[str], reason: str
) -> Sequence[str]:
    """Take every grant of the list back. Raises as `give_all`."""

    def withdraw(grant_id: str, act: str) -> str:
        grants.revoke_grant(tx, actor, grant_id, reason, part_of=act)
        return grant_id

    return _do_all(tx, actor, grant_ids, reason, GRANTS_WITHDRAWN, withdraw)


def _do_all(
    tx: Connection,
    actor: Actor,
    lines: Sequence[_Line],
    reason: str,
    kind: Kind,
    work: Callable[[_Line, str], str],
) -> Sequence[str]:
    if len(lines) > MOST_LINES:
        raise Invalid(GRANT_TOO_MANY, most=MOST_LINES)
    act = new_event_id()
    record(tx, kind, actor, event_id=act, count=len(lines), reason=reason)
    done: list[str] = []
    refusals: list[Refusal] = []
    for number, line in enumerate(lines):
        try:
            # What a line wrote before it was refused goes with it.
            with tx.begin_nested():
                done.append(work(line, act))
        except AppError as error:
            refusals.append(Refusal(number, error))
    if refusals:
        raise LinesRefused(refusals)
    return done
