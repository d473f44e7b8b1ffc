"""Writing the demo province into a catalogue: all at once off line, or a few more people on line.

Off line: entries for slapadd and rows for SQL side by side, for an installation nobody uses yet.
On line: person by person through the same service as everybody's additions.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import IO

from sqlalchemy import Connection, insert, select

from admin_ui.operations.errors import SEED_NOT_A_DEMO
from admin_ui.operations.seed.codes import demo_codes
from admin_ui.operations.seed.demo import demo_grants
from admin_ui.operations.seed.events import SEED_LOADED
from admin_ui.operations.seed.people import SEED, people, staff_number
from admin_ui.operations.seed.records import AgencySeed, GrantSeed, PersonSeed, stable_id
from admin_ui.operations.seed.structure import province_structure
from directory.actor import Actor
from directory.audit.log import record
from directory.authz.codes import put_codes
from directory.authz.positions import list_positions
from directory.authz.tables import position, settled_post
from directory.catalogue import agency as agency_entry
from directory.catalogue import person as person_entry
from directory.catalogue.agency import Agency, AgencyCode, agency_attributes, agency_dn
from directory.catalogue.person import (
    Person,
    Post,
    derived_attributes,
    person_dn,
    stored_attributes,
)
from directory.clock import SECOND, now_ms, today
from directory.database.engine import lift_statement_limit
from directory.errors import Conflict
from directory.ids import new_event_id
from directory.installation import Installation
from directory.intents.tables import reserved_value
from directory.ldap import embedded, ldif
from directory.ldap.passwords import unknowable_hash
from directory.people.service import add_record, reserved_values
from directory.projection import bulk, queries
from directory.projection.rows import Row
from directory.text import clean_name

Told = Callable[[int, int], None]
_CHUNK = 2000
_ENDLESS = 10**9


def load_province(
    installation: Installation,
    actor: Actor,
    count: int,
    told: Told,
    *,
    agencies: int | None = None,
    seed: int = SEED,
) -> None:
    """Fill an empty installation whose slapd is stopped with the province and `count` people.

    `told` hears (done, total). Raises Conflict(``ldap.running``). A crash leaves a half-filled
    state that the caller must discard.
    """
    structure = province_structure(agencies)
    places = _places(structure)
    stream = people(
        count, seed=seed, structure=structure, mail_domain=installation.settings.mail_domain
    )
    bodies = sum(1 for place in places.values() if place.kind == "agency")
    # slapadd reads while the rows are written: that SQL waits for LDAP here harms nobody yet.
    with installation.database.write() as tx, bulk.indexed_afterwards(tx, (reserved_value,)):
        lift_statement_limit(tx)
        with embedded.load_offline(installation.settings) as out:
            load = _Load(tx, out, places, installation.settings.suffix)
            load.add_places()
            load.add_positions(demo_grants(structure))
            for name, values in demo_codes().items():
                put_codes(tx, actor, name, values)
            while chunk := [_person(drawn, places) for drawn in islice(stream, _CHUNK)]:
                load.add_people(chunk)
                told(load.people, count)
        record(tx, SEED_LOADED, actor, people=load.people, agencies=bodies, seed=seed)


class _Load:
    """Entries for slapadd and rows for SQL, written side by side; both bear the same CSN."""

    def __init__(
        self, tx: Connection, out: IO[str], places: Mapping[str, Agency], suffix: str
    ) -> None:
        self.people = 0
        self._tx, self._out, self._suffix = tx, out, suffix
        self._by_key = places
        self._places = {place.id: place for place in places.values()}
        self._positions: dict[tuple[str, str], str] = {}
        self._mark, self._csns = new_event_id(), _csns()
        self._today = today().isoformat()

    def add_places(self) -> None:
        placed = [(place, next(self._csns)) for place in self._places.values()]
        self._out.writelines(
            self._ldif(
                agency_dn(place.id, self._suffix),
                agency_entry.OBJECT_CLASSES,
                {"dmId": (place.id,), **agency_attributes(place)},
                csn,
            )
            for place, csn in placed
        )
        bulk.fill_agencies(self._tx, placed)
        self._reserve(("agency.code", p.code.lower(), p.id) for p, _ in placed if p.code)

    def add_people(self, chunk: Sequence[Person]) -> None:
        stamped = [(person, next(self._csns)) for person in chunk]
        self._out.writelines(
            self._ldif(
                person_dn(person.id, self._suffix),
                person_entry.OBJECT_CLASSES,
                {
                    "dmId": (person.id,),
                    **stored_attributes(person),
                    **derived_attributes(person, self._places, self._today),
                    # Who signs in has a password: here one that nobody knows.
                    "userPassword": () if person.status == "pending" else (unknowable_hash(),),
                },
                csn,
            )
            for person, csn in stamped
        )
        bulk.fill_people(self._tx, stamped)
        self._settle_posts(chunk)
        self._reserve((n, v, p.id) for p in chunk for n, v in reserved_values(p))
        self.people += len(chunk)

    def add_positions(self, grants: Sequence[GrantSeed]) -> None:
        """Those that the demo gives roles to."""
        places = {seed_key: place.id for seed_key, place in self._by_key.items()}
        keys = {(places[g.agency_key], places[g.place_key], g.title) for g in grants}
        for agency_id, place_id, title in sorted(keys):
            made = stable_id(f"position/{place_id}/{title}")
            self._positions[place_id, title] = made
            unit_id = "" if place_id == agency_id else place_id
            row = {"id": made, "agency_id": agency_id, "unit_id": unit_id, "name": title}
            self._tx.execute(insert(position).values(row))

    def _settle_posts(self, chunk: Sequence[Person]) -> None:
        rows = [
            {
                "person_id": person.id,
                "post_id": post.id,
                "position_id": position_id,
                "start_on": post.start,
                "end_on": post.end,
            }
            for person in chunk
            for post in person.posts
            if (position_id := self._positions.get((post.place_id, post.title)))
        ]
        if rows:
            self._tx.execute(insert(settled_post), rows)

    def _ldif(
        self, dn: str, classes: tuple[str, ...], attributes: Mapping[str, tuple[str, ...]], csn: str
    ) -> str:
        present = {name: values for name, values in attributes.items() if values}
        ours = {"objectClass": classes, "dmIntent": (self._mark,), "entryCSN": (csn,)}
        return ldif.record(dn, ours | present)

    def _reserve(self, values: Iterable[tuple[str, str, str]]) -> None:
        rows: Iterator[Row] = (
            {"namespace": space, "value": value, "entry_id": entry, "intent_id": self._mark}
            for space, value, entry in values
        )
        bulk.insert_all(self._tx, reserved_value, rows)


def add_people(installation: Installation, actor: Actor, count: int, seed: int, told: Told) -> int:
    """Add people of the demo province until it has `count`; those already there stay.

    Who would take the username of somebody else is left out, and the next one comes. Gives how
    many were added. Raises Conflict(``seed.not_a_demo``) elsewhere.
    """
    if not installation.settings.demo:
        raise Conflict(SEED_NOT_A_DEMO)
    places = _places(province_structure())
    with installation.database.read() as tx:
        present = queries.count_people(tx)
    missing = max(count - present, 0)
    newcomers = _newcomers(
        installation, people(_ENDLESS, seed=seed, mail_domain=installation.settings.mail_domain)
    )
    named = _named_positions(installation)
    for number, fresh in enumerate(islice(newcomers, missing), start=1):
        newcomer = _person(fresh, places)
        if newcomer.status == "active":
            newcomer = replace(
                newcomer, status="pending"
            )  # added as people are: without a password
        held = {p.id: named[key] for p in newcomer.posts if (key := (p.place_id, p.title)) in named}
        add_record(installation, actor, newcomer, positions=held)
        told(number, missing)
    return missing


def _named_positions(installation: Installation) -> dict[tuple[str, str], str]:
    """The positions there are, by place and name: newcomers of the demo hold those of their title.

    Only here: people of an office are put on a position by somebody who knows what it brings.
    """
    with installation.database.read() as tx:
        return {(each.place_id, each.name): each.id for each in list_positions(tx)}


def _newcomers(installation: Installation, stream: Iterator[PersonSeed]) -> Iterator[PersonSeed]:
    """Those of the stream who are not there and take nobody's username, with free staff numbers."""
    staff_no = itertools.count(1)
    for fresh in stream:
        with installation.database.read() as tx:
            if queries.person(tx, fresh.id) or _is_named_like_another(tx, fresh):
                continue
            while _is_taken(tx, "person.staff_no", fresh.staff_no):
                fresh = replace(fresh, staff_no=staff_number(next(staff_no)))
        yield fresh


