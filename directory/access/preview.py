"""What giving would do: everything is looked at that giving looks at, and nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from directory.access.asking import foresee_giving
from directory.actor import Actor
from directory.authz.grant_lists import count_covered, count_reached
from directory.authz.grants import Grant
from directory.authz.naming import NamedGrant, name_grants, sentence_of
from directory.authz.roles import find_role
from directory.errors import AppError, Words


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


def find_problem(tx: Connection, actor: Actor, grant: Grant) -> AppError | None:
    """Why giving the role would be refused, None where it would be given or asked for. Nothing is
    written."""
    try:
        foresee_giving(tx, actor, grant)
    except AppError as problem:
        return problem
    return None


def preview_grant(tx: Connection, actor: Actor, grant: Grant) -> Preview:
    """What giving the role would do. Nothing is written."""
    outcome: Literal["given", "asked", "refused"] = "refused"
    problem = None
    try:
        outcome = foresee_giving(tx, actor, grant)
    except AppError as error:
        problem = error
    (named,) = name_grants(tx, [grant])
    declared = find_role(tx, grant.application_id, grant.role)
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
