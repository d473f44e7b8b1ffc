"""A definition as a form has it: read from its file, judged field by field, written back.

What a form knows nothing of (how requests of a REST target look, tables of words) stays as it is in
the file; remarks in it do not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from sqlalchemy import Connection

from directory.authz.roles import list_roles
from directory.errors import Invalid, Words
from directory.projection.queries import PersonRow
from directory.release.attributes import told_attributes
from directory.release.register import find_release
from directory.text import plain
from sync.engine import connectors
from sync.engine.errors import (
    CONNECTOR_ADDRESS,
    CONNECTOR_EXPRESSION,
    CONNECTOR_LOGIN_MISSING,
    CONNECTOR_NUMBER,
)
from sync.engine.expressions import ExpressionFault, Value, compile_expression
from sync.engine.kinds import find_kinds
from sync.engine.wanted import facts_of, keep_released
from sync.engine.yaml_reading import is_address

Tables = Mapping[str, Mapping[str, str]]
# What applications commonly want, in the order in which forms show it.
_COMMON: Mapping[str, str] = {
    "userName": "username",
    "displayName": "full_name",
    "name.familyName": "family_name",
    "name.givenName": "given_name",
    "emails": "mail",
    "phoneNumbers": "phone",
    "title": "post.title",
    "enterprise.organization": "agency.name",
    "enterprise.department": "unit.name",
    "enterprise.employeeNumber": "staff_no",
}


@dataclass(frozen=True)
class Draft:
    """What a form holds. `attributes`: path in the target → expression; `roles`: role → group;
    `agencies`: codes; the rest as the file says it, empty for the usual."""

    url: str
    profile: str
    attributes: Mapping[str, str]
    roles: Mapping[str, str] = field(default_factory=dict)
    agencies: tuple[str, ...] = ()
    leavers: str = ""
    reconcile: str = ""
    at_once: str = ""
    per_second: str = ""
    losses: str = ""


def draft_of(source: str) -> Draft:
    """What a form shows of a definition that was judged."""
    told = plain_of(source)
    limits = told.get("limits") or {}
    return Draft(
        url=str(told["target"].get("url", "")),
        profile=str(told["target"].get("profile", "standard")),
        attributes=dict(told["accounts"] or {}),
        roles=dict(told.get("roles") or {}),
        agencies=tuple((told.get("scope") or {}).get("agencies") or ()),
        leavers=told.get("leavers", ""),
        reconcile=told.get("reconcile", ""),
        at_once=limits.get("at_once", ""),
        per_second=limits.get("per_second", ""),
        losses=limits.get("losses", ""),
    )


def source_of(draft: Draft, base: str) -> str:
    """The file that a form stands for, over the one that it was made from."""
    told = plain_of(base)
    if _is_plain(told):
        told["target"] = {"kind": told["target"]["kind"], "url": draft.url} | (
            {"profile": draft.profile} if draft.profile != "standard" else {}
        )
    told["accounts"] = dict(draft.attributes)
    limits = {"at_once": draft.at_once, "per_second": draft.per_second, "losses": draft.losses}
    parts: Mapping[str, Any] = {
        "scope": {"agencies": list(draft.agencies)} if draft.agencies else {},
        "roles": dict(draft.roles),
        "leavers": draft.leavers,
        "reconcile": draft.reconcile,
        "limits": {name: value for name, value in limits.items() if value},
    }
    for name, value in parts.items():
        told.pop(name, None)
        if value:
            told[name] = value
    # What is kept of the file comes last, as it did before the parts were put anew.
    if "tables" in told:
        told["tables"] = told.pop("tables")
    return written(told)


def first_source(name: str, application_id: str, kind: str, url: str, profile: str) -> str:
    """A file with nothing in it but where to."""
    target = {"kind": kind, "url": url, "profile": profile}
    told = {"connector": name, "application": application_id, "target": target, "accounts": {}}
    return yaml.dump(told, Dumper=yaml.SafeDumper, allow_unicode=True, sort_keys=False)


def first_draft(tx: Connection, application_id: str, kind: str, url: str, profile: str) -> Draft:
    """What is proposed for an application: what it commonly wants, of what it may learn."""
    found = find_release(tx, application_id)
    released = set(found.attributes) if found is not None else set()
    known = find_kinds()[kind].attributes
    attributes = {
        path: source
        for path, source in _COMMON.items()
        if path in known and compile_expression(source, {}).tells <= released
    }
    roles = {}
    if "roles" in released:
        roles = {role.name: role.title_vi for role in list_roles(tx, application_id)}
    return Draft(url, profile, attributes, roles)


def free_name(tx: Connection, application_name: str) -> str:
    """A name for a connector that none has."""
    slug = re.sub(r"[^a-z0-9]+", "-", plain(application_name)).strip("-")[:32].strip("-")
    if not slug or not slug[0].isalpha() or slug in ("xuat", "dang-ky"):
        slug = f"kn-{slug}".strip("-")
    taken = set(connectors.list_names(tx))
    others = (f"{slug}-{number}" for number in range(2, len(taken) + 3))
    return next(name for name in (slug, *others) if name not in taken)


def _is_plain(told: Mapping[str, Any]) -> bool:
    """Whether its target is an address and a profile, and no more."""
    return not find_kinds()[told["target"]["kind"]].reads


def faults_of(attributes: Mapping[str, str], tables: Tables, kind: str) -> Sequence[Invalid]:
    """What is wrong with expressions, each at its attribute (`field`)."""
    faults = []
    for path, source in attributes.items():
        try:
            compile_expression(source, tables)
        except ExpressionFault as fault:
            told = Invalid(CONNECTOR_EXPRESSION, says=fault.said, at=fault.at, field=path)
            faults.append(told)
    if "userName" in find_kinds()[kind].attributes and "userName" not in attributes:
        faults.append(Invalid(CONNECTOR_LOGIN_MISSING, field="userName"))
    return faults


@dataclass(frozen=True)
class Previewed:
    """What one attribute would hold. `withheld`: what it tells that the application may not learn,
    which is as if nobody knew it."""

    value: Value
    withheld: Words | None = None


def preview(
    tx: Connection,
    application_id: str,
    attributes: Mapping[str, str],
    tables: Tables,
    person: PersonRow,
) -> Mapping[str, Previewed]:
    """What would be sent of somebody, by those of the expressions that are ones."""
    found = find_release(tx, application_id)
    released = set(found.attributes) if found is not None else set()
    facts = keep_released(facts_of(tx, tables, person), released)
    previewed = {}
    for path, source in attributes.items():
        try:
            expression = compile_expression(source, tables)
        except ExpressionFault:
            continue
        missing = expression.tells - released
        withheld = told_attributes(missing) if missing else None
        previewed[path] = Previewed(expression.value(facts), withheld)
    return previewed


def numbers_of(draft: Draft) -> Sequence[Invalid]:
    """What is wrong with what a form has as numbers, and with its address."""
    faults = []
    bounds = {"at_once": (1, 16), "per_second": (1, 1000), "losses": (0, 100_000)}
    for name, (least, most) in bounds.items():
        text = str(getattr(draft, name))
        is_number = text.isascii() and text.isdecimal() and len(text) < 8
        if text and not (is_number and least <= int(text) <= most):
            faults.append(Invalid(CONNECTOR_NUMBER, field=name, least=least, most=most))
    return faults


def address_faults(url: str) -> Sequence[Invalid]:
    """What is wrong with the address of a target."""
    is_one = is_address(url)
    return [] if is_one else [Invalid(CONNECTOR_ADDRESS, field="url")]


def written(told: Mapping[str, Any]) -> str:
    """A definition as a file."""
    dumper = yaml.SafeDumper
    return yaml.dump(dict(told), Dumper=dumper, allow_unicode=True, sort_keys=False, width=100)


def plain_of(source: str) -> dict[str, Any]:
    """The file with every word as it stands there."""
    told: dict[str, Any] = yaml.load(source, Loader=yaml.BaseLoader)  # noqa: S506 - texts alone
    return told
