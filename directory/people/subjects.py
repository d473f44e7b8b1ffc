"""People and their posts as the audit log names them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Select

from directory.audit.kinds import SubjectKind
from directory.ids import can_be_id
from directory.projection import queries
from directory.projection.search import search_people

PERSON = SubjectKind(
    "person",
    ("một người không còn trong danh mục", "somebody no longer in the catalogue"),
    names=f"{__name__}:names_of_people",
    named=f"{__name__}:people_named",
    refused=("một hồ sơ", "a record"),
)
POST = SubjectKind("post", ("một bố trí công tác", "a post"))


def names_of_people(words: Collection[str], _language: str) -> Sequence[Select[Any]]:
    """People by name; those of one name are told apart by their user names."""
    return [queries.names_of_people(list(filter(can_be_id, words)))]


def people_named(tx: Connection, text: str, most: int) -> Sequence[str]:
    """By the beginnings of words of their name, user name or address."""
    return [person.id for person in search_people(tx, text=text, limit=most).people]
