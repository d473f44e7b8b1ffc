"""Sealing again what lasts, in whichever table it is.

Whoever asks hands all components over: the values of one that was forgotten would be left behind
when their key is retired.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    Row,
    Select,
    case,
    func,
    literal,
    select,
    tuple_,
    update,
)

from admin_ui.operations.progress import Told
from directory import faults
from directory.component import Component, load_tables
from directory.database.engine import Database, metadata
from directory.sealed import FIRST_VERSION, PREFIX_BYTES, KeyRing, SealBroken
from directory.sealed_columns import SealedColumn, sealed_columns

log = logging.getLogger(__name__)

_BATCH = 100


def lasting_columns(components: Sequence[Component]) -> list[SealedColumn]:
    """The columns of theirs whose values are sealed again."""
    load_tables(components)
    found = sealed_columns(metadata.sorted_tables)
    return [each for each in found if each.purpose.life_ms is None]


def count_by_prefix(tx: Connection, components: Sequence[Component]) -> Mapping[bytes, int]:
    """How many lasting values begin how: their version and the key they need."""
    counts: Counter[bytes] = Counter()
    for each in lasting_columns(components):
        prefixes = select(_prefix(each.column).label("prefix")).where(each.column.is_not(None))
        inner = prefixes.subquery()
        query = select(inner.c.prefix, func.count()).group_by(inner.c.prefix)
        for prefix, number in tx.execute(query):
            counts[bytes(prefix)] += number
    return counts


def missing_keys(tx: Connection, keyring: KeyRing, components: Sequence[Component]) -> list[str]:
    """The ids of keys that lasting values need and that are not in the ring."""
    found = [prefix for prefix in count_by_prefix(tx, components) if not keyring.can_open(prefix)]
    return sorted({keyring.key_needed(prefix).hex() for prefix in found})


def seal_again(
    database: Database, keyring: KeyRing, components: Sequence[Component], told: Told
) -> int:
    """Seal every lasting value with the newest key that is not yet; gives how many were.

    May be killed and begun again, and others may change values meanwhile. What does not open is
    left as it is.
    """
    keyring.look_again()
    prefix, done = keyring.current_prefix(), 0
    with database.read() as tx:
        total = count_old(tx, keyring, components)
    told("Sealing again", 0, total)
    for each in lasting_columns(components):
        last: Sequence[Any] | None = None
        while rows := _next_rows(database, each, prefix, last):
            last = rows[-1][:-2]
            done += _seal_rows(database, keyring, each, rows)
            faults.reach("sealing.batch")
            told("Sealing again", min(done, total), total)
    return done


def count_old(tx: Connection, keyring: KeyRing, components: Sequence[Component]) -> int:
    """How many lasting values need another key than the newest."""
    newest = keyring.key_needed(keyring.current_prefix())
    counts = count_by_prefix(tx, components)
    return sum(n for prefix, n in counts.items() if keyring.key_needed(prefix) != newest)


def _prefix(column: Column[Any]) -> ColumnElement[bytes]:
    version = func.substr(column, 1, len(FIRST_VERSION), type_=LargeBinary)
    # After a first version stands the nonce, another for each value.
    first = literal(FIRST_VERSION, LargeBinary)
    return case((version == first, first), else_=_beginning(column))


def _beginning(column: Column[Any]) -> ColumnElement[bytes]:
    return func.substr(column, 1, PREFIX_BYTES, type_=LargeBinary)


def _next_rows(
    database: Database, each: SealedColumn, prefix: bytes, last: Sequence[Any] | None
) -> Sequence[Row[Any]]:
    key = list(each.table.primary_key.columns)
    query: Select[Any] = (
        select(*key, each.table.columns[each.subject], each.column)
        .where(each.column.is_not(None), _beginning(each.column) != prefix)
        .order_by(*key)
        .limit(_BATCH)
    )
    if last is not None:
        bounds = [literal(v, c.type) for v, c in zip(last, key, strict=True)]
        query = query.where(tuple_(*key) > tuple_(*bounds))
    with database.read() as tx:
        return tx.execute(query).all()


def _seal_rows(
    database: Database, keyring: KeyRing, each: SealedColumn, rows: Sequence[Row[Any]]
) -> int:
    key, done = list(each.table.primary_key.columns), 0
    fresh = [(row, _again(keyring, each, row)) for row in rows]
    with database.write() as tx:
        for row, value in fresh:
            if value is not None:
                same = [column == at for column, at in zip(key, row, strict=False)]
                # Somebody else may have written another value meanwhile.
                unchanged = each.column == row[-1]
                query = update(each.table).where(*same, unchanged).values({each.column: value})
                done += tx.execute(query).rowcount
    return done


def _again(keyring: KeyRing, each: SealedColumn, row: Sequence[Any]) -> bytes | None:
    subject, sealed = str(row[-2]), bytes(row[-1])
    try:
        return keyring.seal(each.purpose, subject, keyring.open(each.purpose, subject, sealed))
    except SealBroken as error:
        log.warning("a value in %s cannot be sealed again: %s", each.column, error)
        return None
