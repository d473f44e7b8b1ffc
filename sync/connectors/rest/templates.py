"""The address of a request, made of a template (`directory.outbound.templates`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from directory.outbound.templates import Known, Text, as_text
from sync.engine.target import Refused


@dataclass(frozen=True)
class Address:
    """What stands behind the target's address: a path, and a query."""

    path: Text
    query: Mapping[str, Text]

    def names(self) -> set[str]:
        """The names in it."""
        return self.path.names().union(*(text.names() for text in self.query.values()))

    def made(self, known: Known) -> str:
        """The path and the query. Raises Refused for a value that would make it another path."""
        encoded = {name: quote(as_text(known.get(name)), safe="") for name in self.path.names()}
        segments = [Text(segment) for segment in self.path.source.split("/")]
        if any(each.names() and each.text(encoded) in ("", ".", "..") for each in segments):
            raise Refused("an empty or dotted part cannot stand in an address")
        path = self.path.text(encoded)
        query = {key: text.text(known) for key, text in self.query.items()}
        return path + (f"?{urlencode(query, quote_via=quote)}" if query else "")
