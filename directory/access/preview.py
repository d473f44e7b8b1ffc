"""What giving would do, found by doing it and undoing it: what is shown is what would happen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from sqlalchemy import Connection

from directory.access.asking import Given, give_or_ask
from directory.actor import Actor
from directory.authz.grant_lists import count_covered, count_reached
from directory.authz.grants import Grant
from directory.authz.naming import NamedGrant, name_grants, sentence_of
from directory.authz.roles import find_role
from directory.errors import AppError, Words

_Done = TypeVar("_Done")


@dataclass(frozen=True)
class Preview:
    """`sentence`: what is given, to whom, where, until when. `lets`: what the role lets its holders
    do, as the application says. `reaches`: how many people would hold it; `covers`: how many
    people are in the place it holds in. `outcome`: it would be given at once, asked for, or
    refused; then `problem` says why.
    """

    named: NamedGrant
    sentence: Words
    lets: Words
    reaches: int
    covers: int
    outcome: Literal["given", "asked", "refused"]
    problem: AppError | None = None

    @property
    def reach(self) -> Words:
        """How many people it reaches, in a sentence."""
        return Words(
            f"{self.reaches} người sẽ giữ vai trò này; nơi áp dụng có {self.covers} người.",
            f"{self.reaches} people would hold the role; {self.covers} are in the place it is for.",
        )


def try_grant(tx: Connection, actor: Actor, grant: Grant) -> Given | AppError:
    """What would come of giving the role. `tx` is one that may write; nothing is left in it."""
    try:
        given: Given = undone(tx, lambda: give_or_ask(tx, actor, grant))
        return given
    except AppError as error:
        return error


def preview_grant(tx: Connection, actor: Actor, grant: Grant) -> Preview:
    """What giving the role would do. `tx` is one that may write; nothing is left in it."""
    (named,) = name_grants(tx, [grant])
    declared = find_role(tx, grant.application_id, grant.role)
    tried = try_grant(tx, actor, grant)
    problem = tried if isinstance(tried, AppError) else None
    outcome: Literal["given", "asked", "refused"] = "refused"
    if isinstance(tried, Given):
        outcome = "given" if tried.grant_id else "asked"
    told = declared.description if declared else ""
    return Preview(
        named=named,
        sentence=sentence_of(named),
        lets=Words(told or named.role.vi, told or named.role.en),
        reaches=count_reached(tx, grant.holder_kind, grant.holder_id),
        covers=count_covered(tx, grant.agency_id),
        outcome=outcome,
        problem=problem,
    )


def undone(tx: Connection, work: Callable[[], _Done]) -> _Done:
    """What the work gives, or what it raises; what it wrote is not kept."""
    savepoint = tx.begin_nested()
    try:
        return work()
    finally:
        savepoint.rollback()
