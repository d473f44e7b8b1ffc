"""People and their posts as the audit log names them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection

from directory.audit.kinds import SubjectKind
from directory.ids import can_be_id
from directory.projection import queries
from directory.projection.search import search_people

PERSON = SubjectKind(
    "person",
    ("một người không còn trong danh mục", "somebody no longer in the catalogue"),
    names=f"{__name__}:names_of_people",
    named=f"{__name__}:people_named",
)
POST = SubjectKind("post", ("một bố trí công tác", "a post"))


def names_of_people(tx: Connection, words: Collection[str], _language: str) -> Mapping[str, str]:
    """People by name; those of one name are told apart by their user names."""
    found = queries.list_names(tx, list(filter(can_be_id, words)))
    bearers = Counter(full_name for full_name, _ in found.values())
    return {
        person_id: f"{full_name} ({username})" if bearers[full_name] > 1 else full_name
        for person_id, (full_name, username) in found.items()
    }


def people_named(tx: Connection, text: str, most: int) -> Sequence[str]:
    """By the beginnings of words of their name, user name or address."""
    return [person.id for person in search_people(tx, text=text, limit=most).people]
