"""Adding and changing agencies and units."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from directory.actor import Actor
from directory.agencies.errors import (
    AGENCY_CIRCLE,
    AGENCY_CODE,
    AGENCY_NAME,
    AGENCY_NO_PARENT,
    AGENCY_PRECEDENCE,
    AGENCY_TOO_LONG,
    AGENCY_UNIT_WITHOUT_PARENT,
)
from directory.agencies.events import AGENCY_ADD_REQUESTED, AGENCY_CHANGE_REQUESTED
from directory.agencies.permissions import AgencyPermission
from directory.audit.log import agency_tag
from directory.authz.decisions import require
from directory.authz.objects import InPlace
from directory.catalogue.agency import (
    OBJECT_CLASSES,
    Agency,
    agency_attributes,
    agency_dn,
    agency_from_entry,
)
from directory.catalogue.errors import AGENCY_UNKNOWN
from directory.errors import Invalid, NotFound, refuse
from directory.errors.input import INPUT_ID, INPUT_UNKNOWN_FIELD
from directory.ids import can_be_id
from directory.installation import Installation
from directory.intents.carrying import carry_out
from directory.intents.model import EntryChange
from directory.projection import queries
from directory.text import clean

_CODE = re.compile(r"[^\s/\\|,;@]{1,35}")  # context: codes have at most 35 characters
_LONGEST = {"short_name": 250, "type": 64, "mail": 254, "phone": 32}
_EDITABLE = ("name", "short_name", "code", "type", "parent_id", "precedence", "mail", "phone")


def add_agency(installation: Installation, actor: Actor, agency: Agency) -> Agency:
    """Add an agency or unit; `agency.id` comes from the caller (`ids.new_id`).

    Raises Invalid (naming the field), NotFound for an unknown parent, Conflict for a code in use.
    """
    agency = _checked(replace(agency, name=clean(agency.name), code=clean(agency.code)))
    with installation.database.read() as tx:
        require(tx, actor, AgencyPermission.WRITE, InPlace(agency.parent_id))
        if agency.parent_id and queries.agency(tx, agency.parent_id) is None:
            raise NotFound(AGENCY_NO_PARENT)
    change = EntryChange(
        operation="add",
        entry_id=agency.id,
        dn=agency_dn(agency.id, installation.settings.suffix),
        subject=agency_tag(agency.id),
        agency=agency.id,
        attributes={
            "objectClass": OBJECT_CLASSES,
            "dmId": (agency.id,),
            **agency_attributes(agency),
        },
        reserve=_reserved(agency),
    )
    fields = {"code": agency.code, "name": agency.name}
    return agency_from_entry(carry_out(installation, actor, change, (AGENCY_ADD_REQUESTED, fields)))


def change_agency(
    installation: Installation, actor: Actor, agency_id: str, changes: Mapping[str, object]
) -> Agency:
    """Change fields of an agency or unit. Raises as `add_agency`, and Conflict when it changed
    between our reading and writing."""
    unknown = set(changes) - set(_EDITABLE)
    if unknown:
        raise Invalid(INPUT_UNKNOWN_FIELD, field=sorted(unknown)[0])
    old = read_agency(installation, agency_id)
    with installation.database.read() as tx:
        require(tx, actor, AgencyPermission.WRITE, InPlace(agency_id))
        parent = str(changes.get("parent_id", old.parent_id))
        if parent != old.parent_id:
            # Whoever administers the new place gets power over all that is moved under it.
            require(tx, actor, AgencyPermission.WRITE, InPlace(parent))
        if parent and queries.agency(tx, parent) is None:
            raise NotFound(AGENCY_NO_PARENT)
        if parent and queries.is_under(tx, parent, agency_id):
            raise Invalid(AGENCY_CIRCLE, field="parent_id")
    cleaned = {name: clean(v) if isinstance(v, str) else v for name, v in changes.items()}
    new = _checked(replace(old, **cleaned))  # type: ignore[arg-type]
    before, after = agency_attributes(old), agency_attributes(new)
    edited = {name: values for name, values in after.items() if values != before[name]}
    if not edited:
        return old
    change = EntryChange(
        operation="modify",
        entry_id=agency_id,
        dn=agency_dn(agency_id, installation.settings.suffix),
        subject=agency_tag(agency_id),
        agency=agency_id,
        attributes=edited,
        expected={name: before[name] for name in edited},
        reserve=_reserved(new),
    )
    told = {name: str(value) for name, value in cleaned.items()}
    was = {name: str(getattr(old, name)) for name in told}
    told = {name: value for name, value in told.items() if value != was[name]}
    fields = {"changes": told, "before": {name: was[name] for name in told}}
    entry = carry_out(installation, actor, change, (AGENCY_CHANGE_REQUESTED, fields))
    return agency_from_entry(entry)


def read_agency(installation: Installation, agency_id: str) -> Agency:
    """The agency or unit as LDAP holds it now. Raises NotFound."""
    entry = installation.ldap.read(agency_dn(agency_id, installation.settings.suffix), ["*"])
    if entry is None:
        raise NotFound(AGENCY_UNKNOWN)
    return agency_from_entry(entry)


def read_places(installation: Installation, ids: Sequence[str]) -> dict[str, Agency]:
    """The agencies and units among `ids`, as the projection knows them, by id."""
    with installation.database.read() as tx:
        rows = queries.agencies_by_id(tx, [place for place in ids if place])
    return {
        row.id: Agency(id=row.id, name=row.name, code=row.code, kind=row.kind)  # type: ignore[arg-type]
        for row in rows.values()
    }


def _checked(agency: Agency) -> Agency:
    if not can_be_id(agency.id):
        raise Invalid(INPUT_ID, field="id")
    is_coded = bool(_CODE.fullmatch(agency.code))
    checks = (
        (AGENCY_NAME, "name", 0 < len(agency.name) <= 250),
        (AGENCY_CODE, "code", is_coded or (agency.kind == "unit" and not agency.code)),
        (AGENCY_UNIT_WITHOUT_PARENT, "parent_id", agency.kind != "unit" or agency.parent_id),
        (AGENCY_PRECEDENCE, "precedence", _is_precedence(agency.precedence)),
    )
    too_long = [name for name, most in _LONGEST.items() if len(getattr(agency, name)) > most]
    refuse(
        [
            *(Invalid(error, field=field) for error, field, is_fine in checks if not is_fine),
            *(Invalid(AGENCY_TOO_LONG, field=field, longest=_LONGEST[field]) for field in too_long),
        ]
    )
    return agency


def _is_precedence(value: object) -> bool:
    return isinstance(value, int) and 0 <= value <= 99999


def _reserved(agency: Agency) -> tuple[tuple[str, str], ...]:
    return (("agency.code", agency.code.lower()),) if agency.code else ()
