"""Applications, roles and positions as the audit log names them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, literal, select

from directory.audit.kinds import SubjectKind
from directory.authz.tables import application, position, role
from directory.projection import queries
from directory.text import fold

APPLICATION = SubjectKind(
    "client",
    ("một ứng dụng không còn đăng ký", "an application no longer registered"),
    names=f"{__name__}:names_of_applications",
    named=f"{__name__}:applications_named",
    refused=("một ứng dụng", "an application"),
)
ROLE = SubjectKind("role", ("một vai trò", "a role"), names=f"{__name__}:names_of_roles")
POSITION = SubjectKind(
    "position",
    ("một vị trí việc làm", "a position"),
    names=f"{__name__}:names_of_positions",
    in_fields=False,
)


def names_of_applications(words: Collection[str], language: str) -> Sequence[Select[Any]]:
    """Applications by name, and whether they were removed."""
    columns = application.c
    gone = " (removed)" if language == "en" else " (đã xóa)"
    name = case((columns.removed_at.is_not(None), columns.name + gone), else_=columns.name)
    return [select(columns.id, name, literal("")).where(columns.id.in_(words))]


def applications_named(tx: Connection, text: str, most: int) -> Sequence[str]:
    """Applications with the text in their names."""
    key = fold(text)
    rows = tx.execute(select(application.c.id, application.c.name))
    return [row.id for row in rows if key in fold(row.name)][:most]


def names_of_roles(words: Collection[str], language: str) -> Sequence[Select[Any]]:
    """``<application>|<name>`` → title. Events tell the two apart, so every role of that name is
    among them."""
    columns = role.c
    title: ColumnElement[str] = columns.title_vi
    if language == "en":
        # Without an English title the name stands in its place, which is for programs.
        has_one = columns.title_en.not_in(("", columns.name))
        title = case((has_one, columns.title_en), else_=columns.title_vi)
    key = columns.application_id + "|" + columns.name
    return [select(key, title, literal("")).where(columns.name.in_(words))]


def names_of_positions(words: Collection[str], _language: str) -> Sequence[Select[Any]]:
    """Positions with their place, by id and by what they were called before they had one."""
    columns = position.c
    place = case((columns.unit_id != "", columns.unit_id), else_=columns.agency_id)
    return [
        queries.names_with_place(key, columns.name, place, position).where(key.in_(words))
        for key in (columns.id, columns.former_key)
    ]
