"""Comparing everything: what differs is listed, repaired, and not listed again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from directory import clock
from directory.actor import system
from directory.agencies.service import add_agency
from directory.audit.reading import list_events
from directory.catalogue.agency import Agency
from directory.database import lease as leases
from directory.errors import Conflict
from directory.ids import new_id
from directory.people.service import change_person
from directory.projection import queries
from directory.projection.tables import (
    catalogue_login,
    catalogue_person,
    catalogue_post,
    catalogue_tree,
)
from sync.feed import brake, nightly, reading
from sync.feed.full_scan import FullScan, reconcile
from sync.feed.nightly import reconcile_nightly
from sync.feed.polling import poll
from sync.feed.rebuilding import rebuild
from sync.feed.state import drop_cookie, read_state, save_state
from sync.feed.tables import feed_entry
from tests.support.installation import OPERATOR
from tests.sync.outsider import Fed

pytestmark = pytest.mark.both_engines


def differences(done: FullScan) -> set[tuple[str, str]]:
    return {(found.trouble, found.entry_id) for found in done.differences}


def clean(fed: Fed) -> None:
    assert reconcile(fed.installation, OPERATOR, dry_run=True).counts == {}


def test_nothing_differs_after_ordinary_work(fed: Fed) -> None:
    person = fed.someone_known(title="Chuyên viên", mail=f"{new_id()[:8]}@x.vn", phone="0274 1")
    change_person(fed.installation, OPERATOR, person.id, {"full_name": "Đỗ Thị Ánh"})
    clean(fed)


def test_every_kind_of_damage_is_found_and_repaired(fed: Fed) -> None:
    stale, missing, postless, loginless = (fed.someone_known(phone="0274 1") for _ in range(4))
    ghost = new_id()
    with fed.installation.database.write() as tx:
        columns = catalogue_person.c
        tx.execute(update(catalogue_person).where(columns.id == stale.id).values(phone="wrong"))
        whole = tx.execute(select(catalogue_person).where(columns.id == missing.id)).one()
        tx.execute(delete(catalogue_person).where(columns.id == missing.id))
        tx.execute(delete(catalogue_post).where(catalogue_post.c.person_id == postless.id))
        tx.execute(delete(catalogue_login).where(catalogue_login.c.person_id == loginless.id))
        tx.execute(insert(catalogue_person).values(dict(whole._mapping) | {"id": ghost}))
    expected = {
        ("stale", stale.id),
        ("missing", missing.id),
        ("stale", postless.id),
        ("stale", loginless.id),
        ("extra", ghost),
    }
    dry = reconcile(fed.installation, OPERATOR, dry_run=True)
    assert differences(dry) == expected
    told = {d.entry_id: d.fields for d in dry.differences}
    assert told[stale.id] == {"phone": ("wrong", "0274 1")}
    assert set(told[postless.id]) == {"post"}
    assert fed.row(stale.id).phone == "wrong"  # only looked at
    wet = reconcile(fed.installation, OPERATOR)
    assert differences(wet) == expected
    assert wet.outside == 0
    assert fed.row(stale.id).phone == "0274 1"
    assert fed.row(missing.id).username == missing.username
    assert fed.row(ghost).status == "left"
    with fed.installation.database.read() as tx:
        found = queries.find_person_by_login(tx, loginless.username)
        event = list_events(tx, kind="feed.swept")[0]
    assert found is not None
    assert found.id == loginless.id
    assert (event.actor, event.fields["stale"], event.fields["extra"]) == (OPERATOR.tag, 3, 1)
    clean(fed)


def test_a_wrong_tree_is_mended(fed: Fed) -> None:
    low = add_agency(
        fed.installation,
        OPERATOR,
        Agency(id=new_id(), name="Phòng", code=f"L{new_id()[:8]}", parent_id=fed.agency.id),
    )
    poll(fed.installation)
    with fed.installation.database.write() as tx:
        tree = catalogue_tree.c
        tx.execute(delete(catalogue_tree).where(tree.descendant_id == low.id, tree.depth == 1))
    done = reconcile(fed.installation, OPERATOR)
    assert [(d.trouble, d.kind) for d in done.differences] == [("stale", "tree")]
    with fed.installation.database.read() as tx:
        assert queries.is_under(tx, low.id, fed.agency.id)
    clean(fed)


def lose_the_feed(fed: Fed) -> None:
    """As if the provider had never mentioned what happened since the last poll."""
    with fed.installation.database.write() as tx:
        save_state(tx, cookie=reading.cookie_of_now(fed.installation))


def test_what_the_feed_missed_is_found_and_told(fed: Fed) -> None:
    """A change, a deletion and an addition that no poll will ever mention."""
    changed, deleted = fed.someone_known(), fed.someone_known()
    fed.replace(changed.id, "telephoneNumber", "0274 71")
    fed.delete(deleted.id)
    ours = fed.someone(phone="0274 72")
    lose_the_feed(fed)
    poll(fed.installation)
    assert fed.row(changed.id).phone == ""
    done = reconcile(fed.installation, OPERATOR)
    assert done.outside == 1
    assert fed.row(changed.id).phone == "0274 71"
    assert len(fed.reports(changed.id)) == 1
    assert fed.row(deleted.id).status == "left"
    assert fed.reports(ours.id) == []
    assert fed.changes(ours.id) == ["changed"]
    clean(fed)


def test_a_restart_of_slapd_makes_the_feed_look_at_everything(fed: Fed) -> None:
    changed, deleted = fed.someone_known(), fed.someone_known()
    fed.replace(changed.id, "telephoneNumber", "0274 73")
    fed.delete(deleted.id)
    lose_the_feed(fed)
    poll(fed.installation)
    assert fed.row(deleted.id).status == "active"
    fed.running.kill_slapd()
    fed.running.start_slapd()
    poll(fed.installation)
    assert fed.row(changed.id).phone == "0274 73"
    assert fed.row(deleted.id).status == "left"


def test_rows_of_the_version_before_are_compared_once(fed: Fed) -> None:
    """They are as new as their entries, and lack the column that came."""

    def came() -> int:
        with fed.installation.database.read() as tx:
            events = list_events(tx, kind="feed.swept", actor=system("feed").tag, limit=1000)
        return sum(event.fields["reason"] == "columns_came" for event in events)

    person, before = fed.someone_known(), came()
    fed.replace(person.id, "dmAcademicTitle", "TS")
    poll(fed.installation)
    theirs = catalogue_person.c.id == person.id
    for filled in (None, "id csn username; id csn code"):
        with fed.installation.database.write() as tx:
            tx.execute(update(catalogue_person).where(theirs).values(academic_title=None))
            save_state(tx, columns_filled=filled)
        # On demand it may be while that version still has the feed: the feed's own look counts.
        reconcile(fed.installation, OPERATOR)
        assert fed.row(person.id).academic_title == "TS"
        with fed.installation.database.write() as tx:
            tx.execute(update(catalogue_person).where(theirs).values(academic_title=None))
        poll(fed.installation)
        assert fed.row(person.id).academic_title == "TS"
        poll(fed.installation)
    assert came() == before + 2
    clean(fed)


def test_a_catalogue_that_went_back_overrules_newer_rows(fed: Fed) -> None:
    """An older LDAP was restored: SQL is ahead of it, and must not stay so."""
    person = fed.someone_known(phone="0274 1")
    future = "20990101000000.000000Z#000000#000#000000"
    with fed.installation.database.write() as tx:
        tx.execute(
            update(catalogue_person)
            .where(catalogue_person.c.id == person.id)
            .values(csn=future, phone="0274 lost")
        )
        tx.execute(update(feed_entry).where(feed_entry.c.entry_id == person.id).values(csn=future))
        drop_cookie(tx)
    poll(fed.installation)
    row = fed.row(person.id)
    assert (row.phone, row.csn) == ("0274 1", fed.entry(person.id).one("entryCSN"))
    clean(fed)


def test_changes_under_way_are_no_differences(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The entry was read, then changed and settled, then compared."""
    person = fed.someone_known(phone="0274 1")
    real = reading.every_entry

    def slow(*args: Any) -> object:
        pages = list(real(*args))
        change_person(fed.installation, OPERATOR, person.id, {"phone": "0274 81"})
        return iter(pages)

    monkeypatch.setattr(reading, "every_entry", slow)
    assert reconcile(fed.installation, OPERATOR).counts == {}
    assert fed.row(person.id).phone == "0274 81"
    monkeypatch.undo()
    poll(fed.installation)
    assert fed.reports(person.id) == []
    clean(fed)


