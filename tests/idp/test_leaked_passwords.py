"""Leaked passwords: whoever still uses one of theirs sets another; nothing of the list stays."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select, text

from admin_ui.console_application import put_console_application
from directory import faults
from directory.authz.permissions import AGENCY_ADMIN
from directory.catalogue.person import Person
from directory.clock import DAY
from directory.database.engine import metadata
from directory.errors import Invalid
from directory.installation import open_installation
from directory.ldap import bind
from directory.ldap.bind import BindResult
from directory.ldap.hash_slots import HashSlots
from directory.leaked_passwords import matching, reading, store
from directory.leaked_passwords.store import Numbers
from directory.leaked_passwords.tables import leaked_password
from directory.messages.tables import message
from directory.people import credentials
from tests.idp.test_activation import give_answer
from tests.support.browser import PASSWORD
from tests.support.idp_app import IdpApp, at_time, running_idp
from tests.support.installation import OPERATOR
from tests.support.province import give

pytestmark = pytest.mark.both_engines

NEW, WRONG = "ba con vịt qua cầu", "không phải mật khẩu này: đâu"


@pytest.fixture(scope="module")
def app() -> Iterator[IdpApp]:
    with running_idp(DANHMUC_SMTP_URL="smtp://127.0.0.1:1") as running:
        with running.installation.database.write() as tx:
            put_console_application(tx, OPERATOR)
        yield running


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "_PAUSE_S", 0.0)
    monkeypatch.setattr(matching, "_REST", 0.0)


def read_in(app: IdpApp, *lines: str) -> Numbers:
    given = [f"{line}\r\n".encode() for line in lines]
    return reading.read_in(app.installation, OPERATOR, given)


def left(app: IdpApp) -> int:
    with app.installation.database.read() as tx:
        return tx.execute(select(func.count()).select_from(leaked_password)).scalar() or 0


def numbers(app: IdpApp, list_id: str) -> Numbers:
    with app.installation.database.read() as tx:
        (found,) = [each for each in store.list_numbers(tx) if each.id == list_id]
    return found


def asked(app: IdpApp, person: Person, password: str = PASSWORD) -> BindResult:
    return credentials.check_password(app.installation, person.id, password)


def told(app: IdpApp) -> set[tuple[str, str]]:
    with app.installation.database.read() as tx:
        return {(row.kind, row.person_id) for row in tx.execute(select(message))}


def test_who_still_uses_it_sets_another(app: IdpApp) -> None:
    matched, safe, chief = app.person(), app.person(), app.person()
    give(app.installation, AGENCY_ADMIN, chief.id, app.agency.id)
    browser, other = app.browser(), app.browser()
    browser.sign_in(matched)
    other.sign_in(safe)
    read = read_in(
        app,
        f"{matched.mail.upper()}:{PASSWORD}",
        f"{matched.username}:{PASSWORD}",
        f"{safe.username}:{WRONG}",
        f"khong.co:{PASSWORD}",
        "một dòng không có gì",
        f"{safe.username}:",
    )
    assert (read.lines, read.waiting, read.unknown, read.repeated, read.unreadable) == (
        6,
        2,
        1,
        1,
        2,
    )
    assert left(app) == 2
    with app.installation.database.read() as tx:
        stored = [bytes(row) for row in tx.execute(select(leaked_password.c.content)).scalars()]
    assert not any(secret.encode() in row for row in stored for secret in (PASSWORD, WRONG))
    before = told(app)
    matching.go_on(app.installation)
    assert left(app) == 0
    done = numbers(app, read.id)
    assert (done.state, done.matched, done.others, done.waiting) == ("done", 1, 1, 0)
    assert asked(app, matched) is BindResult.MUST_CHANGE and asked(app, safe) is BindResult.ACCEPTED
    assert not browser.is_signed_in() and other.is_signed_in()
    assert told(app) - before == {
        ("password_leaked", matched.id),
        ("password_leaked_of_others", chief.id),
    }
    page = browser.follow(browser.answer(browser.open_sign_in(), matched.username, PASSWORD))
    assert 'name="again"' in page.text and not browser.is_signed_in()
    assert give_answer(browser, page, password=NEW, again=NEW).status_code == 303
    assert browser.is_signed_in() and asked(app, matched, NEW) is BindResult.ACCEPTED
    (event,) = app.events("person.password.to_change", f"person:{matched.id}")
    assert event.fields["reason"] == "leaked"
    (ended,) = app.events("leaked_list.done")
    assert (ended.fields["matched"], ended.fields["others"]) == (1, 1)
    # Nothing that stood in the file is anywhere in SQL.
    with app.installation.database.read() as tx:
        for table in metadata.sorted_tables:
            for row in tx.execute(select(table)):
                assert WRONG not in str(tuple(row)), table.name


def test_while_people_sign_in_nothing_is_tried(app: IdpApp) -> None:
    person = app.person()
    read_in(app, f"{person.username}:{WRONG}")
    run_dir = app.installation.settings.run_dir
    slots = HashSlots(run_dir, 2)
    with slots.spare() as first:
        assert first, "one of two is had"
        with slots.spare() as second:
            assert not second, "the last one is left to sign-ins"
        with slots.slot():
            pass
    taken = []
    for number in range(os.cpu_count() or 1):
        file = os.open(run_dir / f"hash-slot-{number}", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        taken.append(file)
    matching.go_on(app.installation)
    assert left(app) == 1
    for file in taken:
        os.close(file)
    matching.go_on(app.installation)
    assert left(app) == 0


def _try_and_die(settings: object) -> None:
    faults.arm("password.written")
    matching.go_on(open_installation(settings, "catalogue"))  # type: ignore[arg-type]


def test_killed_in_between_it_goes_on(app: IdpApp) -> None:
    person = app.person()
    read = read_in(app, f"{person.username}:{PASSWORD}")
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=_try_and_die, args=(app.installation.settings,))
    process.start()
    process.join(30)
    assert process.exitcode == -9 and left(app) == 1
    assert asked(app, person) is BindResult.MUST_CHANGE
    with app.installation.database.write() as tx:  # what a minute without the dead process does
        tx.execute(text("UPDATE lease SET deadline = 0"))
        tx.execute(text("UPDATE password_change SET began_at = 0"))
        credentials.end_left_over(tx)
    matching.go_on(app.installation)
    assert left(app) == 0 and numbers(app, read.id).matched == 1
    assert len(app.events("person.password.to_change", f"person:{person.id}")) == 1


def test_who_has_changed_it_meanwhile_need_not_again(
    app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = app.person()
    read = read_in(app, f"{person.username}:{PASSWORD}")
    true = bind.verify_if_idle

    def change_after(*args: object) -> BindResult | None:
        found = true(*args)  # type: ignore[arg-type]
        monkeypatch.setattr(matching, "verify_if_idle", true)
        credentials.set_password(app.installation, OPERATOR, person.id, NEW)
        return found

    monkeypatch.setattr(matching, "verify_if_idle", change_after)
    matching.go_on(app.installation)
    assert (numbers(app, read.id).matched, numbers(app, read.id).others) == (0, 1)
    assert asked(app, person, NEW) is BindResult.ACCEPTED


def test_nothing_is_kept_of_what_is_not_finished(
    app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = app.person()
    with pytest.raises(Invalid) as refused:
        read_in(app, "nothing", "of use")
    assert refused.value.code == "leaked.nothing"
    read_in(app, f"{person.username}:{WRONG}")
    with at_time(monkeypatch, 7 * DAY + 60_000), app.installation.database.write() as tx:
        store.forget(tx)
    assert left(app) == 0
    read = read_in(app, f"{person.username}:{WRONG}")
    with app.installation.database.write() as tx:
        store.forget_all(tx)
    assert left(app) == 0 and numbers(app, read.id).state == "ended"
