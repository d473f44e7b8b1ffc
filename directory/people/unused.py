"""Accounts that nobody has ever signed in to: somebody may have left before they came, or not know
that they have one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, or_, select, union

from directory.authz.scopes import Scope, people_to_list
from directory.clock import DAY, now_ms
from directory.database.counting import Count, answer, count_of
from directory.people.listing import ListedPerson, list_with_posts
from directory.projection import queries
from directory.projection.queries import AgencyRow
from directory.projection.search import size_of_people
from directory.projection.tables import catalogue_person, has_never_signed_in, person_state

UNUSED_DAYS = 30
_STANDING = ("active", "pending")
_MOST_OF_SMALL = 20_000


@dataclass(frozen=True)
class UnusedAccount:
    """Somebody who has never signed in, and since when (ms) the catalogue has known them."""

    person: ListedPerson
    known_since: int


@dataclass(frozen=True)
class UnusedPage:
    """A page of accounts, how many there are, counted up to a limit, and the agencies to narrow
    them by."""

    accounts: Sequence[UnusedAccount]
    total: int
    places: Sequence[AgencyRow]


def counting_unused(tx: Connection, scope: Scope, most: int) -> Count:
    """How many people of the scope have had an account for 30 days and never used it, counted up to
    `most`."""
    query, bound = _unused(tx, scope)
    return count_of(query.limit(most), bound)


def count_unused(tx: Connection, scope: Scope, most: int) -> int:
    """As `counting_unused`, asked."""
    return answer(tx, [counting_unused(tx, scope, most)])[0]


def list_unused(tx: Connection, scope: Scope, limit: int, offset: int) -> Sequence[UnusedAccount]:
    """Some of them: who has been known for longest comes first."""
    state = person_state.c
    query, bound = _unused(tx, scope)
    page = query.order_by(state.known_since, state.person_id).limit(limit).offset(offset)
    since = {row.person_id: row.known_since for row in tx.execute(page, bound)}
    if not since:
        return ()
    people = {person.id: person for person in queries.list_people_with(tx, list(since))}
    there = [people[each] for each in since if each in people]
    listed = list_with_posts(tx, there, scope)
    return [UnusedAccount(each, since[each.id]) for each in listed]


def _unused(tx: Connection, scope: Scope) -> tuple[Select[Any], dict[str, object]]:
    """Goes along the index of those who never signed in; where a scope has few people, begins with
    them: those may be very many, and hardly any of the scope among them."""
    state, person = person_state.c, catalogue_person.c
    among, bound = people_to_list(scope)
    people = size_of_people(tx, among, bound)
    query = (
        select(state.person_id, state.known_since)
        .join(catalogue_person, person.id == state.person_id)
        .where(
            has_never_signed_in,
            state.known_since <= now_ms() - UNUSED_DAYS * DAY,
            person.status.in_(_STANDING),
        )
    )
    if among is None or people is None:
        return query, dict(bound)
    if people > _MOST_OF_SMALL:
        is_seen = or_(among.lives_under(person.sole_place_id), among.is_other(person.id))
        return query.where(is_seen), dict(bound)
    alone = select(person.id).where(among.lives_in(person.sole_place_id))
    return query.where(person.id.in_(union(alone, among.others))), dict(bound)
