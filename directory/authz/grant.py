"""A grant: a role given to somebody, in a place, for a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row

from directory.audit.log import person_tag
from directory.authz.objects import OfGrant

HolderKind = Literal["person", "post", "position"]


@dataclass(frozen=True)
class Grant:
    """A role given to a person, a post or a position, in an agency and all under it.

    `start`, `end`: ISO dates, inclusive, empty when open. `basis`: of law, if it has one.
    `given_by`, `approved_by`: tags of actors, of a grant that was given.
    """

    application_id: str
    role: str
    holder_kind: HolderKind
    holder_id: str
    agency_id: str
    reason: str
    field: str = ""
    procedure: str = ""
    start: str = ""
    end: str = ""
    basis: str = ""
    id: str = ""
    given_by: str = ""
    approved_by: str = ""

    @property
    def holder(self) -> tuple[str, str]:
        """To whom: the kind and the id."""
        return self.holder_kind, self.holder_id

    @property
    def terms(self) -> tuple[str, ...]:
        """What no two that stand have in common: the role, to whom, where, for what."""
        return (
            self.application_id,
            self.role,
            *self.holder,
            self.agency_id,
            self.field,
            self.procedure,
        )

    def goes_on(self, day: str) -> bool:
        """Whether it holds on the ISO date or later, as far as its last day says."""
        return not self.end or self.end >= day


def is_during(dated: tuple[str, str], period: tuple[str, str]) -> bool:
    """Whether what has a first and a last day, both perhaps open, holds on some day of a period,
    whose end may be open."""
    start, end = period
    return (not dated[1] or dated[1] >= start) and (not end or dated[0] <= end)


def grant_from_row(row: Row[Any]) -> Grant:
    """A row of the table of grants."""
    return Grant(
        id=row.id,
        application_id=row.application_id,
        role=row.role,
        holder_kind=row.holder_kind,
        holder_id=row.holder_id,
        agency_id=row.agency_id,
        field=row.field,
        procedure=row.procedure,
        start=row.start_on,
        end=row.end_on,
        reason=row.reason,
        basis=row.basis or "",
        given_by=row.granted_by,
        approved_by=row.approved_by or "",
    )


def object_of(grant: Grant | Row[Any]) -> OfGrant:
    """What a decision about giving it, or taking it back, is about."""
    return OfGrant(
        grant.application_id, grant.role, grant.agency_id, grant.holder_kind, grant.holder_id
    )


def holder_tag(kind: str, holder_id: str) -> str:
    """How events name whom a role was given to."""
    return person_tag(holder_id) if kind == "person" else f"{kind}:{holder_id}"[:128]
