"""An installation whose roles hung on titles is brought to positions: nobody gains or loses one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from directory.actor import system
from directory.audit.reading import list_events
from directory.authz.positions import list_positions, tell_of_positions
from directory.authz.roles import roles_of
from directory.clock import today
from directory.database.engine import Database
from directory.database.migrating import configuration, upgrade
from tests.support.postgres import empty_database

pytestmark = pytest.mark.both_engines

_TODAY = today()
_DAYS = [str(_TODAY + timedelta(days=n)) for n in (-400, -1, 0, 1, 60)]
_PLACES = {"s1": ("", "agency"), "s1.vp": ("s1", "unit"), "s1.vp.to": ("s1.vp", "unit")}
_TITLES = {
    "van thu": ("Văn thư", "Văn thư", "Văn Thư", "Vấn thủ"),
    "giam doc": ("Giám đốc", "Giám đốc", "Giảm đốc"),
    "lai xe": ("Lái xe",),
}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with empty_database(tmp_path) as url:
        found = Database(url, synchronous="NORMAL")
        _upgrade_to_titles(found)
        yield found
        found.dispose()


def _upgrade_to_titles(database: Database) -> None:
    if database.file is not None:
        database.file.touch(mode=0o600)
    with database.write() as tx:
        config = configuration(tx)
        revisions = ScriptDirectory.from_config(config).walk_revisions()
        (ours,) = [each for each in revisions if each.path.endswith("_positions.py")]
        command.upgrade(config, str(ours.down_revision))


def _insert(tx: Connection, table: str, **values: object) -> None:
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    tx.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), values)


def _fill(tx: Connection, rng: random.Random) -> list[str]:
    for place, (parent, kind) in _PLACES.items():
        _insert(
            tx,
            "catalogue_agency",
            **dict.fromkeys(("csn", "short_name", "type", "mail", "phone"), ""),
            **dict.fromkeys(("search_key", "sort_key"), place),
            id=place,
            code=place,
            name=f"Nơi {place}",
            kind=kind,
            parent_id=parent,
            precedence=1,
            status="active",
        )
        above, depth = place, 0
        while above:
            _insert(tx, "catalogue_tree", ancestor_id=above, descendant_id=place, depth=depth)
            above, depth = _PLACES[above][0], depth + 1
    people = [f"p{number}" for number in range(60)]
    for person in people:
        for number in range(rng.choice((1, 1, 2))):
            place, key = rng.choice(list(_PLACES)), rng.choice(list(_TITLES))
            start, end = rng.choice(("", *_DAYS)), rng.choice(("", "", *_DAYS))
            _insert(
                tx,
                "catalogue_post",
                person_id=person,
                id=f"{person}-{number}",
                agency_id="s1",
                unit_id="" if place == "s1" else place,
                place_id=place,
                title=rng.choice(_TITLES[key]),
                position=f"{place}|{key}",
                kind="main",
                start_on=start,
                end_on=end,
                basis="",
                is_sole=False,
            )
    _insert(
        tx,
        "application",
        id="app",
        name="app",
        description="",
        access="roles",
        owner_agency_id="",
        disabled_at=0,
        built_in=False,
    )
    for role in ("r1", "r2"):
        _insert(tx, "role", application_id="app", name=role, title_vi=role, title_en=role)
    holders = [
        ("position", f"{place}|{key}") for place in _PLACES for key in ("van thu", "giam doc")
    ]
    holders += [
        ("position", "gone|van thu"),
        ("position", "s1|van thu"),
        ("position", "s1.vp|nobody"),
        ("position", "gone|x"),
    ]
    holders += [("post", "p1-0"), ("post", "p2-0"), ("post", "gone"), ("person", "p3")]
    for number, (kind, holder) in enumerate(holders):
        _insert(
            tx,
            "role_grant",
            id=f"g{number}",
            application_id="app",
            role=rng.choice(("r1", "r2")),
            holder_kind=kind,
            holder_id=holder,
            agency_id="s1",
            field="",
            procedure="",
            start_on=rng.choice(("", *_DAYS[:3])),
            end_on=rng.choice(("", *_DAYS[3:])),
            reason="x",
            granted_by="os:x",
            granted_at=1,
            revoked_at=rng.choice((0, 0, 0, 5)),
        )
    return people


_AS_BEFORE = text(
    "SELECT DISTINCT g.role FROM role_grant g LEFT JOIN catalogue_post p ON p.person_id = :person"
    " AND (p.start_on = '' OR p.start_on <= :day) AND (p.end_on = '' OR p.end_on >= :day)"
    " WHERE g.revoked_at = 0 AND (g.start_on = '' OR g.start_on <= :day)"
    " AND (g.end_on = '' OR g.end_on >= :day) AND ("
    " (g.holder_kind = 'person' AND g.holder_id = :person)"
    " OR (g.holder_kind = 'post' AND g.holder_id = p.id)"
    " OR (g.holder_kind = 'position' AND g.holder_id = p.position)) ORDER BY g.role"
)
_FROM_NOW_ON = _DAYS[2:]


@pytest.mark.parametrize("seed", range(5))
def test_nobody_gains_or_loses_a_role(database: Database, seed: int) -> None:
    with database.write() as tx:
        people = _fill(tx, random.Random(seed))
        before = {
            (person, day): list(tx.execute(_AS_BEFORE, {"person": person, "day": day}).scalars())
            for person in people
            for day in _FROM_NOW_ON
        }
    assert any(before.values())
    upgrade(database)
    with database.read() as tx:
        after = {
            (person, day): sorted({held.role for held in roles_of(tx, person, "app", day)})
            for person in people
            for day in _FROM_NOW_ON
        }
        left = tx.execute(
            text(
                "SELECT holder_id FROM role_grant WHERE holder_kind = 'position'"
                " AND revoked_at = 0 AND holder_id LIKE '%|%'"
            )
        ).all()
    assert after == before
    assert left == []


def test_a_position_is_called_what_most_of_its_holders_are(database: Database) -> None:
    with database.write() as tx:
        _fill(tx, random.Random(3))
        tx.execute(text("UPDATE role_grant SET revoked_at = 0"))
        tx.execute(text("UPDATE catalogue_post SET end_on = ''"))
    upgrade(database)
    with database.read() as tx:
        found = {(each.unit_id or each.agency_id, each.name) for each in list_positions(tx)}
        units = {each.id: each.unit_id for each in list_positions(tx)}
    assert {("s1", "Văn thư"), ("s1.vp", "Giám đốc"), ("s1.vp", "nobody"), ("gone", "x")} <= found
    assert ("gone", "Văn thư") in found  # nobody holds it: as it is written elsewhere
    assert "s1.vp.to" in units.values()


def test_it_is_told_once_as_one_act_with_a_number(database: Database) -> None:
    with database.write() as tx:
        _fill(tx, random.Random(3))
    upgrade(database)
    with database.write() as tx:
        made = tell_of_positions(tx, system("init"))
        assert len(made) == len(list_positions(tx)) > 3
        assert sum(each.holders for each in made) > 0
        assert tell_of_positions(tx, system("init")) == ()
        (event,) = list_events(tx, kind="positions.migrated", limit=10)
    assert event.fields["count"] == len(made)
