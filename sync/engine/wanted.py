"""What a target is to hold of one person, as the catalogue is now."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from directory.authz.roles import roles_of_each
from directory.catalogue.person import home_agency
from directory.clock import today
from directory.projection import queries
from directory.projection.queries import AgencyRow, PersonRow
from directory.release.register import released_each
from sync.engine.definition import Definition
from sync.engine.expressions import NAMES, PLACES, Facts, Place, Value
from sync.engine.target import Account


def find_wanted(tx: Connection, definition: Definition, person_id: str) -> Account | None:
    """The account the person is to have, of what may leave to the application; None: none, or one
    that is disabled."""
    return find_wanted_of(tx, definition, [person_id])[person_id]


def find_wanted_of(
    tx: Connection, definition: Definition, people: Collection[str]
) -> Mapping[str, Account | None]:
    """As `find_wanted`, of each of the people: in as many statements for many as for one."""
    rows = queries.people_with_posts(tx, people)
    return {**dict.fromkeys(people), **wanted_of_each(tx, definition, rows)}


def wanted_of(tx: Connection, definition: Definition, person: PersonRow) -> Account | None:
    """As `find_wanted`, of somebody as they are in `tx`."""
    return wanted_of_each(tx, definition, {person.id: person})[person.id]


def wanted_of_each(
    tx: Connection, definition: Definition, people: Mapping[str, PersonRow]
) -> Mapping[str, Account | None]:
    """As `wanted_of`, of each of the people."""
    own = {id_: row for id_, row in people.items() if not row.administrator_of}
    return {**dict.fromkeys(people), **_wanted_of(tx, definition, own)}


def _wanted_of(
    tx: Connection, definition: Definition, people: Mapping[str, PersonRow]
) -> Mapping[str, Account]:
    may_leave = released_each(tx, definition.application_id, people)
    entering = {id_: row for id_, row in people.items() if may_leave[id_].decision.allowed}
    places = _places_of(tx, entering.values())
    groups = _groups_of(tx, definition, people) if definition.roles else {}
    found = {}
    for person_id, person in entering.items():
        if not _is_in_scope(definition, person, places):
            continue
        learns = may_leave[person_id].attributes
        facts = keep_released(_facts(definition.tables, person, places), learns)
        attributes = {
            path: value
            for path, expression in definition.attributes.items()
            if (value := expression.value(facts)) != ""
        }
        held = groups.get(person_id, ()) if "roles" in learns else ()
        found[person_id] = Account(person_id, attributes, tuple(held))
    return found


def _groups_of(
    tx: Connection, definition: Definition, people: Collection[str]
) -> Mapping[str, Sequence[str]]:
    held = roles_of_each(tx, people, definition.application_id, today().isoformat())
    return {
        person_id: sorted({definition.roles[r.role] for r in roles if r.role in definition.roles})
        for person_id, roles in held.items()
    }


def keep_released(facts: Facts, attributes: Collection[str]) -> Facts:
    """What may not leave to the application is as if nobody knew it."""
    told = {"", *attributes}
    values = {name: value if NAMES[name] in told else "" for name, value in facts.values.items()}
    return replace(facts, values=values, above=facts.above if PLACES in told else ())


def _is_in_scope(
    definition: Definition, person: PersonRow, places: Mapping[str, AgencyRow]
) -> bool:
    if not definition.agencies:
        return True
    now = today().isoformat()
    held = [post.agency_id for post in person.posts if post.is_current(now)]
    codes = {row.code for place in held for row in _in_order(places, place)}
    return not codes.isdisjoint(definition.agencies)


def _places_of(tx: Connection, people: Iterable[PersonRow]) -> Mapping[str, AgencyRow]:
    """Where they work now and whose they are, and all above, by id."""
    now, held = today().isoformat(), set()
    for each in people:
        posts = [post for post in each.posts if post.is_current(now)]
        held |= {place for post in posts for place in (post.agency_id, post.unit_id)}
        held.add(home_agency(each, now))
    return queries.agencies_above(tx, sorted(held - {""}))


def facts_of(tx: Connection, tables: Mapping[str, Mapping[str, str]], person: PersonRow) -> Facts:
    """What expressions look at, of the post the person acts in."""
    return _facts(tables, person, _places_of(tx, [person]))


def _facts(
    tables: Mapping[str, Mapping[str, str]], person: PersonRow, places: Mapping[str, AgencyRow]
) -> Facts:
    post = person.acting_post(today().isoformat())
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
