"""Agencies and units as the audit log names them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection

from directory.audit.kinds import SubjectKind
from directory.ids import can_be_id
from directory.projection import queries
from directory.text import fold

AGENCY = SubjectKind(
    "agency",
    ("một cơ quan không còn trong danh mục", "an agency no longer in the catalogue"),
    names=f"{__name__}:names_of_places",
    named=f"{__name__}:places_named",
)


def names_of_places(tx: Connection, words: Collection[str], _language: str) -> Mapping[str, str]:
    """Agencies and units by name."""
    found = queries.agencies_by_id(tx, list(filter(can_be_id, words)))
    return {place.id: place.name for place in found.values()}


def places_named(tx: Connection, text: str, most: int) -> Sequence[str]:
    """Agencies and units with the text in their names."""
    return queries.list_places_named(tx, fold(text), most)
