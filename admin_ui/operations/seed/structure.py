"""The organisation of the demo province: every body of binh_duong_2013.json with its units."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain, count, islice, product
from pathlib import Path
from typing import Any

from admin_ui.operations.seed.records import AgencySeed, Level, stable_id
from directory.text import without_marks

DATA = Path(__file__).with_name("binh_duong_2013.json")

_SHORT_RANKS = {
    "thành phố": "TP",
    "thị xã": "TX",
    "huyện": "huyện",
    "phường": "phường",
    "thị trấn": "thị trấn",
    "xã": "xã",
}
_UNIT_TYPES = {
    "Văn phòng": "office",
    "Thanh tra": "inspectorate",
    "Phòng": "division",
    "Khoa": "faculty",
    "Tổ": "team",
    "Đội": "team",
}
_PHONES_IN_EXCHANGE = 900


@dataclass(frozen=True, slots=True)
class Body:
    """One agency as the data file tells it: what `establishment` needs to staff it.

    `leaders`, `office`, `one_stop`, `it_unit` are unit keys; `one_stop` is empty where there is no
    reception desk. `size`: people in a realistic province. `concentrated`: filled first.
    """

    agency: AgencySeed
    template: str
    units: tuple[AgencySeed, ...]
    head: str
    deputy: str
    leaders: str
    office: str
    one_stop: str
    it_unit: str
    category: str
    staff: tuple[str, ...]
    size: int
    concentrated: bool


def province_structure(agencies: int | None = None) -> list[AgencySeed]:
    """The agencies of `province_bodies` and their units, parents before their children."""
    return [record for body in province_bodies(agencies) for record in (body.agency, *body.units)]


@cache
def province_bodies(agencies: int | None = None) -> tuple[Body, ...]:
    """Every agency of 2013 with its units and staffing facts, parents before children.

    `agencies` gives that many. Fewer: the root, then those where the demo concentrates its people,
    then the others as listed. More: further schools and health stations, so that a province of any
    size can be tried.
    """
    real = _real_bodies()
    if agencies is None:
        return real
    by_interest = sorted(
        real, key=lambda body: (body.agency.parent_key != "", not body.concentrated)
    )
    # The sort is stable and the list has parents first; what is chosen never lacks a parent.
    kept = {body.agency.key for body in by_interest[: max(agencies, 1)]}
    chosen = (body for body in real if body.agency.key in kept)
    return (*chosen, *islice(_further_bodies(), max(agencies - len(real), 0)))


@cache
def _real_bodies() -> tuple[Body, ...]:
    data = _data()
    return tuple(
        _body(data, facts, number) for number, facts in enumerate(_all_bodies(data), start=1)
    )


@cache
def _data() -> Mapping[str, Any]:
    data: Mapping[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return data


def _further_bodies() -> Iterator[Body]:
    """Bodies that nobody counted in 2013, without end: each commune's health station and schools,
    then a second school of each kind, and so on."""
    data = _data()
    communes = list(
        chain.from_iterable(
            ((district, facts) for facts in _communes(data, district))
            for district in data["districts"]
        )
    )
    numbers = count(len(_real_bodies()) + 1)
    for turn in count():
        kinds = [kind for kind in data["further"] if turn == 0 or kind["repeats"]]
        for kind, (district, commune) in product(kinds, communes):
            yield _body(data, _further_facts(kind, district, commune, turn), next(numbers))


def _further_facts(
    kind: Mapping[str, Any], district: Mapping[str, Any], commune: Mapping[str, Any], turn: int
) -> dict[str, Any]:
    """The facts of one more body; from the second of its kind on, a number tells them apart."""
    mark = str(turn + 1) if turn else ""
    place = commune["place"]
    parent = commune if kind["parent"] == "commune" else district
    return {
        "code": f"{kind['code']}{mark}-{commune['code'].removeprefix('UBND-')}",
        "name": f"{kind['name']} {place} {mark}".rstrip(),
        "short_name": f"{kind['short_name']} {place} {mark}".rstrip(),
        "symbol": "",
        "parent": parent["code"],
        "template": kind["template"],
    }


def _all_bodies(data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The facts of each body in one form: root, provincial bodies, districts, communes."""
    root = data["root"]["code"]
    yield data["root"] | {"parent": ""}
    for body in data["bodies"]:
        yield {"parent": root} | body
    for district in data["districts"]:
        yield _committee(district["rank"], district["name"]) | {
            "code": district["code"],
            "parent": root,
            "template": "district_committee",
            "divisions": data["district_divisions"][district["rank"]],
            "concentrated": district.get("concentrated", False),
        }
    for district in data["districts"]:
        yield from _communes(data, district)


