"""Writing the demo province into a catalogue: all at once off line, or a few more people on line.

Off line: an LDIF for slapadd and bulk inserts for SQL, for an installation that nobody uses yet.
On line: person by person through the same service as everybody's additions.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from sqlalchemy import Connection, insert

from admin_ui.seed.people import SEED, people
from admin_ui.seed.records import AgencySeed, PersonSeed
from admin_ui.seed.structure import province_structure
from directory.actor import Actor
from directory.audit.log import record
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
from directory.errors import Conflict
from directory.ids import new_event_id
from directory.installation import Installation
from directory.intents.tables import reserved_value
from directory.ldap import embedded, ldif
from directory.people.service import add_record, reserved_values
from directory.projection import bulk, queries
from directory.text import clean_name

Told = Callable[[int, int], None]
_CHUNK = 2000


def load_province(
    house: Installation, actor: Actor, count: int, told: Told, *, agencies: int | None = None
) -> None:
    """Fill an empty installation whose slapd is stopped with the province and `count` people.

    `told` hears (done, total). Raises Conflict(``ldap.running``). A crash leaves a half-filled
    state that the caller must discard.
    """
    mark, csns = new_event_id(), _csns()
    structure = province_structure(agencies)
    places = _places(structure)
    file = house.settings.run_dir / "province.ldif"
    with file.open("w", encoding="utf-8") as out, house.database.write() as tx:
        placed = [(place, next(csns)) for place in places.values()]
        out.writelines(
            _agency_ldif(place, house.settings.suffix, mark, csn) for place, csn in placed
        )
        bulk.fill_agencies(tx, placed)
        codes = [("agency.code", p.code.lower(), p.id) for p in places.values() if p.code]
        _reserve(tx, codes, mark)
        write = _PeopleWriter(house.settings.suffix, {p.id: p for p in places.values()}, mark)
        domain = house.settings.mail_domain
        stream = people(count, seed=SEED, structure=structure, mail_domain=domain)
        done = 0
        while chunk := [(_person(s, places), next(csns)) for s in islice(stream, _CHUNK)]:
            out.writelines(write.entry(person, csn) for person, csn in chunk)
            bulk.fill_people(tx, chunk)
            _reserve(tx, [(n, v, p.id) for p, _ in chunk for n, v in reserved_values(p)], mark)
            done += len(chunk)
            told(done, count)
        bodies = sum(1 for place in places.values() if place.kind == "agency")
        record(tx, "seed.loaded", actor, people=done, agencies=bodies, seed=SEED)
    embedded.load_offline(house.settings, file)
    file.unlink()


@dataclass(frozen=True)
class _PeopleWriter:
    suffix: str
    places: Mapping[str, Agency]
    mark: str
    today: str = field(default_factory=lambda: today().isoformat())

    def entry(self, person: Person, csn: str) -> str:
        """The person's entry as LDIF."""
        attributes = {
            "objectClass": person_entry.OBJECT_CLASSES,
            "dmId": (person.id,),
            **stored_attributes(person),
            **derived_attributes(person, self.places, self.today),
        }
        return _ldif(person_dn(person.id, self.suffix), attributes, self.mark, csn)


def _agency_ldif(place: Agency, suffix: str, mark: str, csn: str) -> str:
    attributes = {
        "objectClass": agency_entry.OBJECT_CLASSES,
        "dmId": (place.id,),
        **agency_attributes(place),
    }
    return _ldif(agency_dn(place.id, suffix), attributes, mark, csn)


def add_people(house: Installation, actor: Actor, count: int, seed: int, told: Told) -> int:
    """Add people of the demo province until it has `count`; those already there stay.

    Gives how many were added. Raises Conflict(``seed.not_a_demo``) elsewhere.
    """
    if not house.settings.demo:
        raise Conflict("seed.not_a_demo")
    places = _places(province_structure())
    added = 0
    domain = house.settings.mail_domain
    for number, fresh in enumerate(people(count, seed=seed, mail_domain=domain), start=1):
        with house.database.read() as tx:
            known = queries.person(tx, fresh.id) or queries.find_person_by_login(tx, fresh.username)
        if known is None:
            add_record(house, actor, _person(fresh, places))
            added += 1
        told(number, count)
    return added


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


def _ldif(dn: str, attributes: Mapping[str, tuple[str, ...]], mark: str, csn: str) -> str:
    present = {name: values for name, values in attributes.items() if values}
    return ldif.record(dn, present | {"dmIntent": (mark,), "entryCSN": (csn,)})


def _reserve(tx: Connection, values: list[tuple[str, str, str]], mark: str) -> None:
    rows = [
        {"namespace": space, "value": value, "entry_id": entry, "intent_id": mark}
        for space, value, entry in values
    ]
    if rows:
        tx.execute(insert(reserved_value), rows)
