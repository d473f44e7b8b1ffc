"""What a person reads of their own roles that end soon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from directory.authz.grant_lists import GrantQuestion, list_page
from directory.authz.naming import name_grants
from directory.authz.scopes import EVERYWHERE
from directory.clock import today
from directory.errors import Words

SOON_DAYS = 30
_MOST_SHOWN = 20


@dataclass(frozen=True)
class EndingRole:
    """A role of somebody: its application, where it holds, its last day, and how many days that
    leaves, today not counted."""

    role: Words
    application: str
    application_id: str
    place: str
    end: str
    days_left: int


def list_ending(tx: Connection, person_id: str) -> Sequence[EndingRole]:
    """The roles that the person, a post or a position of theirs holds, and that end within 30 days;
    what ends first comes first."""
    question = GrantQuestion(person_id=person_id, ends_within=SOON_DAYS)
    found, _ = list_page(tx, EVERYWHERE, question, _MOST_SHOWN)
    if not found:
        return ()
    now = today()
    return [
        EndingRole(
            each.role,
            each.application,
            each.grant.application_id,
            each.place,
            each.grant.end,
            (date.fromisoformat(each.grant.end) - now).days,
        )
        for each in name_grants(tx, found)
    ]
