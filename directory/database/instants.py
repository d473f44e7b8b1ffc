"""Instants that were stored as 0 while there is none."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Dialect
from sqlalchemy.sql.operators import ColumnOperators
from sqlalchemy.types import TypeDecorator


class ZeroForNone(TypeDecorator[int]):
    """Milliseconds, or None: a column of the first schema, where 0 stands for "not yet". It stays
    so because a version before this one compares with 0 (docs/explanation/migrations.md); new
    columns are NULLable."""

    impl = BigInteger
    cache_ok = True

    class comparator_factory(TypeDecorator.Comparator[int]):
        """``.is_(None)`` is asked as what is stored."""

        def is_(self, other: Any) -> ColumnOperators:
            return super().is_(other) if other is not None else self == 0

        def is_not(self, other: Any) -> ColumnOperators:
            return super().is_not(other) if other is not None else self != 0

    def process_bind_param(self, value: int | None, _dialect: Dialect) -> int:
        return value or 0

    def process_result_value(self, value: int | None, _dialect: Dialect) -> int | None:
        return value or None
