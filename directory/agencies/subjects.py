"""Agencies and units as the audit log names them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Select

from directory.audit.kinds import SubjectKind
from directory.ids import can_be_id
from directory.projection import queries
from directory.text import fold

AGENCY = SubjectKind(
    "agency",
    ("một cơ quan không còn trong danh mục", "an agency no longer in the catalogue"),
    names=f"{__name__}:names_of_places",
    named=f"{__name__}:places_named",
    refused=("một cơ quan, đơn vị", "an agency or unit"),
)


def names_of_places(words: Collection[str], _language: str) -> Sequence[Select[Any]]:
    """Agencies and units by name."""
    return [queries.names_of_agencies(list(filter(can_be_id, words)))]


def places_named(tx: Connection, text: str, most: int) -> Sequence[str]:
    """Agencies and units with the text in their names."""
    return queries.list_places_named(tx, fold(text), most)
