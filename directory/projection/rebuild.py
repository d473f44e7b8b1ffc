"""Making the projection anew from LDAP while everything runs: shadow tables, one swap.

The shadow is filled page by page; readers and writers go on with the tables in place. The swap is
one short transaction: rows written meanwhile are taken over, then the tables change places.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    Connection,
    Index,
    MetaData,
    Select,
    Table,
    delete,
    func,
    inspect,
    or_,
    select,
    text,
)
from sqlalchemy.exc import OperationalError

from directory import clock
from directory.catalogue.agency import agency_dn, agency_from_entry
from directory.catalogue.errors import Unreadable
from directory.catalogue.person import person_dn, person_from_entry
from directory.database import lease as leases
from directory.database.engine import lift_statement_limit
from directory.database.errors import DATABASE_UNAVAILABLE
from directory.database.lease import Lease, LeaseLost
from directory.errors import Conflict, Unavailable
from directory.installation import Installation
from directory.ldap.entries import Entry
from directory.projection.apply import apply_standing, is_person, mark_gone, touch_person
from directory.projection.bulk import (
    PERSON_PARTS,
    first_state,
    insert_all,
    insertion,
    tree_rows,
)
from directory.projection.errors import CATALOGUE_REPAIR_RUNNING
from directory.projection.rows import Row, agency_row, person_row
from directory.projection.tables import (
    catalogue_agency,
    catalogue_person,
    catalogue_tree,
    person_state,
)

_TTL_MS = 60 * clock.SECOND
_FILTER = "(|(objectClass=dmPerson)(objectClass=dmOrganisation))"
_SWAP_TRIES = 200
_PARTS = tuple(table for table, _ in PERSON_PARTS)
_LIVE = (catalogue_person, *_PARTS, catalogue_agency, catalogue_tree)


@dataclass(frozen=True)
class Rebuilt:
    """How many rows there are now, and how many of them were kept without an entry in LDAP."""

    people: int
    agencies: int
    kept: int


@dataclass(frozen=True)
class _Shadow:
    """The tables that are going to take the place of those in `_LIVE`, by the name of those."""

    tables: dict[str, Table]

    def of(self, table: Table) -> Table:
        return self.tables[table.name]


def rebuild(installation: Installation, tell: Callable[[Connection, Rebuilt], object]) -> Rebuilt:
    """Build every table of the projection from LDAP and put them in place at once.

    `tell` is called in the transaction of the swap. A change applied meanwhile is never lost, and
    rows whose entries are gone stay as ``left`` or ``closed``.
    Raises Conflict(``catalogue.repair_running``), Unavailable.
    """
    lease = leases.acquire(
        installation.database, leases.CATALOGUE_REPAIR, f"rebuild:{clock.now_ms()}", _TTL_MS
    )
    if lease is None:
        raise Conflict(CATALOGUE_REPAIR_RUNNING)
    shadow = _Shadow({table.name: _shadow_of(table) for table in _LIVE})
    try:
        _create(installation, shadow)
        _fill(installation, lease, shadow)
        overruled = _check_suspects(installation, shadow)
        return _swap_when_free(installation, lease, shadow, overruled, tell)
    finally:
        _drop(installation, shadow)
        leases.release(installation.database, lease)


def _shadow_of(table: Table) -> Table:
    shadow = table.to_metadata(MetaData(), name=f"{table.name}_next")
    shadow.primary_key.name = f"{table.primary_key.name}_next"
    shadow.indexes.clear()
    for index in table.indexes:
        columns = [shadow.c[column.name] for column in index.columns]
        Index(f"{index.name}_next", *columns, unique=index.unique, **index.dialect_kwargs)
    return shadow


def _create(installation: Installation, shadow: _Shadow) -> None:
    _drop(installation, shadow)  # what a crash left
    with installation.database.write() as tx:
        for table in shadow.tables.values():
            indexes = set(table.indexes)
            if tx.dialect.name == "sqlite":
                # Neither can be renamed there: indexes are made at the swap, and the key's name
                # belongs to its table alone, so it may bear the final one from the start.
                table.indexes.clear()
                table.primary_key.name = str(table.primary_key.name).removesuffix("_next")
            table.create(tx)
            table.indexes.update(indexes)


def _drop(installation: Installation, shadow: _Shadow) -> None:
    with installation.database.write() as tx:
        for table in shadow.tables.values():
            table.drop(tx, checkfirst=True)


def _fill(installation: Installation, lease: Lease, shadow: _Shadow) -> None:
    for page in installation.ldap.pages(installation.settings.suffix, _FILTER, ("*", "entryCSN")):
        lease = _kept(installation, lease)
        with installation.database.write() as tx:
            leases.assert_held(tx, lease)
            _put(tx, shadow, page)


def _kept(installation: Installation, lease: Lease) -> Lease:
    kept = leases.hold(installation.database, lease.name, lease.holder, _TTL_MS)
    if kept is None or kept.epoch != lease.epoch:
        raise LeaseLost(lease.name)
    return kept


def _put(tx: Connection, shadow: _Shadow, entries: Iterable[Entry]) -> bool:
    """Rows of entries that have none in the shadow yet; unreadable ones keep what they had.

    Gives whether there were any rows."""
    made: dict[str, list[Row]] = defaultdict(list)
    for entry in entries:
        try:
            rows = _rows_of(entry)
        except Unreadable:
            continue
        for table, its in rows:
            made[table.name] += its
    for name, all_rows in made.items():
        insert_all(tx, shadow.tables[name], all_rows)
    return bool(made)


def _rows_of(entry: Entry) -> list[tuple[Table, list[Row]]]:
    csn = entry.one("entryCSN")
    if not is_person(entry):
        return [(catalogue_agency, [agency_row(agency_from_entry(entry), csn)])]
    person = person_from_entry(entry)
    parts = [(table, rows_of(person)) for table, rows_of in PERSON_PARTS]
    return [(catalogue_person, [person_row(person, csn)]), *parts]


def _check_suspects(installation: Installation, shadow: _Shadow) -> dict[str, str]:
    """Look again at entries whose rows are newer than what was read, or were not met at all.

    Gives the ids, with the row's entryCSN, of rows that LDAP overrules: the entry is gone, or
    LDAP went back behind them (a restore).
    """
    overruled: dict[str, str] = {}
    for table, dn_of in ((catalogue_person, person_dn), (catalogue_agency, agency_dn)):
        with installation.database.read() as tx:
            rows = tx.execute(_newer(table, shadow.of(table))).all()
        for entry_id, csn in [(row.id, row.csn) for row in rows]:
            entry = installation.ldap.read(
                dn_of(entry_id, installation.settings.suffix), ("*", "entryCSN")
            )
            with installation.database.write() as tx:
                if entry is not None:
                    _remove(tx, shadow, table, [entry_id])
                    if not _put(tx, shadow, [entry]):
                        # The rows stay as they were, but for what can be read.
                        apply_standing(tx, entry, force=True)
            if entry is None or entry.one("entryCSN") < csn:
                overruled[entry_id] = csn
    return overruled


def _newer(table: Table, shadow: Table) -> Select[tuple[str, str]]:
    joined = table.outerjoin(shadow, shadow.c.id == table.c.id)
    is_newer = or_(shadow.c.id.is_(None), shadow.c.csn < table.c.csn)
    return select(table.c.id, table.c.csn).select_from(joined).where(is_newer)


def _remove(tx: Connection, shadow: _Shadow, table: Table, ids: Sequence[str]) -> None:
    own = shadow.of(table)
    tx.execute(delete(own).where(own.c.id.in_(ids)))
    if table is catalogue_person:
        for part in map(shadow.of, _PARTS):
            tx.execute(delete(part).where(part.c.person_id.in_(ids)))


def _swap_when_free(
    installation: Installation,
    lease: Lease,
    shadow: _Shadow,
    overruled: dict[str, str],
    tell: Callable[[Connection, Rebuilt], object],
) -> Rebuilt:
    for _ in range(_SWAP_TRIES):
        lease = _kept(installation, lease)
        try:
            with installation.database.write() as tx:
                leases.assert_held(tx, lease)
                lift_statement_limit(tx)
                _lock(tx)
                done = _swap(tx, shadow, overruled)
                tell(tx, done)
            return done
        except Unavailable as error:
            if not isinstance(error.__cause__, OperationalError):
                raise
            time.sleep(0.02)
    raise Unavailable(DATABASE_UNAVAILABLE, detail="the projection is never free for the swap")


def _lock(tx: Connection) -> None:
    """PostgreSQL: all tables at once or none, so that readers never wait for us in a circle."""
    if tx.dialect.name == "postgresql":
        names = ", ".join(f'"{table.name}"' for table in _LIVE)
        tx.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE NOWAIT"))


def _swap(tx: Connection, shadow: _Shadow, overruled: dict[str, str]) -> Rebuilt:
    kept, live = 0, _columns_in_place(tx)
    for table in (catalogue_person, catalogue_agency):
        rows = tx.execute(_newer(table, shadow.of(table))).all()
        for entry_id, csn in [(row.id, row.csn) for row in rows]:
            is_in_shadow = _exists(tx, shadow.of(table), entry_id)
            if overruled.get(entry_id) == csn:
                if is_in_shadow:
                    continue  # LDAP went back: its older state is the true one
                mark_gone(tx, entry_id, person=table is catalogue_person)
                kept += 1
            _remove(tx, shadow, table, [entry_id])
            _take_over(tx, shadow, table, entry_id, live)
    _tell_sessions(tx, shadow)
    agencies = shadow.of(catalogue_agency).c
    parents = dict(tx.execute(select(agencies.id, agencies.parent_id)).all())
    insert_all(tx, shadow.of(catalogue_tree), tree_rows(parents))
    for table in _LIVE:
        _take_the_place(tx, table, shadow.of(table))
    people = tx.execute(select(func.count()).select_from(catalogue_person)).scalar_one()
    return Rebuilt(people=people, agencies=len(parents), kept=kept)


def _exists(tx: Connection, table: Table, entry_id: str) -> bool:
    return tx.execute(select(table.c.id).where(table.c.id == entry_id)).first() is not None


def _columns_in_place(tx: Connection) -> dict[str, frozenset[str]]:
    """Those that the tables in place really have: what another version put there is mended too."""
    look = inspect(tx)
    return {
        table.name: frozenset(column["name"] for column in look.get_columns(table.name))
        for table in _LIVE
    }


def _take_over(
    tx: Connection, shadow: _Shadow, table: Table, entry_id: str, live: Mapping[str, frozenset[str]]
) -> None:
    """Copy an entry's rows as they are in place; `live`: `_columns_in_place`."""
    sources = [(table, table.c.id == entry_id)]
    if table is catalogue_person:
        sources += [(part, part.c.person_id == entry_id) for part in _PARTS]
    for source, is_its in sources:
        there = [column for column in source.columns if column.name in live[source.name]]
        into = insertion(tx, shadow.of(source))
        taken = select(*there).where(is_its)
        tx.execute(into.from_select([column.name for column in there], taken))


