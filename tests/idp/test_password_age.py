"""Where the policy asks: a password grows too old, and none of the last ones comes again."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select, update

from directory import faults
from directory.catalogue.person import Person
from directory.clock import DAY, MINUTE, now_ms
from directory.errors import Invalid, Unavailable
from directory.installation import open_installation
from directory.passwords import changing, history
from directory.passwords.tables import former_password, password_change, password_profile
from directory.people import credentials
from directory.people import service as people
from directory.projection import queries
from idp.factors.recovery_codes import store as recovery_codes
from tests.idp.test_activation import give_answer
from tests.support.browser import Browser, csrf_token
from tests.support.idp_app import IdpApp, running_idp
from tests.support.installation import OPERATOR
from tests.support.second_factor import code_now, give_code, give_totp, whole_step

pytestmark = pytest.mark.both_engines

__all__ = ["whole_step"]

PATH = "/bao-mat/mat-khau"


def word(number: int) -> str:
    return f"Ba con Vịt qua Cầu {number}!"


FIRST, NEW = word(0), "Bốn cây Cau trước Ngõ 7!"


@pytest.fixture(scope="module")
def strict() -> Iterator[IdpApp]:
    with running_idp(DANHMUC_PASSWORD_PROFILE="TCVN14423") as app:
        credentials.note_profile(app.installation)
        yield app


@pytest.fixture
def administrator(strict: IdpApp) -> Person:
    owner = strict.person(FIRST)
    return strict.person(FIRST, mail="", administrator_of=owner.id)


def set_to(strict: IdpApp, person: Person, password: str) -> None:
    credentials.set_password(strict.installation, OPERATOR, person.id, password)


def make_older(strict: IdpApp, person: Person, days: int) -> None:
    """The password and the profile are so many days older."""
    then = now_ms() - days * DAY
    with strict.installation.database.write() as tx:
        of_person = former_password.c.person_id == person.id
        tx.execute(update(former_password).where(of_person).values(set_at=then))
        tx.execute(update(password_profile).values(since=then - DAY))


def sign_in(strict: IdpApp, person: Person, secret: str, password: str = FIRST) -> Browser:
    browser = strict.browser()
    page = browser.follow(browser.answer(browser.open_sign_in(), person.username, password))
    browser.follow(give_code(browser, page, code_now(secret)))
    return browser


def test_switching_the_profile_on_asks_nobody_for_a_change(
    strict: IdpApp, administrator: Person
) -> None:
    settings = strict.installation.settings
    with strict.installation.database.write() as tx:
        tx.execute(update(former_password).values(set_at=now_ms() - 300 * DAY))
        tx.execute(update(password_profile).values(profile="default", since=now_ms() - 300 * DAY))
        person = queries.person(tx, administrator.id)
        assert person and credentials.password_ends_at(tx, settings, person) is None
    credentials.note_profile(strict.installation)
    with strict.installation.database.read() as tx:
        ends_at = credentials.password_ends_at(tx, settings, person)
        assert ends_at and abs(ends_at - now_ms() - 60 * DAY) < MINUTE
        owner = queries.person(tx, administrator.administrator_of)
        assert owner and credentials.password_ends_at(tx, settings, owner) is None


def test_too_old_is_changed_before_there_is_a_session(
    strict: IdpApp, administrator: Person
) -> None:
    secret = give_totp(strict.installation, administrator.id)
    with strict.installation.database.write() as tx:
        recovery_codes.make(tx, administrator.id)
    make_older(strict, administrator, 50)
    browser = sign_in(strict, administrator, secret)
    assert browser.is_signed_in()
    home = browser.get("/")
    way_in = strict.browser()
    answer = way_in.answer(way_in.open_sign_in(), administrator.username, FIRST)
    for page in (home, way_in.follow(answer)):
        assert "còn dùng được 10 ngày" in page.text and f'href="{PATH}"' in page.text
    make_older(strict, administrator, 61)
    browser = strict.browser()
    page = browser.follow(browser.answer(browser.open_sign_in(), administrator.username, FIRST))
    page = browser.follow(give_code(browser, page, code_now(secret, 1)))
    assert "quá thời hạn" in page.text and not browser.cookie
    assert "10 mật khẩu gần nhất" in page.text and "60 ngày" in page.text
    same = give_answer(browser, page, password=FIRST, again=FIRST)
    assert same.status_code == 400 and not browser.cookie
    done = give_answer(browser, page, password=NEW, again=NEW)
    assert done.status_code == 303 and browser.is_signed_in()
    assert "còn dùng được" not in browser.get("/").text


def test_none_of_the_last_ten_comes_again(strict: IdpApp, administrator: Person) -> None:
    for number in range(1, 11):
        set_to(strict, administrator, word(number))
    for number in (10, 5, 1):
        with pytest.raises(Invalid) as refused:
            set_to(strict, administrator, word(number))
        assert refused.value.code == "password.former"
    set_to(strict, administrator, FIRST)  # eleven ago
    with strict.installation.database.read() as tx:
        mine = former_password.c.person_id == administrator.id
        assert tx.execute(select(func.count()).where(mine)).scalar() == 10
        stored = [bytes(row) for row in tx.execute(select(former_password.c.hash_sealed)).scalars()]
    assert not any(b"argon2" in value for value in stored)
    # Of people the policy remembers nothing, and of those who have left nothing is kept.
    people.retire(strict.installation, OPERATOR, administrator.administrator_of, "thôi việc")
    people.follow_owners(strict.installation)
    with strict.installation.database.write() as tx:
        history.forget_gone(tx)
        assert tx.execute(select(func.count()).where(mine)).scalar() == 0


def test_the_page_says_it_of_a_former_one(strict: IdpApp, administrator: Person) -> None:
    set_to(strict, administrator, NEW)
    present = word(2)
    set_to(strict, administrator, present)
    secret = give_totp(strict.installation, administrator.id)
    with strict.installation.database.write() as tx:
        recovery_codes.make(tx, administrator.id)
    browser = sign_in(strict, administrator, secret, present)
    form = {"csrf_token": csrf_token(browser.get(PATH)), "current": present}
    form |= {"password": NEW, "again": NEW}
    page = browser.post(PATH, form)
    assert page.status_code == 400 and "một trong 10 mật khẩu gần nhất" in page.text
    form |= {"password": word(3), "again": word(3)}
    assert browser.post(PATH, form).status_code == 200


def _change_and_die(settings: object, person_id: str, password: str, point: str) -> None:
    faults.arm(point)
    installation = open_installation(settings, "catalogue")  # type: ignore[arg-type]
    credentials.set_password(installation, OPERATOR, person_id, password)


@pytest.mark.parametrize(
    ("point", "is_set"), [("password.announced", False), ("password.written", True)]
)
def test_killed_between_catalogue_and_sql(
    strict: IdpApp, administrator: Person, point: str, is_set: bool
) -> None:
    args = (strict.installation.settings, administrator.id, NEW, point)
    process = multiprocessing.get_context("spawn").Process(target=_change_and_die, args=args)
    process.start()
    process.join(30)
    assert process.exitcode == -9
    present = credentials.check_password(strict.installation, administrator.id, NEW)
    assert (present in credentials.RIGHT) is is_set
    # Nobody else changes it meanwhile; a minute later what was opened until now has ended as well.
    with pytest.raises(Unavailable) as busy:
        set_to(strict, administrator, word(4))
    assert busy.value.code == "password.changing"
    with strict.installation.database.write() as tx:
        tx.execute(update(password_change).values(began_at=now_ms() - changing.LASTS_MS))
        before = queries.person_status(tx, administrator.id)
    with strict.installation.database.write() as tx:
        credentials.end_left_over(tx)
        after = queries.person_status(tx, administrator.id)
    assert before and after and after.sessions_valid_after > before.sessions_valid_after
    # The same again is taken, whichever it was; then it is a former one, and so is the first.
    set_to(strict, administrator, NEW)
    for former in (NEW, FIRST):
        with pytest.raises(Invalid):
            set_to(strict, administrator, former)
