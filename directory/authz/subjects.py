"""Applications, roles and positions as the audit log names them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, select

from directory.audit.kinds import SubjectKind
from directory.authz.tables import application, position, role
from directory.projection import queries
from directory.text import fold

APPLICATION = SubjectKind(
    "client",
    ("một ứng dụng không còn đăng ký", "an application no longer registered"),
    names=f"{__name__}:names_of_applications",
    named=f"{__name__}:applications_named",
)
ROLE = SubjectKind("role", ("một vai trò", "a role"), names=f"{__name__}:names_of_roles")
POSITION = SubjectKind(
    "position",
    ("một vị trí việc làm", "a position"),
    names=f"{__name__}:names_of_positions",
    in_fields=False,
)


def names_of_applications(
    tx: Connection, words: Collection[str], _language: str
) -> Mapping[str, str]:
    """Applications by name."""
    query = select(application.c.id, application.c.name).where(application.c.id.in_(words))
    return {row.id: row.name for row in tx.execute(query)}


def applications_named(tx: Connection, text: str, most: int) -> Sequence[str]:
    """Applications with the text in their names."""
    key = fold(text)
    rows = tx.execute(select(application.c.id, application.c.name))
    return [row.id for row in rows if key in fold(row.name)][:most]


def names_of_roles(tx: Connection, words: Collection[str], language: str) -> Mapping[str, str]:
    """``<application>|<name>`` → title. Events tell the two apart, so every role of that name is
    among them."""
    titles = {}
    for found in tx.execute(select(role).where(role.c.name.in_(words))):
        # Without an English title the name stands in its place, which is for programs.
        is_english = language == "en" and found.title_en not in ("", found.name)
        title = found.title_en if is_english else found.title_vi
        titles[f"{found.application_id}|{found.name}"] = title
    return titles


def names_of_positions(tx: Connection, words: Collection[str], _language: str) -> Mapping[str, str]:
    """Positions with their place, by id and by what they were called before they had one."""
    columns = position.c
    is_asked = columns.id.in_(words) | columns.former_key.in_(words)
    rows = tx.execute(select(position).where(is_asked)).all()
    places = queries.agencies_by_id(tx, [row.unit_id or row.agency_id for row in rows])
    told: dict[str, str] = {}
    for row in rows:
        place = places.get(row.unit_id or row.agency_id)
        name = f"{row.name} ({place.name})" if place else row.name
        told |= {key: name for key in (row.id, row.former_key) if key}
    return told
