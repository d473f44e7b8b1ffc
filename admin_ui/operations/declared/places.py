"""Agencies and units as files name them: by code, or, where a unit has none, by the code above it
and its name: ``STTTT/Văn phòng``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """An agency or unit, there already or about to be made."""

    id: str
    code: str
    name: str
    kind: str
    parent_id: str


class Places:
    """All of them, found by what files call them."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._by_id: dict[str, Place] = {}
        self._by_code: dict[str, Place] = {}
        self._below: dict[tuple[str, str], Place] = {}
        for place in places:
            self.add(place)

    def add(self, place: Place) -> None:
        """One more."""
        self._by_id[place.id] = place
        if place.code:
            self._by_code[place.code.lower()] = place
        self._below.setdefault((place.parent_id, place.name.casefold()), place)

    def find(self, ref: str) -> Place | None:
        """The place a file names so."""
        code, slash, path = ref.partition("/")
        found = self._by_code.get(code.strip().lower())
        return self.find_below(found.id, path) if found and slash else found

    def find_below(self, place_id: str, path: str) -> Place | None:
        """The one under a place, by code or by names from it on."""
        by_code = self._by_code.get(path.strip().lower())
        if by_code is not None and self.lies_under(by_code.id, place_id):
            return by_code
        whole = self._below.get((place_id, path.strip().casefold()))
        if whole is not None:
            return whole
        for at, letter in enumerate(path):
            if letter != "/":
                continue
            first = self._below.get((place_id, path[:at].strip().casefold()))
            if first and (found := self.find_below(first.id, path[at + 1 :])):
                return found
        return None

    def find_named(self, parent_id: str, name: str) -> Place | None:
        """The one of that name right under another."""
        return self._below.get((parent_id, name.casefold()))

    def by_id(self, place_id: str) -> Place | None:
        """The one of that id."""
        return self._by_id.get(place_id)

    def lies_under(self, place_id: str, above_id: str) -> bool:
        """Whether it is `above_id` or lies anywhere under it."""
        at: Place | None = self._by_id.get(place_id)
        while at is not None:
            if at.id == above_id:
                return True
            at = self._by_id.get(at.parent_id)
        return False

    def depth(self, place_id: str) -> int:
        """How many lie above it."""
        place = self._by_id.get(place_id)
        return 0 if place is None or not place.parent_id else 1 + self.depth(place.parent_id)

    def ref(self, place_id: str) -> str:
        """How a file names it; empty for one that no file can name."""
        place = self._by_id.get(place_id)
        if place is None:
            return ""
        if place.code:
            return place.code
        above = self.ref(place.parent_id)
        return f"{above}/{place.name}" if above else ""
