"""Which columns hold sealed values. A table says so where it declares the column:

    Column("private_sealed", LargeBinary, info=sealed_for(SIGNING_KEY, subject="kid"))

What lasts is sealed again when there is a new key (`admin_ui.operations.sealing`); what does not
ends before the old key is retired.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table

from directory.sealed import Purpose

_INFO = "sealed"


@dataclass(frozen=True)
class SealedColumn:
    """One column of sealed values. `subject`: the name of the column that holds what each is bound
    to; may be empty where nothing lasts."""

    column: Column[Any]
    purpose: Purpose
    subject: str

    @property
    def table(self) -> Table:
        return self.column.table


def sealed_for(purpose: Purpose, subject: str = "") -> dict[str, object]:
    """The `info` of a column that holds values sealed for `purpose`. `subject`: the name of the
    column whose value they are bound to; a purpose that lasts needs it."""
    if purpose.life_ms is None and not subject:
        raise ValueError(f"{purpose.name}: what lasts must say what it is bound to")
    return {_INFO: (purpose, subject)}


def sealed_columns(tables: Iterable[Table]) -> list[SealedColumn]:
    """Every column of the tables that holds sealed values."""
    found = []
    for table in tables:
        for column in table.columns:
            if _INFO in column.info:
                purpose, subject = column.info[_INFO]
                found.append(SealedColumn(column, purpose, subject))
    return found
