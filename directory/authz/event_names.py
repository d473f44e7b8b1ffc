"""Names for the tags and ids in events, so that sentences can be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from directory.audit.reading import Event, Language
from directory.authz.tables import application, role
from directory.projection.tables import catalogue_agency, catalogue_person


def names_for(tx: Connection, events: Sequence[Event], language: Language = "vi") -> dict[str, str]:
    """Tags (``person:<id>``) and ids found in `events` → names of people, agencies, applications,
    roles.

    Four queries however many events.
    """
    words = set(_words(events))
    bare = {_place_of(word) or word.partition(":")[2] or word for word in words}
    names: dict[str, str] = {}
    people = select(catalogue_person.c.id, catalogue_person.c.full_name)
    for found, name in tx.execute(people.where(catalogue_person.c.id.in_(bare))):
        names[found] = names[f"person:{found}"] = name
    agencies = select(catalogue_agency.c.id, catalogue_agency.c.name)
    for found, name in tx.execute(agencies.where(catalogue_agency.c.id.in_(bare))):
        names[found] = names[f"agency:{found}"] = name
    clients = select(application.c.id, application.c.name)
    for found, name in tx.execute(clients.where(application.c.id.in_(bare))):
        names[found] = names[f"client:{found}"] = name
    title = role.c.title_vi if language == "vi" else role.c.title_en
    roles = select(role.c.name, title).where(role.c.name.in_(words))
    for found, name in tx.execute(roles):
        names[found] = name
    names |= {
        word: f"{word.partition('|')[2]} ({names[_place_of(word)]})"
        for word in words
        if _place_of(word) in names
    }
    return names


def _place_of(tag: str) -> str:
    """The place of a position's tag, ``position:<place>|<title>``."""
    kind, _, rest = tag.partition(":")
    return rest.partition("|")[0] if kind == "position" else ""


def _words(events: Sequence[Event]) -> Iterable[str]:
    for event in events:
        yield from (event.actor, event.subject, event.agency)
        for value in event.fields.values():
            if isinstance(value, str):
                yield value
            elif isinstance(value, list):
                yield from (part for part in value if isinstance(part, str))
