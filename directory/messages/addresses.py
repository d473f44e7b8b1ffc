"""Where a person is reached: by their work e-mail. A further way is one more address here."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from directory.projection import queries
from directory.projection.queries import PersonRow


@dataclass(frozen=True)
class Addressee:
    """Whose account it is about, and the address it goes to."""

    person: PersonRow
    mail: str


def find_addressees(tx: Connection, person_id: str) -> list[Addressee]:
    """All addresses of a person; an account for administering has that of whoever it belongs to."""
    person = queries.person(tx, person_id)
    if person is None:
        return []
    owner = person
    if not person.mail and person.administrator_of:
        owner = queries.person(tx, person.administrator_of) or person
    return [Addressee(person, owner.mail)] if owner.mail else []
