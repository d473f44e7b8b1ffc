"""What a target is to hold of one person, as the catalogue is now."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace

from sqlalchemy import Connection

from directory.authz.roles import roles_of
from directory.clock import today
from directory.projection import queries
from directory.projection.queries import AgencyRow, PersonRow
from directory.release.register import released
from sync.engine.definition import Definition
from sync.engine.expressions import NAMES, PLACES, Facts, Place, Value
from sync.engine.target import Account


def find_wanted(tx: Connection, definition: Definition, person_id: str) -> Account | None:
    """The account the person is to have, of what may leave to the application; None: none, or one
    that is disabled."""
    person = queries.person(tx, person_id)
    return None if person is None else wanted_of(tx, definition, person)


def wanted_of(tx: Connection, definition: Definition, person: PersonRow) -> Account | None:
    """As `find_wanted`, of somebody as they are in `tx`."""
    if person.administrator_of:
        return None
    person_id = person.id
    may_leave = released(tx, definition.application_id, person_id)
    if not may_leave.decision.allowed or not _is_in_scope(tx, definition, person):
        return None
    facts = keep_released(facts_of(tx, definition.tables, person), may_leave.attributes)
    attributes = {
        path: value
        for path, expression in definition.attributes.items()
        if (value := expression.value(facts)) != ""
    }
    held: set[str] = set()
    if definition.roles and "roles" in may_leave.attributes:
        roles = roles_of(tx, person_id, definition.application_id, today().isoformat())
        held = {definition.roles[each.role] for each in roles if each.role in definition.roles}
    return Account(person_id, attributes, tuple(sorted(held)))


def keep_released(facts: Facts, attributes: Collection[str]) -> Facts:
    """What may not leave to the application is as if nobody knew it."""
    told = {"", *attributes}
    values = {name: value if NAMES[name] in told else "" for name, value in facts.values.items()}
    return replace(facts, values=values, above=facts.above if PLACES in told else ())


def _is_in_scope(tx: Connection, definition: Definition, person: PersonRow) -> bool:
    if not definition.agencies:
        return True
    now = today().isoformat()
    places = [post.agency_id for post in person.posts if post.is_current(now)]
    codes = {row.code for row in _above(tx, places)} if places else set()
    return not codes.isdisjoint(definition.agencies)


def _above(tx: Connection, places: list[str]) -> list[AgencyRow]:
    return list(queries.agencies_by_id(tx, sorted(queries.list_above(tx, places))).values())


def facts_of(tx: Connection, tables: Mapping[str, Mapping[str, str]], person: PersonRow) -> Facts:
    """What expressions look at, of the post the person acts in."""
    post = person.acting_post(today().isoformat())
    places = {row.id: row for row in _above(tx, [post.place_id])} if post else {}
    agency = places.get(post.agency_id) if post else None
    unit = places.get(post.unit_id) if post and post.unit_id else None
    values: dict[str, Value] = dict.fromkeys(NAMES, "")
    values |= {name: str(getattr(person, name) or "") for name in NAMES if "." not in name}
    if post:
        values |= {"post.title": post.title, "post.kind": post.kind}
    for word, row in (("agency", agency), ("unit", unit)):
        if row is not None:
            named = [name for name in NAMES if name.startswith(f"{word}.")]
            values |= {name: str(getattr(row, name.partition(".")[2])) for name in named}
    above = _in_order(places, post.place_id if post else "")
    return Facts(values, [Place(row.type, row.code, row.name) for row in above], tables)


def _in_order(places: Mapping[str, AgencyRow], from_id: str) -> list[AgencyRow]:
    """From the place up to the top."""
    found: list[AgencyRow] = []
    row = places.get(from_id)
    while row is not None and row not in found:
        found.append(row)
        row = places.get(row.parent_id)
    return found


def to_json(account: Account) -> str:
    """As it is kept; equal accounts have equal texts."""
    plain = {"attributes": dict(account.attributes), "groups": list(account.groups)}
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(person_id: str, text: str | None) -> Account | None:
    """What `to_json` made."""
    if text is None:
        return None
    plain = json.loads(text)
    return Account(person_id, plain["attributes"], tuple(plain["groups"]))
