"""For how long people are away, and why: their account is not called unused meanwhile.

An absence changes nothing else: whoever comes back early signs in as ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from directory.actor import Actor
from directory.audit.log import person_tag, record
from directory.authz.decisions import require
from directory.authz.objects import OfPerson
from directory.catalogue.errors import PERSON_UNKNOWN
from directory.clock import is_date, now_ms, today, written
from directory.database.advisory_lock import take_advisory_lock
from directory.errors import Conflict, Invalid, NotFound
from directory.errors.input import INPUT_DATE
from directory.ids import new_id
from directory.people import errors
from directory.people.absence_kinds import KINDS
from directory.people.events import ABSENCE_ENDED, ABSENCE_NOTED
from directory.people.permissions import PeoplePermission
from directory.people.tables import absence, unused_warning
from directory.projection import queries
from directory.projection.tables import catalogue_person
from directory.text import clean

LONGEST_DAYS = 731
BASIS_CHARS = 500


@dataclass(frozen=True)
class Absence:
    """`kind`: of `KINDS`; `start`, `end`: first and last day; `given_by`: the tag of who noted it,
    and `given_at` when (ms)."""

    id: str
    person_id: str
    kind: str
    start: str
    end: str
    basis: str = ""
    given_by: str = ""
    given_at: int = 0

    def holds(self, on: str) -> bool:
        """Whether they are away on that day."""
        return self.start <= on <= self.end


def note(
    tx: Connection, actor: Actor, person_id: str, kind: str, start: str, end: str, basis: str
) -> Absence:
    """Say that a person is away from a day to a day.

    Raises Invalid, Forbidden, NotFound, Conflict (``absence.twice``, ``absence.has_left``).
    """
    require(tx, actor, PeoplePermission.SUSPEND, OfPerson(person_id))
    added = _checked(Absence(new_id(), person_id, kind, start, end, clean(basis)))
    take_advisory_lock(tx, "absence", person_id)
    person = queries.person(tx, person_id)
    if person is None:
        raise NotFound(PERSON_UNKNOWN, value=person_id)
    if person.status == "left":
        raise Conflict(errors.ABSENCE_HAS_LEFT)
    for other in list_of(tx, person_id):
        if added.start <= other.end and other.start <= added.end:
            raise Conflict(
                errors.ABSENCE_TWICE,
                field="start",
                since=written(other.start),
                until=written(other.end),
            )
    added = replace(added, given_by=actor.tag, given_at=now_ms())
    tx.execute(
        insert(absence).values(
            id=added.id,
            person_id=added.person_id,
            kind=added.kind,
            start_on=added.start,
            end_on=added.end,
            basis=added.basis or None,
            given_by=added.given_by,
            given_at=added.given_at,
        )
    )
    # Whoever was warned before is warned anew once they are back.
    tx.execute(delete(unused_warning).where(unused_warning.c.person_id == person_id))
    record(
        tx,
        ABSENCE_NOTED,
        actor,
        subject=person_tag(person_id),
        agency=queries.home_agency_of(tx, person_id),
        sort=added.kind,
        since=added.start,
        until=added.end,
        basis=added.basis,
    )
    return added


def end(tx: Connection, actor: Actor, person_id: str, absence_id: str) -> Absence:
    """They are back: the absence ended yesterday; one that has not begun is taken back.

    Raises Forbidden, NotFound, Conflict(``absence.over``).
    """
    require(tx, actor, PeoplePermission.SUSPEND, OfPerson(person_id))
    take_advisory_lock(tx, "absence", person_id)
    found = find(tx, person_id, absence_id)
    if found is None:
        raise NotFound(errors.ABSENCE_UNKNOWN)
    now = today()
    yesterday = (now - timedelta(days=1)).isoformat()
    if found.end <= yesterday:
        raise Conflict(errors.ABSENCE_OVER)
    is_its = absence.c.id == found.id
    if found.start > yesterday:
        tx.execute(delete(absence).where(is_its))
    else:
        tx.execute(update(absence).where(is_its).values(end_on=yesterday))
    record(
        tx,
        ABSENCE_ENDED,
        actor,
        subject=person_tag(person_id),
        agency=queries.home_agency_of(tx, person_id),
        sort=found.kind,
        since=found.start,
        until=found.end,
    )
    return found


def find(tx: Connection, person_id: str, absence_id: str) -> Absence | None:
    """One absence of a person."""
    its = absence.c.id == absence_id, absence.c.person_id == person_id
    row = tx.execute(select(absence).where(*its)).first()
    return None if row is None else _absence(row)


def list_of(tx: Connection, person_id: str) -> Sequence[Absence]:
    """All absences of a person, the latest first."""
    query = select(absence).where(absence.c.person_id == person_id)
    return [_absence(row) for row in tx.execute(query.order_by(absence.c.end_on.desc()))]


def was_away(days: int) -> ColumnElement[bool]:
    """Of a person of the catalogue: whether they are away today, or were within so many days."""
    columns, now = absence.c, today()
    return (
        select(columns.id)
        .where(
            columns.person_id == catalogue_person.c.id,
            columns.start_on <= now.isoformat(),
            columns.end_on > (now - timedelta(days=days)).isoformat(),
        )
        .exists()
    )


def _checked(value: Absence) -> Absence:
    if value.kind not in KINDS:
        raise Invalid(errors.ABSENCE_KIND, field="kind")
    for name, day in (("start", value.start), ("end", value.end)):
        if not is_date(day):
            raise Invalid(INPUT_DATE, field=name, value=day)
    if value.end < value.start:
        raise Invalid(errors.ABSENCE_ORDER, field="end")
    if value.end < today().isoformat():
        raise Invalid(errors.ABSENCE_PAST, field="end")
    length = date.fromisoformat(value.end) - date.fromisoformat(value.start)
    if length.days > LONGEST_DAYS:
        raise Invalid(errors.ABSENCE_LONG, field="end", most=LONGEST_DAYS // 365)
    if len(value.basis) > BASIS_CHARS:
        raise Invalid(errors.ABSENCE_BASIS, field="basis", most=BASIS_CHARS)
    return value


def _absence(row: Row[Any]) -> Absence:
    return Absence(
        row.id,
        row.person_id,
        row.kind,
        row.start_on,
        row.end_on,
        row.basis or "",
        row.given_by,
        row.given_at,
    )
