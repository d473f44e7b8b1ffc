"""Agencies and units as choices of a field: a name is said as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from directory.errors import Words
from directory.projection.queries import AgencyRow


def names_of(places: Iterable[AgencyRow]) -> Mapping[str, Words]:
    """The names of places, by id."""
    return {place.id: Words(place.name, place.name) for place in places}
