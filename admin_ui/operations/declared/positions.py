"""Positions (vị trí việc làm): named by agency, unit and name, which are unique together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from admin_ui.operations.declared.document import Declared, Field
from admin_ui.operations.declared.errors import DECLARED_UNKNOWN
from admin_ui.operations.declared.places import Place
from admin_ui.operations.declared.planning import (
    AGENCY,
    NOTHING_MORE,
    Doing,
    Done,
    Planning,
    Step,
)
from directory.authz import positions
from directory.ids import new_id

SECTION = "positions"
# What names one, also in grants.
NAMED_BY = (Field("agency", is_required=True), Field("unit"), Field("name", is_required=True))
FIELDS = (*NAMED_BY, Field("reason"), Field("absent", "flag"))


def plan(planning: Planning, things: Sequence[Declared]) -> list[Step]:
    """Made where they are not, closed where they are to be absent."""
    return [step for each in things if (step := _step(planning, each))]


def find_place(planning: Planning, each: Declared, agency: str, unit: str) -> Place | None:
    """Agency and unit of a position; None, and a fault, where there is none. The id of the agency
    is that of the place or of its agency: see `agency_of`."""
    found = planning.place(each, agency, AGENCY)
    if found is None or not unit:
        return found
    below = planning.places.find_below(found.id, unit)
    if below is None:
        planning.fault(DECLARED_UNKNOWN, each, what=AGENCY, value=f"{agency}/{unit}")
    return below


def key_of(
    planning: Planning, each: Declared, agency: str, unit: str, name: str
) -> tuple[str, str, str] | None:
    """(agency, unit, name) with ids; None, and a fault, for a place that is not there."""
    place = find_place(planning, each, agency, unit)
    if place is None:
        return None
    return (place.id, "", name) if not unit else (_agency_id(planning, agency), place.id, name)


def find_id(planning: Planning, key: tuple[str, str, str]) -> str:
    """The id of an open position, there or about to be made; empty where there is none."""
    if key in planning.positions:
        return planning.positions[key]
    found = positions.find_named(planning.tx, *key)
    return found.id if found else ""


def _agency_id(planning: Planning, agency: str) -> str:
    found = planning.places.find(agency)
    return found.id if found else ""


def _step(planning: Planning, each: Declared) -> Step | None:
    agency, unit, name = each.text("agency"), each.text("unit"), each.text("name")
    key = key_of(planning, each, agency, unit, name)
    if key is None:
        return None
    called = ", ".join(filter(None, (name, unit, agency)))
    known = find_id(planning, key)
    if each.is_absent:
        return _closed(planning, each, known, called)
    if known:
        return Step(SECTION, called, each.line, "same")
    position_id = new_id()
    planning.positions[key] = position_id

    def add(doing: Doing) -> Done:
        positions.add_position(
            doing.shared, doing.actor, key[0], name, unit_id=key[1], position_id=position_id
        )
        return NOTHING_MORE

    return Step(SECTION, called, each.line, "create", carry_out=add)


def _closed(planning: Planning, each: Declared, known: str, called: str) -> Step:
    if not known:
        return Step(SECTION, called, each.line, "same")
    reason = planning.reason(each)

    def close(doing: Doing) -> Done:
        positions.close_position(doing.shared, doing.actor, known, reason)
        return NOTHING_MORE

    return Step(SECTION, called, each.line, "remove", carry_out=close)


def export(planning: Planning, within: str) -> list[dict[str, Any]]:
    """The open ones, under a place or all."""
    places, told = planning.places, []
    for each in positions.list_positions(planning.tx):
        if within and not places.lies_under(each.place_id, within):
            continue
        told.append(named(planning, each))
    return sorted(told, key=lambda one: (one["agency"], one["unit"], one["name"]))


def named(planning: Planning, position: positions.Position) -> dict[str, str]:
    """What a file names a position by."""
    places = planning.places
    agency, unit = places.ref(position.agency_id), places.ref(position.unit_id)
    return {
        "agency": agency,
        "unit": unit.removeprefix(f"{agency}/"),
        "name": position.name,
    }
