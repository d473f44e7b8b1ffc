"""The projection made anew while everything runs says what it said before."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from sqlalchemy import delete, inspect, select, text, update

from admin_ui.operations.seed.loading import load_province
from directory.catalogue.person import person_dn
from directory.database import lease as leases
from directory.database.migrating import configuration, require_same, upgrade
from directory.errors import AppError, Conflict
from directory.installation import Installation
from directory.ldap import embedded
from directory.ldap.entries import Change
from directory.people.service import change_person
from directory.projection import queries
from directory.projection import rebuild as rebuilding
from directory.projection.apply import apply_entry
from directory.projection.bulk import PERSON_PARTS
from directory.projection.rebuild import Rebuilt, rebuild
from directory.projection.tables import (
    catalogue_agency,
    catalogue_person,
    catalogue_post,
    catalogue_tree,
    person_state,
)
from tests.support.installation import (
    OPERATOR,
    RunningInstallation,
    running_installation,
)

PEOPLE = 120
TABLES = (
    catalogue_person,
    *(table for table, _ in PERSON_PARTS),
    catalogue_agency,
    catalogue_tree,
    person_state,
)


@pytest.fixture(scope="module")
def running() -> Iterator[RunningInstallation]:
    """The demo province, loaded off line."""
    with running_installation() as found:
        embedded.stop(found.slapd)
        load_province(found.installation, OPERATOR, PEOPLE, lambda *_: None)
        found.start_slapd()
        yield found


@pytest.fixture
def installation(running: RunningInstallation) -> Installation:
    return running.installation


def rows(installation: Installation) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the projection and of `person_state`."""
    with installation.database.read() as tx:
        return {
            table.name: sorted(map(tuple, tx.execute(select(table))), key=str) for table in TABLES
        }


def silent(*_: Any) -> None:
    """Nobody to tell."""


def someone(installation: Installation, number: int) -> str:
    with installation.database.read() as tx:
        query = select(catalogue_person.c.id).where(catalogue_person.c.status == "active")
        ids = tx.execute(query.order_by(catalogue_person.c.id).offset(number)).scalars()
        found: str | None = ids.first()
    assert found is not None
    return found


@pytest.mark.both_engines
def test_the_rows_are_those_the_load_wrote(installation: Installation) -> None:
    before = rows(installation)
    done = rebuild(installation, silent)
    assert done == Rebuilt(people=PEOPLE, agencies=len(before["catalogue_agency"]), kept=0)
    assert rows(installation) == before


def test_damage_is_gone_and_names_of_indexes_stay(installation: Installation) -> None:
    before, schema = rows(installation), schema_of(installation)
    assert "_next" not in str(schema)  # nor had a rebuild before this one left any
    hit = someone(installation, 3)
    with installation.database.write() as tx:
        tx.execute(update(catalogue_person).values(phone="wrong"))
        tx.execute(delete(catalogue_post))
        tx.execute(delete(catalogue_tree))
        for table, _ in PERSON_PARTS:
            tx.execute(delete(table).where(table.c.person_id == hit))
        tx.execute(delete(catalogue_person).where(catalogue_person.c.id == hit))
    rebuild(installation, silent)
    assert rows(installation) == before
    assert schema_of(installation) == schema


def schema_of(installation: Installation) -> dict[str, object]:
    """Tables with their keys and indexes, by name: what the next migration will look for."""
    look = inspect(installation.database.engine)
    names = look.get_table_names()
    assert not [name for name in names if name.endswith("_next")]
    return {
        name: (
            look.get_pk_constraint(name)["name"],
            sorted((str(i["name"]), tuple(i["column_names"])) for i in look.get_indexes(name)),
        )
        for name in names
    }


