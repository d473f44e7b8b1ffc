"""Names for the tags and ids in events, so that sentences can be read, and the way back: one table
for the console and the command line, made of what the components declare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, literal, select, union_all

from directory.audit.event import Event
from directory.audit.kinds import Vocabulary
from directory.audit.reading import has_acted
from directory.audit.sentences import Language
from directory.loading import load
from directory.text import fold

# The longest part of a tag (`directory.audit.tables`).
_WORD_CHARS = 255
_MOST_NAMED = 500


def names_for(
    tx: Connection,
    vocabulary: Vocabulary,
    events: Sequence[Event],
    language: Language = "vi",
    also: Collection[str] = (),
) -> dict[str, str]:
    """Tags found in `events` → names, as ``person:<id>``; with those of the ids in `also`. Who has
    no name is not in it.

    One statement, however many events and kinds of subjects.
    """
    words = (word for event in events for word in _words(event))
    everywhere = set(filter(_can_be_asked, (*words, *also)))
    asking: list[Select[Any]] = []
    for subject in vocabulary.subjects.values():
        asked = everywhere if subject.in_fields else everywhere & _ids_in_tags(subject.kind, events)
        if subject.names and asked:
            kind = literal(subject.kind)
            asking += [
                select(kind, *query.subquery().c) for query in load(subject.names)(asked, language)
            ]
    if not asking:
        return {}
    rows = tx.execute(union_all(*asking)).all()
    bearers = Counter((kind, name) for kind, _, name, _ in rows)
    return {
        f"{kind}:{each}": f"{name} ({also})" if also and bearers[kind, name] > 1 else name
        for kind, each, name, also in rows
    }


def _can_be_asked(word: str) -> bool:
    return 0 < len(word) <= _WORD_CHARS and "\0" not in word


def _ids_in_tags(kind: str, events: Sequence[Event]) -> set[str]:
    tags = (event.subject.partition(":") for event in events)
    return {rest for found, _, rest in tags if found == kind}


def _words(event: Event) -> Iterator[str]:
    """Everything in an event that may be an id: what follows a tag's kind, and values of fields."""
    for tag in (event.actor, event.subject):
        rest = tag.partition(":")[2]
        yield rest
        yield rest.partition("|")[0]  # the place of a position, the application of a role
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


def tags_named(tx: Connection, vocabulary: Vocabulary, text: str) -> tuple[tuple[str, ...], bool]:
    """The tags of everybody and everything whose name has `text` in it, with or without marks; and
    whether there are more than were looked for.

    People by the beginnings of words of their name, user name or address.
    """
    tags, too_many = [], False
    for subject in vocabulary.subjects.values():
        if subject.named:
            found = load(subject.named)(tx, text, _MOST_NAMED + 1)
            too_many = too_many or len(found) > _MOST_NAMED
            tags += [f"{subject.kind}:{each}" for each in found[:_MOST_NAMED]]
    if has_acted(tx, f"os:{text}"):
        tags.append(f"os:{text}")
    key = fold(text)
    tags += [
        f"system:{actor}"
        for actor, names in vocabulary.actors.items()
        if any(key in fold(name) for name in names)
    ]
    return tuple(tags), too_many
