"""A column that SQLite finds nothing by."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_T = TypeVar("_T")


class _WithoutIndex(FunctionElement[Any]):
    inherit_cache = True
    name = "without_index"


def without_index(column: ColumnElement[_T]) -> ColumnElement[_T]:
    """The column, by whose index SQLite is not to look for rows: it knows too little of what they
    hold (sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_).

    PostgreSQL knows from its statistics, which say nothing of an expression: there it is the
    column. What is written as an expression for SQLite's sake makes it expect one row where there
    are 300,000.
    """
    element = _WithoutIndex(column)
    element.type = column.type
    return element


@compiles(_WithoutIndex)
def _as_column(element: _WithoutIndex, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses.clauses[0], **kw)


@compiles(_WithoutIndex, "sqlite")
def _as_term(element: _WithoutIndex, compiler: SQLCompiler, **kw: Any) -> str:
    return f"+{compiler.process(element.clauses.clauses[0], **kw)}"
