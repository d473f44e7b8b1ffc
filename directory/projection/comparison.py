"""Holding the projection against the catalogue: what is missing, what is stale, what is extra."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import Connection, Table, delete, select

from directory.catalogue.agency import agency_from_entry, agency_standing_of
from directory.catalogue.errors import Unreadable
from directory.catalogue.person import person_from_entry, standing_of
from directory.ids import can_be_id
from directory.ldap.entries import Entry
from directory.projection.apply import is_person
from directory.projection.bulk import PERSON_PARTS, insert_all, tree_rows
from directory.projection.rows import Row, agency_row, person_row
from directory.projection.tables import catalogue_agency, catalogue_person, catalogue_tree

Trouble = Literal["missing", "stale", "extra", "unreadable"]


@dataclass(frozen=True)
class Difference:
    """One difference. ``missing``: an entry without rows; ``extra``: a living row without an entry;
    ``stale``: rows that say something else than the entry, in `fields` as (rows, entry);
    ``unreadable``: an entry no rows can be made of."""

    trouble: Trouble
    kind: Literal["person", "agency", "tree"]
    entry_id: str
    fields: Mapping[str, tuple[object, object]] = field(default_factory=dict)


def compare(
    tx: Connection, entries: Sequence[Entry], *, went_back: Collection[str] = frozenset()
) -> list[Difference]:
    """What the rows of `entries` say otherwise. Rows newer than their entry are not compared:
    the entry was read before they were written; unless its id is in `went_back`."""
    people = [entry for entry in entries if is_person(entry)]
    agencies = [entry for entry in entries if not is_person(entry)]
    return [
        *_compare_people(tx, people, went_back),
        *_compare_agencies(tx, agencies, went_back),
    ]


def row_csns(tx: Connection, ids: Collection[str]) -> dict[str, str]:
    """The entryCSN the rows of people and agencies were made from, by id."""
    found: dict[str, str] = {}
    ids = list(filter(can_be_id, ids))
    for table in (catalogue_person, catalogue_agency):
        query = select(table.c.id, table.c.csn).where(table.c.id.in_(ids))
        found.update((row.id, row.csn) for row in tx.execute(query))
    return found


def living(tx: Connection) -> dict[str, Literal["person", "agency"]]:
    """The ids of people who have not left and of agencies that are not closed."""
    found: dict[str, Literal["person", "agency"]] = {}
    people, agencies = catalogue_person.c, catalogue_agency.c
    for row in tx.execute(select(people.id).where(people.status != "left")):
        found[row.id] = "person"
    for row in tx.execute(select(agencies.id).where(agencies.status != "closed")):
        found[row.id] = "agency"
    return found


def tree_is_true(tx: Connection) -> bool:
    """Whether the tree is what follows from the agencies' parents."""
    tree = catalogue_tree.c
    stored = tx.execute(select(tree.ancestor_id, tree.descendant_id, tree.depth)).all()
    return {tuple(row) for row in stored} == {tuple(row.values()) for row in _true_tree(tx)}


def mend_tree(tx: Connection) -> None:
    """Make the tree anew from the agencies' parents."""
    rows = list(_true_tree(tx))
    tx.execute(delete(catalogue_tree))
    insert_all(tx, catalogue_tree, rows)


def _true_tree(tx: Connection) -> Iterator[Row]:
    columns = catalogue_agency.c
    return tree_rows(
        {row.id: row.parent_id for row in tx.execute(select(columns.id, columns.parent_id))}
    )


def _compare_people(
    tx: Connection, entries: Sequence[Entry], went_back: Collection[str]
) -> Iterator[Difference]:
    ids = [entry.one("dmId") for entry in entries]
    stored = _rows_by_id(tx, catalogue_person, ids)
    parts = {table.name: _parts_by_person(tx, table, ids) for table, _ in PERSON_PARTS}
    for entry in entries:
        entry_id, csn = entry.one("dmId"), entry.one("entryCSN")
        old = stored.get(entry_id)
        if old is not None and str(old["csn"]) > csn and entry_id not in went_back:
            continue
        try:
            person = person_from_entry(entry)
            row = person_row(person, csn)
            wanted = {table.name: _sorted(rows_of(person)) for table, rows_of in PERSON_PARTS}
        except Unreadable as error:
            yield Difference("unreadable", "person", entry_id, {"reason": ("", error.detail)})
            yield from _standing_alone(old, "person", entry_id, standing_of(entry))
            continue
        if old is None:
            yield Difference("missing", "person", entry_id)
            continue
        told = _unequal(old, row)
        for name, rows in wanted.items():
            there = _sorted(parts[name].get(entry_id, []))
            if there != rows:
                told[name.removeprefix("catalogue_")] = (there, rows)
        if told:
            yield Difference("stale", "person", entry_id, told)


def _compare_agencies(
    tx: Connection, entries: Sequence[Entry], went_back: Collection[str]
) -> Iterator[Difference]:
    stored = _rows_by_id(tx, catalogue_agency, [entry.one("dmId") for entry in entries])
    for entry in entries:
        entry_id, csn = entry.one("dmId"), entry.one("entryCSN")
        old = stored.get(entry_id)
        if old is not None and str(old["csn"]) > csn and entry_id not in went_back:
            continue
        try:
            row = agency_row(agency_from_entry(entry), csn)
        except Unreadable as error:
            yield Difference("unreadable", "agency", entry_id, {"reason": ("", error.detail)})
            yield from _standing_alone(old, "agency", entry_id, agency_standing_of(entry))
            continue
        told = _unequal(old, row) if old is not None else {}
        if old is None:
            yield Difference("missing", "agency", entry_id)
        elif told:
            yield Difference("stale", "agency", entry_id, told)


def _standing_alone(
    old: Row | None, kind: Literal["person", "agency"], entry_id: str, status: str
) -> Iterator[Difference]:
    """Readable whatever else is not, and the rows must say it."""
    if old is not None and old["status"] != status:
        yield Difference("stale", kind, entry_id, {"status": (old["status"], status)})


def _rows_by_id(tx: Connection, table: Table, ids: Sequence[str]) -> dict[str, Row]:
    found = tx.execute(select(table).where(table.c.id.in_(list(filter(can_be_id, ids)))))
    return {row.id: dict(row._mapping) for row in found}


def _parts_by_person(tx: Connection, table: Table, ids: Sequence[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    ids = list(filter(can_be_id, ids))
    for row in tx.execute(select(table).where(table.c.person_id.in_(ids))):
        found[row.person_id].append(dict(row._mapping))
    return found


def _sorted(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: sorted((name, str(value)) for name, value in row.items()))


def _unequal(old: Row, new: Row) -> dict[str, tuple[object, object]]:
    # entryCSN moves with every wrong password; the row's stays where the content came from.
    return {
        name: (old[name], value)
        for name, value in new.items()
        if name != "csn" and old[name] != value
    }
