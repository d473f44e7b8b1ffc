"""What approving a request does, found by doing it and undoing it: what is foreseen is held against
it."""

from __future__ import annotations

from dataclasses import replace

from directory.actor import Actor
from directory.database.engine import Database
from directory.errors import AppError
from directory.loading import load
from directory.requests.register import Request
from directory.requests.service import Kinds

Told = tuple[str | None, bool]
"""The code of what keeps it from being done, and whether a further person would decide."""


def try_and_undo(database: Database, actor: Actor, kinds: Kinds, asked: Request) -> Told:
    """With the first choice, where there is one."""
    kind = kinds[asked.kind]
    with database.write() as tx:
        choices = load(kind.choices)(tx, actor, asked) if kind.choices else {}
        payload = {**asked.payload, **({"choice": next(iter(choices))} if choices else {})}
        savepoint = tx.begin_nested()
        try:
            return None, bool(load(kind.carry_out)(tx, actor, replace(asked, payload=payload)))
        except AppError as problem:
            return problem.code, False
        finally:
            savepoint.rollback()
