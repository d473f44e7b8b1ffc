"""Filling an empty projection in one go: offline load, rebuild."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from sqlalchemy import Connection, Table, insert

from directory.catalogue.agency import Agency
from directory.catalogue.person import Person
from directory.projection.rows import Row, agency_row, login_rows, person_row, post_rows
from directory.projection.tables import (
    catalogue_agency,
    catalogue_login,
    catalogue_person,
    catalogue_post,
    catalogue_tree,
    person_state,
)

_CHUNK = 2000


def fill_agencies(tx: Connection, agencies: Sequence[tuple[Agency, str]]) -> None:
    """Insert agencies with their entryCSN, and the whole tree. The tables must be empty."""
    _insert_all(tx, catalogue_agency, (agency_row(agency, csn) for agency, csn in agencies))
    parents = {agency.id: agency.parent_id for agency, _ in agencies}
    _insert_all(tx, catalogue_tree, _tree_rows(parents))


def _tree_rows(parents: Mapping[str, str]) -> Iterator[Row]:
    for descendant in parents:
        depth, ancestor = 0, descendant
        while ancestor and depth <= len(parents):
            yield {"ancestor_id": ancestor, "descendant_id": descendant, "depth": depth}
            depth, ancestor = depth + 1, parents.get(ancestor, "")


def fill_people(tx: Connection, people: Sequence[tuple[Person, str]]) -> None:
    """Insert people, each with its entryCSN, who are not there yet."""
    records = [person for person, _ in people]
    _insert_all(tx, catalogue_person, (person_row(person, csn) for person, csn in people))
    _insert_all(tx, catalogue_login, (row for p in records for row in login_rows(p)))
    _insert_all(tx, catalogue_post, (row for p in records for row in post_rows(p)))
    _insert_all(tx, person_state, (_first_state(person.id) for person in records))


def _first_state(person_id: str) -> Row:
    return {"person_id": person_id, "sessions_valid_after": 0, "version": 1, "grant_version": 1}


def _insert_all(tx: Connection, table: Table, rows: Iterable[Row]) -> None:
    source = iter(rows)
    while chunk := list(islice(source, _CHUNK)):
        tx.execute(insert(table), chunk)
