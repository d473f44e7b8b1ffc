"""Synthetic people for the demo province: a stream that is the same for the same seed.

`people(5000)` begins with `people(500)`: a larger province is a smaller one and more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from random import Random

from admin_ui.operations.seed.establishment import (
    PRECEDENCE,
    WITHOUT_ACCOUNT,
    Opening,
    establish,
    openings,
)
from admin_ui.operations.seed.named import NAMED_PEOPLE, NamedPerson
from admin_ui.operations.seed.names import draw_name, next_username, username_base
from admin_ui.operations.seed.records import AgencySeed, PersonSeed, PostSeed, Status, stable_id
from admin_ui.operations.seed.structure import province_bodies

SEED = 2013
MAIL_DOMAIN = "binhduong.gov.vn"

_LEADING = PRECEDENCE["Phó Trưởng phòng"]  # leaders are at work
_FIRST_YEAR, _YEARS = 1995, 18  # posts began 1995 to 2012
_LEFT_ON = "2012-12-31"


def people(
    count: int,
    *,
    seed: int = SEED,
    structure: Sequence[AgencySeed] | None = None,
    mail_domain: str = MAIL_DOMAIN,
) -> Iterator[PersonSeed]:
    """Exactly `count` people, one after the other: the named ones, heads, IT officers, staff.

    `structure`: the agencies to staff (all by default; `province_structure(n)` gives fewer); people
    with a fixed place elsewhere are left out. 200,000 people take seconds and little memory.
    """
    return islice(_stream(seed, structure, mail_domain), count)


def _stream(
    seed: int, structure: Sequence[AgencySeed] | None, mail_domain: str
) -> Iterator[PersonSeed]:
    bodies = province_bodies()
    if structure is not None:
        chosen = {record.key for record in structure if record.kind == "agency"}
        available = province_bodies(max(len(chosen), len(bodies)))
        bodies = tuple(body for body in available if body.agency.key in chosen)
    units = {unit.key: unit for body in bodies for unit in body.units}
    # Not for secrets: the point is that it repeats itself.
    random = Random(seed).random  # noqa: S311
    taken: dict[str, int] = {}
    number = 0
    for named in NAMED_PEOPLE:
        if all(unit in units for unit, _, _ in named.places):
            number += 1
            yield _fixed(named, number, taken, mail_domain, random)
    establishments = [establish(body) for body in bodies]
    for opening in openings(establishments):
        number += 1
        yield _drawn(f"{seed}/{number}", opening, number, taken, mail_domain, random)


def _fixed(
    named: NamedPerson,
    number: int,
    taken: dict[str, int],
    mail_domain: str,
    random: Callable[[], float],
) -> PersonSeed:
    username = named.username or next_username(
        username_base(*(named.former_name or named.name)), taken
    )
    mail = f"{username}@{mail_domain}"
    aliases: tuple[str, ...] = ()
    if named.former_name:
        # The new name brings a new address; the old one goes on arriving.
        aliases = (mail,)
        mail = f"{next_username(username_base(*named.name), taken)}@{mail_domain}"
    full_name = _written(*named.name)
    start = _start(random())
    return PersonSeed(
        key=named.key,
        id=stable_id(f"person/{named.key}"),
        username=username,
        full_name=full_name,
        raw_full_name=named.written or full_name,
        family_name=named.name[0],
        middle_name=named.name[1],
        given_name=named.name[2],
        mail=mail,
        aliases=aliases,
        phone=_phone(random()),
        staff_no=staff_number(number),
        staff_category=named.category,
        posts=tuple(
            PostSeed(
                id=stable_id(f"post/{named.key}/{place}"),
                agency_key=unit.partition(".")[0],
                unit_key=unit,
                title=title,
                kind=kind,
                start=start,
                end=_LEFT_ON if named.status == "left" else "",
            )
            for place, (unit, title, kind) in enumerate(named.places)
        ),
        precedence=PRECEDENCE[named.places[0][1]],
        status=named.status,
        language=named.language,
        edge_case=named.shows,
        former_full_name=_written(*named.former_name) if named.former_name else "",
        birth_date=named.birth_date,
        national_ids=named.national_ids,
    )


def _drawn(
    key: str,
    opening: Opening,
    number: int,
    taken: dict[str, int],
    mail_domain: str,
    random: Callable[[], float],
) -> PersonSeed:
    name = draw_name(random)
    full_name = name.full
    username = next_username(username_base(*name), taken)
    has_account = opening.title not in WITHOUT_ACCOUNT
    status = _status(random(), opening) if has_account else "pending"
    phone, start = _phone(random()), _start(random())
    return PersonSeed(
        key=key,
        id=stable_id(f"person/{key}"),
        username=username,
        full_name=full_name,
        raw_full_name=full_name,
        family_name=name.family,
        middle_name=name.middle,
        given_name=name.given,
        mail=f"{username}@{mail_domain}" if has_account else "",
        aliases=(),
        phone=phone,
        staff_no=staff_number(number),
        staff_category=opening.category,
        posts=_posts(key, opening, start, _LEFT_ON if status == "left" else ""),
        precedence=opening.precedence,
        status=status,
        language="vi",
    )


def _posts(key: str, opening: Opening, start: str, end: str) -> tuple[PostSeed, ...]:
    main = PostSeed(
        id=stable_id(f"post/{key}/0"),
        agency_key=opening.agency_key,
        unit_key=opening.unit_key,
        title=opening.title,
        kind="main",
        start=start,
        end=end,
    )
    if opening.second is None:
        return (main,)
    unit_key, title = opening.second
    beside = PostSeed(
        id=stable_id(f"post/{key}/1"),
        agency_key=opening.agency_key,
        unit_key=unit_key,
        title=title,
        kind="concurrent",
        start=start,
        end=end,
    )
    return (main, beside)


def _status(chance: float, opening: Opening) -> Status:
    if opening.precedence < _LEADING or chance >= 0.035:
        return "active"
    if chance < 0.005:
        return "left"
    return "suspended" if chance < 0.015 else "pending"


def _written(family: str, middle: str, given: str) -> str:
    """The whole name in its own order: Ê Đê names put the family last."""
    if given.startswith(("Y ", "H'")):
        return f"{given} {family}"
    return " ".join(part for part in (family, middle, given) if part)


def _phone(chance: float) -> str:
    return f"0274 3{80 + int(chance * 10)} {int(chance * 100000) % 10000:04d}"


def staff_number(number: int) -> str:
    """The staff number (số hiệu) of the seeded person `number`, from 1."""
    return f"BD{number:06d}"


def _start(chance: float) -> str:
    month = int(chance * _YEARS * 12)
    return f"{_FIRST_YEAR + month // 12}-{month % 12 + 1:02d}-01"
