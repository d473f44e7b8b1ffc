"""Entries that an earlier version wrote are brought to this one: by worker's turns, told once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select, update

from directory.actor import Actor
from directory.audit.reading import list_events
from directory.catalogue.person import Person, search_keys
from directory.errors import AppError, Conflict, Unavailable
from directory.installation import Installation
from directory.intents.carrying import carry_out
from directory.intents.errors import CHANGE_IN_PROGRESS
from directory.intents.model import EntryChange
from directory.intents.tables import intent
from directory.ldap.bind import BindResult
from directory.ldap.entries import Entry
from directory.ldap.errors import LDAP_UNAVAILABLE
from directory.people import entry_steps, service
from directory.people.credentials import check_password, set_password
from directory.people.tables import entry_step
from directory.projection.tables import catalogue_person
from sync.feed.polling import poll
from tests.support.installation import OPERATOR
from tests.sync.outsider import Fed

pytestmark = pytest.mark.both_engines

PASSWORD = "một mật khẩu đủ dài 1"


@pytest.fixture
def from_the_first_version(fed: Fed) -> list[Person]:
    """Two people with the old keys; the second is suspended the old way."""
    with fed.installation.database.write() as tx:
        tx.execute(delete(entry_step))
    people = [fed.someone(), fed.someone()]
    for person in people:
        set_password(fed.installation, OPERATOR, person.id, PASSWORD)
        fed.replace(person.id, "dmSearchKey", "nguyen van hung", person.username)
    service.suspend(fed.installation, OPERATOR, people[1].id, "đình chỉ")
    fed.replace(people[1].id, "pwdEndTime", "19700101000001Z")
    poll(fed.installation)
    return people


def test_rows_are_renewed_of_entries_that_need_no_change(
    fed: Fed, from_the_first_version: list[Person]
) -> None:
    """What people are found by may be more in this version, though the entry says the same."""
    untouched = fed.someone_known()
    with fed.installation.database.write() as tx:
        mine = catalogue_person.c.id == untouched.id
        tx.execute(update(catalogue_person).where(mine).values(search_key=" cu "))
    csn = fed.entry(untouched.id, "entryCSN").one("entryCSN")
    until_done(fed)
    assert fed.entry(untouched.id, "entryCSN").one("entryCSN") == csn
    with fed.installation.database.read() as tx:
        key = tx.execute(select(catalogue_person.c.search_key).where(mine)).scalar_one()
    assert "nguyen van hung" in key


def until_done(fed: Fed) -> None:
    for _ in range(100):
        entry_steps.go_on(fed.installation)
        with fed.installation.database.read() as tx:
            if not entry_steps.waiting(tx):
                return
    raise AssertionError("is never done")


def upgraded(fed: Fed, field: str = "entries") -> list[int]:
    with fed.installation.database.read() as tx:
        events = list_events(tx, kind="catalogue.upgraded", newest_first=False)
    return [event.fields[field] for event in events]


def fails_at(patch: pytest.MonkeyPatch, number: int, error: AppError) -> None:
    """Of the changes that are needed, this one is not made."""
    made: list[object] = []

    def fails(*given: Any, **more: Any) -> Entry:
        made.append(given)
        if len(made) == number:
            raise error
        return carry_out(*given, **more)

    patch.setattr(entry_steps, "carry_out", fails)


def test_keys_and_ends_are_brought_to_this_version(
    fed: Fed, from_the_first_version: list[Person]
) -> None:
    active, stopped = from_the_first_version
    before, told = upgraded(fed), len(fed.audit("change.done", active.id))
    assert check_password(fed.installation, stopped.id, PASSWORD) is BindResult.LOCKED
    until_done(fed)
    for person in (active, stopped):
        keys = fed.entry(person.id).all("dmSearchKey")
        assert set(keys) == set(search_keys(person)) != {"nguyen van hung", person.username}
    assert check_password(fed.installation, stopped.id, PASSWORD) is BindResult.ACCEPTED
    assert len(upgraded(fed)) == len(before) + 1
    assert upgraded(fed)[-1] >= 2
    assert len(fed.audit("change.done", active.id)) == told  # together they are one act
    poll(fed.installation)
    reports = [fed.reports(person.id) for person in (active, stopped)]
    # Only what the test itself did past the services.
    assert all(set(before) <= {"dmSearchKey"} for report in reports for before, _ in report)
    service.resume(fed.installation, OPERATOR, stopped.id, "xong")
    assert check_password(fed.installation, stopped.id, PASSWORD) is BindResult.ACCEPTED
    until_done(fed)
    assert len(upgraded(fed)) == len(before) + 1


def test_an_interruption_goes_on_where_it_was(
    fed: Fed, from_the_first_version: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        fails_at(patch, 2, Unavailable(LDAP_UNAVAILABLE))
        with pytest.raises(Unavailable):
            entry_steps.go_on(fed.installation)
    with fed.installation.database.read() as tx:
        assert entry_steps.waiting(tx)
        open_ones = tx.execute(select(intent.c.id).where(intent.c.state == "requested")).all()
    assert not open_ones
    until_done(fed)
    for person in from_the_first_version:
        assert not fed.entry(person.id, "pwdEndTime").one("pwdEndTime")


def test_who_is_refused_keeps_nobody_else_from_it(
    fed: Fed, from_the_first_version: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    fails_at(monkeypatch, 1, Conflict(CHANGE_IN_PROGRESS))
    until_done(fed)
    brought = [
        set(fed.entry(person.id).all("dmSearchKey")) == set(search_keys(person))
        for person in from_the_first_version
    ]
    assert sorted(brought) == [False, True]
    assert upgraded(fed, "refused")[-1] == 1


def test_a_name_given_meanwhile_is_the_one_they_are_found_by(
    fed: Fed, from_the_first_version: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    active = from_the_first_version[0]
    named: list[Person] = []

    def named_first(installation: Installation, actor: Actor, change: EntryChange, *given: Any,
                    **more: Any) -> Entry:  # fmt: skip
        if change.entry_id == active.id and not named:
            named.append(service.change_person(
                installation, OPERATOR, active.id, {"full_name": "Lê Thị Ngọc"}
            ))  # fmt: skip
        return carry_out(installation, actor, change, *given, **more)

    monkeypatch.setattr(entry_steps, "carry_out", named_first)
    until_done(fed)
    assert fed.entry(active.id).one("cn") == "Lê Thị Ngọc"
    assert set(fed.entry(active.id).all("dmSearchKey")) == set(search_keys(named[0]))


def test_rows_of_a_later_change_stay(
    fed: Fed, from_the_first_version: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry was read before it."""
    untouched, renew = fed.someone_known(), entry_steps._renew_rows
    changed: list[Person] = []

    def changed_first(installation: Installation, entry: Entry) -> None:
        if entry.one("dmId") == untouched.id and not changed:
            changed.append(service.change_person(
                installation, OPERATOR, untouched.id, {"full_name": "Lê Thị Ngọc"}
            ))  # fmt: skip
        renew(installation, entry)

    monkeypatch.setattr(entry_steps, "_renew_rows", changed_first)
    until_done(fed)
    assert changed
    assert fed.row(untouched.id).full_name == "Lê Thị Ngọc"


def test_what_cannot_be_read_loses_its_end_all_the_same(
    fed: Fed, from_the_first_version: list[Person]
) -> None:
    stopped = from_the_first_version[1]
    fed.replace(stopped.id, "dmPost", "{hỏng")
    until_done(fed)
    assert not fed.entry(stopped.id, "pwdEndTime").one("pwdEndTime")
    assert fed.entry(stopped.id).one("dmPost") == "{hỏng"


def test_a_new_catalogue_has_nothing_to_do(fed: Fed) -> None:
    with fed.installation.database.write() as tx:
        tx.execute(delete(entry_step))
        entry_steps.mark_done(tx)
        assert entry_steps.waiting(tx) == 0
    before = upgraded(fed)
    entry_steps.go_on(fed.installation)
    assert upgraded(fed) == before