def test_somebody_added_during_the_comparison_is_not_taken_for_gone(
    fed: Fed, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, added = reading.every_entry, []

    def slow(*args: Any) -> object:
        pages = list(real(*args))
        added.append(fed.someone())
        poll(fed.installation)
        return iter(pages)

    monkeypatch.setattr(reading, "every_entry", slow)
    assert reconcile(fed.installation, OPERATOR).counts == {}
    assert fed.row(added[0].id).status == "active"


def test_deletions_in_mass_are_asked_about(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [fed.someone_known() for _ in range(3)]
    for person in people:
        fed.delete(person.id)
    lose_the_feed(fed)
    monkeypatch.setattr(brake, "_FEWEST", 1)
    with pytest.raises(Conflict, match=r"feed\.mass_deletion"):
        reconcile(fed.installation, OPERATOR)
    assert {fed.row(person.id).status for person in people} == {"active"}
    reconcile(fed.installation, OPERATOR, accept_deletions=True)
    assert {fed.row(person.id).status for person in people} == {"left"}


def test_two_repairs_never_run_at_once(fed: Fed) -> None:
    lease = leases.acquire(fed.installation.database, "catalogue.repair", "another", 60_000)
    assert lease is not None
    with pytest.raises(Conflict, match=r"catalogue\.repair_running"):
        reconcile(fed.installation, OPERATOR)
    with pytest.raises(Conflict, match=r"catalogue\.repair_running"):
        rebuild(fed.installation, OPERATOR)
    leases.release(fed.installation.database, lease)
    clean(fed)


def test_the_night_is_due_once(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    def nights() -> int:
        with fed.installation.database.read() as tx:
            events = list_events(tx, kind="feed.swept", actor=system("feed").tag, limit=1000)
        return sum(event.fields["reason"] == "nightly" for event in events)

    tonight = nightly._last_night(clock.now_ms()) + clock.DAY
    moment = datetime.fromtimestamp(tonight / 1000, tz=clock.VIETNAM)
    assert (moment.hour, moment.minute) == (2, 0)
    before = nights()
    reconcile_nightly(fed.installation)
    assert nights() == before  # the first load was after the last night
    monkeypatch.setattr(clock, "now_ms", lambda: tonight + clock.MINUTE)
    reconcile_nightly(fed.installation)
    reconcile_nightly(fed.installation)
    assert nights() == before + 1
    with fed.installation.database.read() as tx:
        assert read_state(tx).swept_at == tonight + clock.MINUTE