def _communes(data: Mapping[str, Any], district: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for rank, divisions in data["commune_divisions"].items():
        for name in district.get(rank, ()):
            code = f"{district['code']}-{without_marks(name).replace(' ', '').upper()}"
            yield _committee(rank, name) | {
                "code": code,
                "place": name,
                "parent": district["code"],
                "template": "commune_committee",
                "divisions": divisions,
                "concentrated": code in data["concentrated_communes"],
            }


def _committee(rank: str, name: str) -> dict[str, Any]:
    # Communes of one name exist in several districts (Tân Bình, Tân Định, An Bình, Tân Hiệp):
    # names are not unique on purpose, codes are.
    return {
        "name": f"Ủy ban nhân dân {rank} {name}",
        "short_name": f"UBND {_SHORT_RANKS[rank]} {name}",
        "symbol": "",
    }


def _body(data: Mapping[str, Any], facts: Mapping[str, Any], number: int) -> Body:
    template = data["templates"][facts["template"]]
    agency = _agency(facts, template, number)
    units = _units(data, agency, template, facts.get("divisions", {}))
    return Body(
        agency=agency,
        template=facts["template"],
        units=units,
        head=template["head"],
        deputy=template["deputy"],
        leaders=f"{agency.key}.{template['leaders']}",
        office=f"{agency.key}.{template['office']}",
        one_stop=f"{agency.key}.{data['one_stop']['code']}" if "one_stop" in template else "",
        it_unit=f"{agency.key}.{facts.get('it_unit', template['office'])}",
        category=template.get("category", "CIVIL_SERVANT"),
        staff=tuple(template.get("staff", ())),
        size=facts.get("size", template["size"]),
        concentrated=facts.get("concentrated", False),
    )


def _agency(facts: Mapping[str, Any], template: Mapping[str, Any], number: int) -> AgencySeed:
    level: Level = template["level"]
    return AgencySeed(
        key=facts["code"],
        id=stable_id(f"agency/{facts['code']}"),
        code=facts["code"],
        symbol=facts["symbol"],
        name=facts["name"],
        short_name=facts["short_name"],
        kind="agency",
        type=template["type"],
        level=level,
        parent_key=facts["parent"],
        agency_key=facts["code"],
        precedence=number * 10,
        phone=_phone(number),
    )


def _phone(number: int) -> str:
    exchange, line = divmod(number, _PHONES_IN_EXCHANGE)
    return f"0274 {382 + exchange} {1000 + line * 10:04d}"


def _units(
    data: Mapping[str, Any],
    agency: AgencySeed,
    template: Mapping[str, Any],
    divisions: Mapping[str, str],
) -> tuple[AgencySeed, ...]:
    named = {**template["units"], **divisions}
    units = [
        _unit(agency, code, name, agency.key, place * 10, leaders=code == template["leaders"])
        for place, (code, name) in enumerate(named.items(), start=1)
    ]
    if "one_stop" in template:
        desk = data["one_stop"]
        # In a commune the desk stands beside the offices, elsewhere it is part of the office.
        parent = agency.key if agency.level == "commune" else f"{agency.key}.{template['office']}"
        units.append(_unit(agency, desk["code"], desk["name"], parent, (len(units) + 1) * 10))
    return tuple(units)


def _unit(
    agency: AgencySeed, code: str, name: str, parent: str, precedence: int, *, leaders: bool = False
) -> AgencySeed:
    key = f"{agency.key}.{code}"
    kind = next((t for prefix, t in _UNIT_TYPES.items() if name.startswith(prefix)), "section")
    return AgencySeed(
        key=key,
        id=stable_id(f"agency/{key}"),
        code=key,
        symbol="",
        name=name,
        short_name=name,
        kind="unit",
        type="leadership" if leaders else kind,
        level=agency.level,
        parent_key=parent,
        agency_key=agency.key,
        precedence=precedence,
    )
