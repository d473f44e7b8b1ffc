"""Filling an empty projection in one go: offline load, rebuild."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from sqlalchemy import Connection, Table, insert

from directory.catalogue.agency import Agency
from directory.catalogue.person import Person
from directory.projection.rows import Row, agency_row, login_rows, person_row, post_rows, word_rows
from directory.projection.tables import (
    catalogue_agency,
    catalogue_login,
    catalogue_person,
    catalogue_post,
    catalogue_tree,
    catalogue_word,
    person_state,
)

_CHUNK = 2000

PERSON_PARTS: tuple[tuple[Table, Callable[[Person], list[Row]]], ...] = (
    (catalogue_login, login_rows),
    (catalogue_word, word_rows),
    (catalogue_post, post_rows),
)
"""The tables that hold several rows of one person, by ``person_id``, beside `catalogue_person`."""


def fill_agencies(tx: Connection, agencies: Sequence[tuple[Agency, str]]) -> None:
    """Insert agencies with their entryCSN, and the whole tree. The tables must be empty."""
    insert_all(tx, catalogue_agency, (agency_row(agency, csn) for agency, csn in agencies))
    insert_all(tx, catalogue_tree, tree_rows({a.id: a.parent_id for a, _ in agencies}))


def tree_rows(parents: Mapping[str, str]) -> Iterator[Row]:
    """The rows of `catalogue_tree` for agencies and the ids of those above them.

    An id above that is not among the agencies ends the line, and so does a circle.
    """
    for descendant in parents:
        ancestor, passed = descendant, set[str]()
        while ancestor in parents and ancestor not in passed:
            yield {"ancestor_id": ancestor, "descendant_id": descendant, "depth": len(passed)}
            passed.add(ancestor)
            ancestor = parents[ancestor]


def fill_people(tx: Connection, people: Sequence[tuple[Person, str]]) -> None:
    """Insert people, each with its entryCSN, who are not there yet."""
    records = [person for person, _ in people]
    insert_all(tx, catalogue_person, (person_row(person, csn) for person, csn in people))
    for table, rows_of in PERSON_PARTS:
        insert_all(tx, table, (row for person in records for row in rows_of(person)))
    insert_all(tx, person_state, (first_state(person.id) for person in records))


def first_state(person_id: str) -> Row:
    """The row of `person_state` for a person who is new."""
    return {"person_id": person_id, "sessions_valid_after": 0, "version": 1, "grant_version": 1}


def insert_all(tx: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Insert `rows`, a few thousand at a time."""
    source = iter(rows)
    while chunk := list(islice(source, _CHUNK)):
        tx.execute(insert(table), chunk)
