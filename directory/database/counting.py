"""Several counts as one question: a page of numbers costs one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, func, select


@dataclass(frozen=True)
class Count:
    """A statement of one number, and what it binds by name."""

    query: Select[Any]
    bound: Mapping[str, object] = field(default_factory=dict)


def count_of(rows: Select[Any], bound: Mapping[str, object] | None = None) -> Count:
    """How many rows a statement gives."""
    return Count(select(func.count()).select_from(rows.subquery()), bound or {})


def answer(tx: Connection, counts: Sequence[Count]) -> Sequence[int]:
    """The numbers, in one statement; what binds another value by a name that was bound already is
    asked apart."""
    together: list[int] = []
    bound: dict[str, object] = {}
    for at, each in enumerate(counts):
        if all(bound.get(name, value) == value for name, value in each.bound.items()):
            bound.update(each.bound)
            together.append(at)
    numbers: dict[int, int] = {}
    if together:
        asked = select(*(counts[at].query.scalar_subquery() for at in together))
        numbers = dict(zip(together, [int(n) for n in tx.execute(asked, bound).one()], strict=True))
    for at, each in enumerate(counts):
        if at not in numbers:
            numbers[at] = int(tx.execute(each.query, each.bound).scalar_one())
    return [numbers[at] for at in range(len(counts))]
