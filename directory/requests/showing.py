"""Requests with what they ask in a sentence, and names for the tags in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.audit.kinds import Vocabulary
from directory.audit.sentences import actor_name
from directory.authz.applications import list_these
from directory.authz.naming import name_tags
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
    """Requests with their sentences and names: a few statements for each kind among them."""
    # Several kinds tell of applications: read once for all.
    list_these(tx, {r.payload["application_id"] for r in requests if "application_id" in r.payload})
    sentences: dict[str, Words] = {}
    for name in {asked.kind for asked in requests}:
        of_kind = [asked for asked in requests if asked.kind == name]
        told = load(kinds[name].describe)(tx, [asked.payload for asked in of_kind])
        sentences |= dict(zip((asked.id for asked in of_kind), told, strict=True))
    tags = {tag for r in requests for tag in (r.asked_by, r.asked_for, r.decided_by)}
    names = name_tags(tx, tags)
    places = queries.agencies_by_id(tx, [asked.agency_id for asked in requests])

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
