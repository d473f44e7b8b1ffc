"""Requests with what they ask in a sentence, and names for the tags in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.audit.kinds import Vocabulary
from directory.audit.sentences import actor_name
from directory.authz.applications import list_these
from directory.authz.naming import name_tags, people_in
from directory.errors import Words
from directory.loading import load
from directory.projection import queries
from directory.requests.register import Request
from directory.requests.service import Kinds


@dataclass(frozen=True)
class ShownRequest:
    """A request with what it asks in a sentence, as things are called now, and names for the tags
    in it; `place`: the agency whose administrators decide, empty for the whole province."""

    request: Request
    sentence: Words
    asked_by: Words
    asked_for: Words
    decided_by: Words
    place: str


def show_requests(
    tx: Connection, vocabulary: Vocabulary, kinds: Kinds, requests: Sequence[Request]
) -> Sequence[ShownRequest]:
    """Requests with their sentences and names: what several kinds tell of is read once for all."""
    tags = {tag for r in requests for tag in (r.asked_by, r.asked_for, r.decided_by)}
    list_these(tx, _told_of(requests, "application_id"))
    queries.list_names(tx, people_in(tags) | _told_of(requests, "person_id"))
    named_places = _told_of(requests, "home", "narrowed_to", "agencies")
    places = queries.agencies_by_id(tx, [*named_places, *(each.agency_id for each in requests)])
    sentences: dict[str, Words] = {}
    for name in {asked.kind for asked in requests}:
        of_kind = [asked for asked in requests if asked.kind == name]
        told = load(kinds[name].describe)(tx, [asked.payload for asked in of_kind])
        sentences |= dict(zip((asked.id for asked in of_kind), told, strict=True))
    names = name_tags(tx, tags)

    def named(tag: str) -> Words:
        vi, en = (actor_name(tag, vocabulary, names, language) for language in ("vi", "en"))
        return Words(vi, en) if tag else Words("", "")

    return [
        ShownRequest(
            asked,
            sentences[asked.id],
            named(asked.asked_by),
            named(asked.asked_for),
            named(asked.decided_by),
            places[asked.agency_id].name if asked.agency_id in places else "",
        )
        for asked in requests
    ]


def _told_of(requests: Sequence[Request], *names: str) -> set[str]:
    """Ids that stand under these names in what is asked, whatever kind asks it."""
    found = [each.payload.get(name) for each in requests for name in names]
    lists = [each if isinstance(each, list) else [each] for each in found]
    return {each for some in lists for each in some if each}