def _tell_sessions(tx: Connection, shadow: _Shadow) -> None:
    """`person_state` is no part of the copy: it only hears of people who came, changed, stopped."""
    live, new = catalogue_person, shadow.of(catalogue_person)
    state = person_state
    beside = new.outerjoin(state, state.c.person_id == new.c.id)
    unknown = select(new.c.id).select_from(beside).where(state.c.person_id.is_(None))
    came = tx.execute(unknown).scalars().all()
    insert_all(tx, person_state, (first_state(person_id) for person_id in came))
    changed = (
        select(new.c.id, live.c.status.label("old"), new.c.status.label("new"))
        .join(live, live.c.id == new.c.id)
        .where(new.c.status != live.c.status)
    )
    for row in tx.execute(changed).all():
        touch_person(tx, row.id, end_sessions=row.old == "active")


def _take_the_place(tx: Connection, table: Table, shadow: Table) -> None:
    table.drop(tx)
    tx.execute(text(f'ALTER TABLE "{shadow.name}" RENAME TO "{table.name}"'))
    if tx.dialect.name == "sqlite":
        for index in table.indexes:
            index.create(tx)
        return
    key = table.primary_key.name
    tx.execute(text(f'ALTER TABLE "{table.name}" RENAME CONSTRAINT "{key}_next" TO "{key}"'))
    for index in table.indexes:
        tx.execute(text(f'ALTER INDEX "{index.name}_next" RENAME TO "{index.name}"'))
