"""Agencies and units: made, changed and moved; no file removes one, for others stand on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from admin_ui.operations.declared.document import Declared, Field
from admin_ui.operations.declared.errors import DECLARED_MISSING, DECLARED_UNKNOWN
from admin_ui.operations.declared.places import Place, Places
from admin_ui.operations.declared.planning import (
    AGENCY,
    NOTHING_MORE,
    Doing,
    Done,
    Planning,
    Step,
    differing,
)
from directory.agencies import service
from directory.catalogue.agency import Agency
from directory.ids import new_id
from directory.projection import queries

SECTION = "agencies"
FIELDS = (
    Field("code"),
    Field("name"),
    Field("parent"),
    Field("kind", choices=("agency", "unit")),
    Field("short_name"),
    Field("type"),
    Field("precedence", "whole"),
    Field("mail"),
    Field("phone"),
    Field("absent", "flag"),
)
# What may be changed of one that is there, as the file and as we call it.
_CHANGED = {
    name: name for name in ("name", "short_name", "type", "precedence", "mail", "phone")
} | {"parent": "parent_id"}
_DEFAULT_PRECEDENCE = 500


def plan(planning: Planning, things: Sequence[Declared]) -> list[Step]:
    """In an order in which each parent comes first, whatever the file's own."""
    left, steps = list(things), []
    while left:
        ready = [each for each in left if _is_parent_there(planning.places, each)]
        if not ready:
            for each in left:
                planning.fault(DECLARED_UNKNOWN, each, what=AGENCY, value=each.text("parent"))
            break
        for each in ready:
            if step := _step(planning, each):
                steps.append(step)
        left = [each for each in left if each not in ready]
    return steps


def _is_parent_there(places: Places, each: Declared) -> bool:
    return not each.text("parent") or places.find(each.text("parent")) is not None


def _step(planning: Planning, each: Declared) -> Step | None:
    code, name = each.text("code"), each.text("name")
    called = code or name
    if planning.refuse_absent(each, AGENCY, called):
        return None
    parent = planning.places.find(each.text("parent")) if each.text("parent") else None
    known = _known(planning.places, each, parent)
    if known is not None:
        return _changed(planning, each, known, parent)
    if not name:
        planning.fault(DECLARED_MISSING, each, name="name")
        return None
    return _new(planning, each, parent)


def _known(places: Places, each: Declared, parent: Place | None) -> Place | None:
    if each.text("code"):
        return places.find(each.text("code"))
    return places.find_named(parent.id, each.text("name")) if parent else None


def _new(planning: Planning, each: Declared, parent: Place | None) -> Step:
    agency = Agency(
        id=new_id(),
        name=each.text("name"),
        code=each.text("code"),
        short_name=each.text("short_name"),
        kind="unit" if each.text("kind") == "unit" else "agency",
        type=each.text("type"),
        parent_id=parent.id if parent else "",
        precedence=each.values.get("precedence", _DEFAULT_PRECEDENCE),
        mail=each.text("mail"),
        phone=each.text("phone"),
    )
    place = Place(agency.id, agency.code, agency.name, agency.kind, agency.parent_id)
    planning.places.add(place)

    def add(doing: Doing) -> Done:
        service.add_agency(doing.installation, doing.actor, agency)
        return NOTHING_MORE

    name = agency.code or agency.name
    return Step(SECTION, name, each.line, "create", carry_out=add, is_apart=True)


def _changed(planning: Planning, each: Declared, known: Place, parent: Place | None) -> Step:
    row = queries.agency(planning.tx, known.id)
    contact = queries.find_contact(planning.tx, known.id)
    now: dict[str, Any] = asdict(row) if row else {}
    now |= {"mail": contact.mail if contact else "", "phone": contact.phone if contact else ""}
    wanted = each
    if each.says("parent"):
        wanted = replace(each, values={**each.values, "parent": parent.id if parent else ""})
    changes = differing(wanted, now, _CHANGED) if row else {}
    told: Mapping[str, tuple[str, str]] = {
        name: tuple(map(planning.places.ref, pair)) if name == "parent" else pair  # type: ignore[misc]
        for name, pair in changes.items()
    }
    name = known.code or known.name
    if not changes:
        return Step(SECTION, name, each.line, "same")

    def change(doing: Doing) -> Done:
        values = {_CHANGED[field]: wanted.values[field] for field in changes}
        service.change_agency(doing.installation, doing.actor, known.id, values)
        return NOTHING_MORE

    return Step(SECTION, name, each.line, "change", told, carry_out=change, is_apart=True)


def export(planning: Planning, within: str) -> list[dict[str, Any]]:
    """Those under a place, or all; parents before what lies in them."""
    rows = queries.list_agencies(planning.tx, limit=1_000_000)
    depth = {row.id: planning.places.depth(row.id) for row in rows}
    told = []
    for row in sorted(rows, key=lambda row: (depth[row.id], row.precedence, row.code, row.name)):
        if within and not planning.places.lies_under(row.id, within):
            continue
        contact = queries.find_contact(planning.tx, row.id)
        told.append(
            {
                "code": row.code,
                "name": row.name,
                "parent": planning.places.ref(row.parent_id),
                "kind": row.kind,
                "short_name": row.short_name,
                "type": row.type,
                "precedence": row.precedence,
                "mail": contact.mail if contact else "",
                "phone": contact.phone if contact else "",
            }
        )
    return told