def _is_named_like_another(tx: Connection, fresh: PersonSeed) -> bool:
    addresses = (address for address in (fresh.mail, *fresh.aliases) if address)
    return _is_taken(tx, "person.username", fresh.username) or any(
        _is_taken(tx, "person.mail", address) for address in addresses
    )


def _is_taken(tx: Connection, space: str, value: str) -> bool:
    columns = reserved_value.c
    query = select(columns.entry_id).where(columns.namespace == space, columns.value == value)
    return tx.execute(query).first() is not None


def _places(structure: list[AgencySeed]) -> dict[str, Agency]:
    """The agencies and units by seed key."""
    ids = {seed.key: seed.id for seed in structure}
    return {
        seed.key: Agency(
            id=seed.id,
            name=seed.name,
            code=seed.code,
            short_name=seed.short_name,
            kind=seed.kind,
            type=seed.type,
            parent_id=ids.get(seed.parent_key, ""),
            precedence=seed.precedence,
            codes=(AgencyCode("ky_hieu", seed.symbol),) if seed.symbol else (),
            phone=seed.phone,
        )
        for seed in structure
    }


def _person(seed: PersonSeed, places: dict[str, Agency]) -> Person:
    return Person(
        id=seed.id,
        username=seed.username,
        full_name=clean_name(seed.raw_full_name),
        family_name=seed.family_name,
        middle_name=seed.middle_name,
        given_name=seed.given_name,
        status=seed.status,
        mail=seed.mail,
        aliases=seed.aliases,
        phone=seed.phone,
        staff_no=seed.staff_no,
        staff_category=seed.staff_category,
        posts=tuple(
            Post(
                id=post.id,
                agency_id=places[post.agency_key].id,
                unit_id=places[post.unit_key].id if post.unit_key else "",
                title=post.title,
                kind=post.kind,
                start=post.start,
                end=post.end,
            )
            for post in seed.posts
        ),
        precedence=seed.precedence,
        language=seed.language,
    )


def _csns() -> Iterator[str]:
    """Change sequence numbers of our own making: rows and entries bear the same."""
    stamp = datetime.fromtimestamp(now_ms() / SECOND, tz=UTC).strftime("%Y%m%d%H%M%S")
    for count in itertools.count():
        # Microseconds first, then the count within one: see slapd's lutil_csnstr.
        yield f"{stamp}.{count % 1_000_000:06d}Z#{count // 1_000_000:06x}#000#000000"
