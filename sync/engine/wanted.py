"""What a target is to hold of one person, as the catalogue is now."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import Connection

from directory.actor import Actor
from directory.authz.decisions import decide
from directory.authz.objects import OfApplication
from directory.authz.permissions import ApplicationPermission
from directory.authz.roles import roles_of
from directory.clock import today
from directory.projection import queries
from directory.projection.queries import AgencyRow, PersonRow
from sync.engine.definition import Definition
from sync.engine.expressions import NAMES, Facts, Place, Value
from sync.engine.target import Account


def find_wanted(tx: Connection, definition: Definition, person_id: str) -> Account | None:
    """The account the person is to have; None: none, or one that is disabled."""
    person = queries.person(tx, person_id)
    if person is None or person.administrator_of or not _may_enter(tx, definition, person):
        return None
    facts = facts_of(tx, definition, person)
    attributes = {
        path: value
        for path, expression in definition.attributes.items()
        if (value := expression.value(facts)) != ""
    }
    held: set[str] = set()
    if definition.roles:
        roles = roles_of(tx, person_id, definition.application_id, today().isoformat())
        held = {definition.roles[each.role] for each in roles if each.role in definition.roles}
    return Account(person_id, attributes, tuple(sorted(held)))


def _may_enter(tx: Connection, definition: Definition, person: PersonRow) -> bool:
    about = OfApplication(definition.application_id)
    actor = Actor("person", person.id)
    if not decide(tx, actor, ApplicationPermission.ENTER, about).allowed:
        return False
    if not definition.agencies:
        return True
    now = today().isoformat()
    places = [post.agency_id for post in person.posts if post.is_current(now)]
    codes = {row.code for row in _above(tx, places)} if places else set()
    return not codes.isdisjoint(definition.agencies)


def _above(tx: Connection, places: list[str]) -> list[AgencyRow]:
    return list(queries.agencies_by_id(tx, sorted(queries.list_above(tx, places))).values())


def facts_of(tx: Connection, definition: Definition, person: PersonRow) -> Facts:
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
    return Facts(values, [Place(row.type, row.code, row.name) for row in above], definition.tables)


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
