"""Certificates that somebody has to do something about: those that end, and devices of leavers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, or_, select

from directory import clock
from directory.authz.scopes import Scope, people_to_list
from directory.database.counting import Count, answer, count_of
from directory.people.listing import ListedPerson, list_with_posts
from directory.projection import queries
from directory.projection.tables import catalogue_person
from idp.factors.certificate.tables import certificate

Which = Literal["ending", "hand_back"]
SOON_MS = 30 * clock.DAY

_columns = certificate.c


@dataclass(frozen=True)
class ListedCertificate:
    """One of them, and whose it is. Times in ms."""

    id: str
    person: ListedPerson
    subject: str
    issuer: str
    serial: str
    not_after: int
    ended_at: int | None

    @property
    def is_over(self) -> bool:
        """Whether it has expired."""
        return self.not_after <= clock.now_ms()


def counting(scope: Scope, which: Which, most: int) -> Count:
    """How many there are of people of the scope, counted up to `most`."""
    query, bound = _query(scope, which)
    return count_of(query.limit(most), bound)


def count(tx: Connection, scope: Scope, which: Which, most: int) -> int:
    """As `counting`, asked."""
    return answer(tx, [counting(scope, which, most)])[0]


def list_some(
    tx: Connection, scope: Scope, which: Which, limit: int, offset: int
) -> Sequence[ListedCertificate]:
    """Some of them: what ends first, or who left first."""
    query, bound = _query(scope, which)
    order = _columns.not_after if which == "ending" else _columns.ended_at
    rows = tx.execute(query.order_by(order, _columns.id).limit(limit).offset(offset), bound).all()
    return _named(tx, rows, scope)


def list_newly_ending(
    tx: Connection, scope: Scope, since: int, most: int
) -> Sequence[ListedCertificate]:
    """Those that end soon, and did not yet, or were not there, at `since` (ms); what ends first."""
    now = clock.now_ms()
    query, bound = _query(scope, "ending")
    is_new = or_(_columns.not_after > since + SOON_MS, _columns.made_at > since)
    query = query.where(_columns.not_after > now, is_new)
    rows = tx.execute(query.order_by(_columns.not_after, _columns.id).limit(most), bound).all()
    return _named(tx, rows, scope)


def _named(tx: Connection, rows: Sequence[Row[Any]], scope: Scope) -> Sequence[ListedCertificate]:
    whose = list(dict.fromkeys(row.person_id for row in rows))
    if not whose:
        return ()
    there = queries.list_people_with(tx, whose)
    people = {each.id: each for each in list_with_posts(tx, there, scope)}
    return [
        ListedCertificate(
            row.id,
            people[row.person_id],
            row.subject,
            row.issuer,
            row.serial,
            row.not_after,
            row.ended_at,
        )
        for row in rows
        if row.person_id in people
    ]


def _query(scope: Scope, which: Which) -> tuple[Select[Any], dict[str, object]]:
    """There are few of them, so they come first and the scope is asked of each: SQLite would begin
    with everybody, were they joined."""
    person = catalogue_person.c
    among, bound = people_to_list(scope)
    query = select(
        _columns.id,
        _columns.person_id,
        _columns.subject,
        _columns.issuer,
        _columns.serial,
        _columns.not_after,
        _columns.ended_at,
    )
    whose = select(person.id).where(person.id == _columns.person_id).correlate(certificate)
    if which == "ending":
        soon = clock.now_ms() + SOON_MS
        query = query.where(_columns.ended_at.is_(None), _columns.not_after <= soon)
    else:
        query = query.where(_columns.ended_at.is_not(None))
    if among is not None:
        seen = or_(among.lives_under(person.sole_place_id), among.is_other(person.id))
        whose = whose.where(seen)
    return query.where(whose.exists()), dict(bound)
