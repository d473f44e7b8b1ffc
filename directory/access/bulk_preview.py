"""What an act over many grants would do, line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import Connection

from directory.access.bulk import (
    Done,
    Line,
    Renewal,
    Withdrawal,
    decide_all,
    standing_of,
)
from directory.actor import Actor
from directory.authz.grant_lists import Ended, count_reached_by
from directory.authz.grants import Grant
from directory.authz.naming import NamedGrant, name_grants
from directory.errors import AppError

Act = Literal["give", "renew", "withdraw"]
_WITHOUT_REASON = "–"  # nobody has typed it yet


@dataclass(frozen=True)
class PreviewedLine:
    """A line with names, as it would be then: None where the grant is not there, or not the actor's
    to know. `problem`: why it cannot be done."""

    act: Act
    named: NamedGrant | None
    problem: AppError | None


@dataclass(frozen=True)
class BulkPreview:
    """`reaches`: how many people it is about. `done`: what would be done; None while a line cannot
    be."""

    lines: Sequence[PreviewedLine]
    reaches: int
    done: Done | None


def preview_all(tx: Connection, actor: Actor, lines: Sequence[Line]) -> BulkPreview:
    """What `do_all` would do. Nothing is written."""
    standing = standing_of(tx, actor, lines)
    plan = decide_all(tx, actor, lines, _WITHOUT_REASON, standing)
    refused = {each.line: each.error for each in plan.refusals}
    done = None if refused else plan.done
    grants = [_grant_of(line, standing) for line in lines]
    named = iter(name_grants(tx, [grant for grant in grants if grant is not None]))
    told = [
        PreviewedLine(
            act=_act(line),
            named=None if grant is None else next(named),
            problem=refused.get(number),
        )
        for number, (line, grant) in enumerate(zip(lines, grants, strict=True))
    ]
    holders = {(grant.holder_kind, grant.holder_id) for grant in grants if grant is not None}
    return BulkPreview(told, count_reached_by(tx, holders), done)


def _grant_of(line: Line, standing: Mapping[str, tuple[Grant, Ended | None]]) -> Grant | None:
    if isinstance(line, Grant):
        return line
    seen = standing.get(line.grant_id)
    if seen is None:
        return None
    return replace(seen[0], end=line.end) if isinstance(line, Renewal) else seen[0]


def _act(line: Line) -> Act:
    if isinstance(line, Renewal):
        return "renew"
    return "withdraw" if isinstance(line, Withdrawal) else "give"
