"""Names for the tags and ids in events, so that sentences can be read: one table for the console
and the command line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy import Connection, select

from directory.audit.event import Event
from directory.audit.kinds import Vocabulary
from directory.audit.reading import has_acted
from directory.audit.sentences import Language
from directory.authz.tables import application, position, role
from directory.ids import can_be_id
from directory.projection import queries
from directory.projection.search import search_people
from directory.text import fold

_CLIENT_CHARS = 128


def names_for(tx: Connection, events: Sequence[Event], language: Language = "vi") -> dict[str, str]:
    """Tags found in `events` → names: ``person:<id>``, ``agency:<id>``, ``client:<id>``,
    ``position:<id>``, ``role:<application>|<name>``. Who has no name is not in it.

    Six queries however many events.
    """
    words = {word for event in events for word in _words(event)}
    ids = {word for word in words if can_be_id(word)}
    clients = {word for word in words if 0 < len(word) <= _CLIENT_CHARS and "\0" not in word}
    names: dict[str, str] = {}
    names |= _people(tx, ids)
    for place in queries.agencies_by_id(tx, list(ids)).values():
        names[f"agency:{place.id}"] = place.name
    applications = select(application.c.id, application.c.name)
    for found, name in tx.execute(applications.where(application.c.id.in_(clients))):
        names[f"client:{found}"] = name
    for found in tx.execute(select(role).where(role.c.name.in_(clients))):
        # Without an English title the name stands in its place, which is for programs.
        is_english = language == "en" and found.title_en not in ("", found.name)
        title = found.title_en if is_english else found.title_vi
        names[f"role:{found.application_id}|{found.name}"] = title
    return names | _positions(tx, events)


def _people(tx: Connection, ids: Collection[str]) -> dict[str, str]:
    """People by name; those of one name are told apart by their user names."""
    found = queries.list_names(tx, ids)
    bearers = Counter(full_name for full_name, _ in found.values())
    return {
        f"person:{person_id}": f"{full_name} ({username})" if bearers[full_name] > 1 else full_name
        for person_id, (full_name, username) in found.items()
    }


def _positions(tx: Connection, events: Sequence[Event]) -> dict[str, str]:
    """Positions with their place, by id and by what they were called before they had one."""
    tags = [event.subject.partition(":") for event in events]
    keys = {key for kind, _, key in tags if kind == "position" and "\0" not in key}
    if not keys:
        return {}
    columns = position.c
    is_asked = columns.id.in_(keys) | columns.former_key.in_(keys)
    rows = tx.execute(select(position).where(is_asked)).all()
    places = queries.agencies_by_id(tx, [row.unit_id or row.agency_id for row in rows])
    told: dict[str, str] = {}
    for row in rows:
        place = places.get(row.unit_id or row.agency_id)
        name = f"{row.name} ({place.name})" if place else row.name
        told |= {f"position:{key}": name for key in (row.id, row.former_key) if key}
    return told


def _words(event: Event) -> Iterator[str]:
    """Everything in an event that may be an id: what follows a tag's kind, and values of fields."""
    for tag in (event.actor, event.subject):
        rest = tag.partition(":")[2]
        yield rest
        yield rest.partition("|")[0]  # the place of a position
    yield event.agency
    for value in event.fields.values():
        yield from _texts(value)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


_MOST_NAMED = 500


def tags_named(tx: Connection, vocabulary: Vocabulary, text: str) -> tuple[tuple[str, ...], bool]:
    """The tags of everybody and everything whose name has `text` in it, with or without marks; and
    whether there are more than were looked for.

    People by the beginnings of words of their name, user name or address.
    """
    found = search_people(tx, text=text, limit=_MOST_NAMED)
    tags = [f"person:{person.id}" for person in found.people]
    key = fold(text)
    tags += [f"agency:{place_id}" for place_id in queries.list_places_named(tx, key, _MOST_NAMED)]
    for client_id, name in tx.execute(select(application.c.id, application.c.name)):
        if key in fold(name):
            tags.append(f"client:{client_id}")
    if has_acted(tx, f"os:{text}"):
        tags.append(f"os:{text}")
    tags += [
        f"system:{actor}"
        for actor, names in vocabulary.actors.items()
        if any(key in fold(name) for name in names)
    ]
    return tuple(tags), found.total > _MOST_NAMED
