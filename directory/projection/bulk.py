"""Filling an empty projection in one go: offline load, rebuild."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice

from sqlalchemy import Connection, Index, Insert, Table, func, insert, select

from directory.catalogue.agency import Agency
from directory.catalogue.person import Person
from directory.clock import now_ms
from directory.database.engine import lift_statement_limit
from directory.database.upsert import upsert
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
_FILLING_CACHE_KIB = 131_072
_MANY = 10_000

PERSON_PARTS: tuple[tuple[Table, Callable[[Person], list[Row]]], ...] = (
    (catalogue_login, login_rows),
    (catalogue_word, word_rows),
    (catalogue_post, post_rows),
)
"""The tables that hold several rows of one person, by ``person_id``, beside `catalogue_person`."""
_PARTS = tuple(table for table, _ in PERSON_PARTS)


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
    return {
        "person_id": person_id,
        "sessions_valid_after": 0,
        "version": 1,
        "grant_version": 1,
        "known_since": now_ms(),
    }


@contextmanager
def indexed_afterwards(tx: Connection, others: Sequence[Table] = ()) -> Iterator[None]:
    """While the block fills the projection (and `others`), their secondary indexes are away.

    Built at the end they are sorted once, instead of growing in 200,000 random places. All of it
    is one transaction with the filling, on both engines.
    """
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql(f"PRAGMA cache_size=-{_FILLING_CACHE_KIB}")
    lift_statement_limit(tx)
    tables = (catalogue_agency, catalogue_tree, catalogue_person, *_PARTS, person_state, *others)
    indexes = [index for table in tables for index in sorted(table.indexes, key=_name)]
    for index in indexes:
        index.drop(tx)
    yield
    for index in indexes:
        index.create(tx)
    # Of these alone, and of many: SQLite would keep for good that a table has few rows, and then
    # look at all of them rather than use its indexes.
    people = tx.execute(select(func.count()).select_from(catalogue_person)).scalar_one()
    for table in tables if people >= _MANY else ():
        tx.exec_driver_sql(f"ANALYZE {table.name}")


def _name(index: Index) -> str:
    return str(index.name)


def insert_all(tx: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Insert `rows`, a few thousand at a time. A login that somebody has already stays theirs."""
    source, keys = iter(rows), [column.name for column in table.primary_key]
    while chunk := list(islice(source, _CHUNK)):
        # In the order of the key they are stored by, neighbours land on the same page.
        chunk.sort(key=lambda row: [str(row[key]) for key in keys])
        if tx.dialect.paramstyle == "qmark":
            _insert_plainly(tx, table, chunk)
        else:
            tx.execute(insertion(tx, table), chunk)


def insertion(tx: Connection, table: Table) -> Insert:
    """The INSERT for one of our tables."""
    if "login" not in table.c:
        return insert(table)
    return upsert(tx, table).on_conflict_do_nothing()


def _insert_plainly(tx: Connection, table: Table, chunk: Sequence[Row]) -> None:
    """As ``tx.execute``, for columns whose values the driver takes as they are: half the time."""
    names = list(chunk[0])
    statement = str(insertion(tx, table).compile(dialect=tx.dialect, column_keys=names))
    order = [column.name for column in table.columns if column.name in chunk[0]]
    tx.exec_driver_sql(statement, [tuple(map(row.__getitem__, order)) for row in chunk])