@pytest.mark.both_engines
def test_changes_made_meanwhile_are_not_lost(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every step of the way somebody changes a person; writers and readers never stop."""
    done: dict[str, str] = {}
    steps = iter(range(100))

    def change(*_: object) -> None:
        number = next(steps)
        person_id = someone(installation, 10 + number)
        change_person(installation, OPERATOR, person_id, {"phone": f"0274 {number}"})
        done[person_id] = f"0274 {number}"

    around(monkeypatch, "_fill", change)
    around(monkeypatch, "_check_suspects", change)
    around(monkeypatch, "_swap_when_free", change)
    stop, failures, edits = threading.Event(), [], []

    def go_on(number: int) -> None:
        person_id, turn = someone(installation, 100 + number), 0
        while not stop.is_set():
            turn += 1
            try:
                change_person(installation, OPERATOR, person_id, {"phone": f"0650 {turn}"})
                with installation.database.read() as tx:
                    row = queries.person(tx, person_id)
                assert row is not None
                assert row.phone == f"0650 {turn}"
                assert row.posts
                done[person_id] = f"0650 {turn}"
                edits.append(turn)
            except AppError as error:
                failures.append(error)

    writers = [threading.Thread(target=go_on, args=(number,)) for number in range(2)]
    for writer in writers:
        writer.start()
    try:
        rebuild(installation, silent)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert failures == []
    assert len(edits) > 2
    assert len(done) == 8
    with installation.database.read() as tx:
        told = {person_id: queries.person(tx, person_id) for person_id in done}
    assert {i: row.phone for i, row in told.items() if row is not None} == done


def around(monkeypatch: pytest.MonkeyPatch, name: str, act: Any) -> None:
    real = getattr(rebuilding, name)

    def wrapped(*args: Any) -> Any:
        act()
        answer = real(*args)
        act()
        return answer

    monkeypatch.setattr(rebuilding, name, wrapped)


def test_a_change_from_outside_meanwhile_is_not_overwritten(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The feed applied what the pages, read earlier, did not know yet."""
    person_id = someone(installation, 20)
    dn = person_dn(person_id, installation.settings.suffix)

    def by_hand() -> None:
        installation.ldap.modify(dn, [Change("replace", "telephoneNumber", ("0274 999",))])
        entry = installation.ldap.read(dn, ["*", "entryCSN"])
        assert entry is not None
        with installation.database.write() as tx:
            apply_entry(tx, entry)

    around(monkeypatch, "_check_suspects", by_hand)
    rebuild(installation, silent)
    with installation.database.read() as tx:
        row = queries.person(tx, person_id)
    assert row is not None
    assert row.phone == "0274 999"


def test_who_is_gone_from_ldap_is_kept_as_left(installation: Installation) -> None:
    person_id = someone(installation, 30)
    installation.ldap.delete(person_dn(person_id, installation.settings.suffix))
    done = rebuild(installation, silent)
    assert (done.people, done.kept) == (PEOPLE, 1)
    with installation.database.read() as tx:
        row, status = queries.person(tx, person_id), queries.person_status(tx, person_id)
    assert row is not None
    assert row.status == "left"
    assert row.posts
    assert status is not None
    assert status.sessions_valid_after > 0
    before = rows(installation)
    rebuild(installation, silent)
    assert rows(installation) == before


def test_rows_ahead_of_a_restored_ldap_give_way(installation: Installation) -> None:
    person_id = someone(installation, 40)
    before = rows(installation)
    with installation.database.write() as tx:
        tx.execute(
            update(catalogue_person)
            .where(catalogue_person.c.id == person_id)
            .values(csn="20990101000000.000000Z#000000#000#000000", phone="0274 lost")
        )
    rebuild(installation, silent)
    assert rows(installation) == before


def test_an_unreadable_entry_keeps_its_rows(installation: Installation) -> None:
    person_id = someone(installation, 50)
    dn, before = person_dn(person_id, installation.settings.suffix), rows(installation)
    entry = installation.ldap.read(dn, ["dmPost"])
    assert entry is not None
    installation.ldap.modify(dn, [Change("replace", "dmPost", ("not json",))])
    rebuild(installation, silent)
    assert rows(installation) == before
    installation.ldap.modify(dn, [Change("replace", "dmPost", entry.all("dmPost"))])


@pytest.mark.both_engines
def test_a_rebuild_that_lost_its_lease_changes_nothing(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(installation)

    def overtaken() -> None:
        with installation.database.write() as tx:
            tx.execute(text("UPDATE lease SET holder = 'another', epoch = epoch + 1"))

    with monkeypatch.context() as patch:
        around(patch, "_check_suspects", overtaken)
        with pytest.raises(leases.LeaseLost):
            rebuild(installation, silent)
    assert rows(installation) == before
    schema_of(installation)
    with installation.database.write() as tx:
        tx.execute(text("DELETE FROM lease"))


def test_a_rebuild_that_began_before_an_upgrade_ends_with_it(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tables are those of the version before. Since when somebody is known (0029) goes with
    that version, and is the time of the upgrade then."""
    database = installation.database
    with database.write() as tx:
        tx.execute(update(person_state).values(known_since=None))
    before, schema = rows(installation), schema_of(installation)

    def upgraded() -> None:
        with database.write() as tx:
            command.downgrade(configuration(tx), "0010")
        upgrade(database)
        with database.write() as tx:
            tx.execute(update(person_state).values(known_since=None))

    for step in ("_fill", "_check_suspects"):
        with monkeypatch.context() as patch:
            around(patch, step, upgraded)
            with pytest.raises(leases.LeaseLost):
                rebuild(installation, silent)
        assert rows(installation) == before
        assert schema_of(installation) == schema
        with database.write() as tx:
            tx.execute(text("DELETE FROM lease"))
    rebuild(installation, silent)


def test_what_a_rebuild_of_another_version_left_is_mended(installation: Installation) -> None:
    """It knew a column less; one person is gone from LDAP, and one entry cannot be read."""
    gone, damaged = someone(installation, 70), someone(installation, 71)
    dn = person_dn(damaged, installation.settings.suffix)
    entry = installation.ldap.read(dn, ["dmPost"])
    assert entry is not None
    schema = schema_of(installation)
    installation.ldap.modify(dn, [Change("replace", "dmPost", ("not json",))])
    installation.ldap.delete(person_dn(gone, installation.settings.suffix))
    with installation.database.write() as tx:
        tx.execute(text("ALTER TABLE catalogue_person DROP COLUMN academic_title"))
    with pytest.raises(Conflict) as refused:
        require_same(installation.database)
    assert refused.value.code == "database.copy_differs"
    assert "danhmuc catalogue rebuild" in str(refused.value.declared.operators)
    rebuild(installation, silent)
    require_same(installation.database)
    assert schema_of(installation) == schema
    with installation.database.read() as tx:
        left, kept = queries.person(tx, gone), queries.person(tx, damaged)
    assert left is not None and left.status == "left"
    assert kept is not None and kept.status == "active"
    installation.ldap.modify(dn, [Change("replace", "dmPost", entry.all("dmPost"))])


@pytest.mark.both_engines
def test_an_aborted_swap_leaves_everything(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, schema = rows(installation), schema_of(installation)

    class Crash(Exception):
        pass

    def crash(*_: object) -> None:
        raise Crash

    with pytest.raises(Crash):
        rebuild(installation, crash)
    assert rows(installation) == before
    assert schema_of(installation) == schema
