"""A forgotten password, and what is lost of what is asked for after it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from sqlalchemy import func, select

from directory.catalogue.person import Person
from directory.people import credentials
from directory.people import service as people
from idp import printed_codes
from idp.factors.recovery_codes import store as recovery_codes
from idp.slips import service
from idp.slips.tables import help_wanted
from idp.throttle.store import TRIES_BEFORE_PAUSE
from tests.idp.test_activation import NEW, give_answer, go_on, set_password
from tests.support.browser import PASSWORD, Browser
from tests.support.idp_app import IdpApp
from tests.support.installation import OPERATOR
from tests.support.relying_party import authorization_request
from tests.support.second_factor import (
    code_now,
    give_code,
    give_password,
    give_totp,
    sign_in,
    whole_step,
)

pytestmark = pytest.mark.both_engines

__all__ = ["whole_step"]

CODE, HELP = "recover_by_code", "help_wanted"


@pytest.fixture
def person(idp_app: IdpApp) -> Person:
    return idp_app.person()


@pytest.fixture
def secret(idp_app: IdpApp, person: Person) -> str:
    return give_totp(idp_app.installation, person.id)


@pytest.fixture
def codes(idp_app: IdpApp, person: Person, secret: str) -> tuple[str, ...]:
    del secret
    with idp_app.installation.database.write() as tx:
        return recovery_codes.make(tx, person.id)


def open_way(browser: Browser, step: str) -> requests.Response:
    """By the links that somebody follows: from the sign-in to the ways, and to one of them."""
    form = browser.open_sign_in()
    link = re.search(r'href="(/quen-mat-khau[^"]*)"', form.text)
    assert link, form.text
    ways = browser.open(link[1].replace("&amp;", "&"))
    chosen = re.search(rf'href="([^"]+buoc={step})"', ways.text)
    assert chosen, ways.text
    return browser.get(chosen[1].replace("&amp;", "&"))


def with_code(browser: Browser, login: str, code: str) -> requests.Response:
    return go_on(browser, open_way(browser, CODE), login=login, code=code)


def test_with_a_recovery_code_and_everything_of_before_ends(
    idp_app: IdpApp, person: Person, secret: str, codes: tuple[str, ...]
) -> None:
    before = idp_app.browser()
    sign_in(before, person, secret)
    assert before.is_signed_in()
    browser = idp_app.browser()
    page = with_code(browser, person.username, printed_codes.shown(codes[0]).lower())
    assert 'name="again"' in page.text and not browser.cookie
    done = set_password(browser, page)
    assert done.status_code == 200 and "Đã đặt mật khẩu mới" in done.text and not browser.cookie
    assert "flow=" in done.text, "the way back to the sign-in they came from"
    assert not before.is_signed_in()
    # The second factor is asked for as ever.
    page = browser.follow(browser.answer(browser.open_sign_in(), person.username, NEW))
    assert 'value="totp"' in page.text
    assert give_code(browser, page, code_now(secret, 1)).status_code == 303
    assert browser.is_signed_in()
    refused = idp_app.browser().answer(idp_app.browser().open_sign_in(), person.username, PASSWORD)
    assert refused.status_code in (400, 403)
    (told,) = idp_app.events("recovery.proved", f"person:{person.id}")
    assert told.fields["way"] == "recovery_code" and codes[0] not in str(told)


def test_of_fifty_with_one_code_one_goes_on(
    idp_app: IdpApp, person: Person, codes: tuple[str, ...]
) -> None:
    forms = [(browser := idp_app.browser(), open_way(browser, CODE)) for _ in range(50)]

    def send(number: int) -> int:
        browser, page = forms[number]
        return give_answer(browser, page, login=person.username, code=codes[0]).status_code

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(send, range(50)))
    assert answers.count(303) == 1 and set(answers) <= {303, 403, 429}


def test_of_two_who_set_a_password_at_once_one_does(
    idp_app: IdpApp, person: Person, codes: tuple[str, ...]
) -> None:
    """Whoever comes second began before everything of before ended."""
    first, second = idp_app.browser(), idp_app.browser()
    pages = [with_code(b, person.username, codes[n]) for n, b in enumerate((first, second))]
    assert set_password(first, pages[0]).status_code == 200
    late = give_answer(second, pages[1], password=f"{NEW} hai", again=f"{NEW} hai")
    assert late.status_code == 410
    assert idp_app.browser().follow(
        idp_app.browser().answer(idp_app.browser().open_sign_in(), person.username, f"{NEW} hai")
    ).status_code in (400, 403)


def plain(page: requests.Response) -> tuple[int, str, list[str]]:
    """A page without what differs from one request to the next."""
    text = re.sub(r'(value|href|data-url)="[^"]*"|[0-9a-f]{8}\b', "", page.text)
    return page.status_code, text, sorted(page.headers)


def test_nobody_learns_who_has_an_account(
    idp_app: IdpApp, person: Person, codes: tuple[str, ...]
) -> None:
    suspended = idp_app.person()
    people.suspend(idp_app.installation, OPERATOR, suspended.id, "thử")
    names = (person.username, suspended.username, "khong.co.ai.ca")
    wrong = printed_codes.new_code()
    answers = [plain(with_code(idp_app.browser(), name, wrong)) for name in names]
    assert answers[0] == answers[1] == answers[2] and answers[0][0] == 403
    used = idp_app.browser()
    assert 'name="again"' in with_code(used, person.username, codes[0]).text
    assert plain(with_code(idp_app.browser(), person.username, codes[0])) == answers[0]
    helped = []
    before = _count_wanted(idp_app)
    for name in names:
        browser = idp_app.browser()
        helped.append(plain(go_on(browser, open_way(browser, HELP), login=name)))
    assert helped[0] == helped[1] == helped[2] and "đã được gửi" in helped[0][1]
    assert _count_wanted(idp_app) == before + 3, "the same is written for everybody"


def _count_wanted(idp_app: IdpApp) -> int:
    with idp_app.installation.database.read() as tx:
        return int(tx.execute(select(func.count()).select_from(help_wanted)).scalar_one())


def test_help_is_not_asked_for_without_end(idp_app: IdpApp, person: Person) -> None:
    before = _count_wanted(idp_app)
    pages = []
    for _ in range(TRIES_BEFORE_PAUSE):
        browser = idp_app.browser()
        pages.append(plain(go_on(browser, open_way(browser, HELP), login=person.username)))
    assert len({page[:2] for page in pages}) == 1
    assert _count_wanted(idp_app) - before < TRIES_BEFORE_PAUSE


def test_who_is_paused_elsewhere_gets_in_by_a_code(
    idp_app: IdpApp, person: Person, codes: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("idp.throttle.store.FREE_TRIES", 99)
    for _ in range(TRIES_BEFORE_PAUSE):
        browser = idp_app.browser()
        page = browser.answer(browser.open_sign_in(), person.username, "sai hoàn toàn rồi")
    paused = browser.answer(browser.open_sign_in(), person.username, PASSWORD)
    assert paused.status_code == 429 and "/quen-mat-khau" in paused.text
    del page
    browser = idp_app.browser()
    assert set_password(browser, with_code(browser, person.username, codes[1])).status_code == 200


def test_wrong_codes_are_counted(idp_app: IdpApp, person: Person, codes: tuple[str, ...]) -> None:
    del codes
    seen = [
        with_code(idp_app.browser(), person.username, printed_codes.new_code()).status_code
        for _ in range(TRIES_BEFORE_PAUSE + 1)
    ]
    assert 429 in seen and 200 not in seen


def test_a_suspended_person_reads_why_once_they_are_known(
    idp_app: IdpApp, person: Person, codes: tuple[str, ...]
) -> None:
    people.suspend(idp_app.installation, OPERATOR, person.id, "thử")
    page = with_code(idp_app.browser(), person.username, codes[0])
    assert page.status_code == 403 and "tạm khóa" in page.text and 'name="again"' not in page.text


def test_no_password_is_set_before_somebody_is_proved(idp_app: IdpApp, person: Person) -> None:
    browser = idp_app.browser()
    page = open_way(browser, CODE)
    sent = give_answer(browser, page, buoc="recovered_password", password=NEW, again=NEW)
    assert sent.status_code == 303
    assert not idp_app.events("person.password_set", f"person:{person.id}")[1:]
    idp_app.browser().sign_in(person)


def open_lost(browser: Browser, person: Person, **asked: str) -> requests.Response:
    page = give_password(browser, person, **asked)
    link = re.search(r'href="([^"]+buoc=lost[^"]*)"', page.text)
    assert link, page.text
    return browser.get(link[1].replace("&amp;", "&"))


def test_at_the_code_a_slip_takes_lost_factors_away_and_the_password_stays(
    idp_app: IdpApp, person: Person, secret: str
) -> None:
    del secret
    browser = idp_app.browser()
    page = open_lost(browser, person)
    activation = service.issue(idp_app.installation, OPERATOR, person.id, "activate").code
    assert give_answer(browser, page, code=activation).status_code == 403
    other = service.issue(idp_app.installation, OPERATOR, idp_app.person().id, "help").code
    assert give_answer(browser, page, code=other).status_code == 403
    code = service.issue(idp_app.installation, OPERATOR, person.id, "help").code
    assert give_answer(browser, page, code=code).status_code == 303 and browser.is_signed_in()
    assert idp_app.browser().sign_in(person).status_code == 303  # the password alone, as it was
    assert len(idp_app.events("slip.used", f"person:{person.id}")) == 1


def test_where_more_is_wanted_it_is_set_up_anew(
    idp_app: IdpApp, person: Person, secret: str
) -> None:
    del secret
    asked = authorization_request(idp_app.documents, acr_values="2")
    browser = idp_app.browser()
    page = open_lost(browser, person, **asked)
    code = service.issue(idp_app.installation, OPERATOR, person.id, "help").code
    page = go_on(browser, page, code=code)
    assert 'value="totp_enrolment"' in page.text and not browser.cookie


def test_at_the_code_help_is_asked_for(idp_app: IdpApp, person: Person, secret: str) -> None:
    del secret
    before, browser = _count_wanted(idp_app), idp_app.browser()
    page = give_answer(browser, open_lost(browser, person), ask="1")
    assert page.status_code == 200 and "đã được gửi" in page.text
    assert _count_wanted(idp_app) == before + 1 and not browser.cookie


def test_a_temporary_password_gives_no_session_until_it_is_replaced(
    idp_app: IdpApp, person: Person, secret: str
) -> None:
    temporary = "tạm thời chỉ dùng một lần"
    credentials.set_password(
        idp_app.installation, OPERATOR, person.id, temporary, is_temporary=True
    )
    browser = idp_app.browser()
    page = browser.follow(browser.answer(browser.open_sign_in(), person.username, temporary))
    assert 'value="totp"' in page.text
    # Not before the second factor, whatever the browser asks for.
    early = give_answer(browser, page, buoc="replaced_password", password=NEW, again=NEW)
    assert early.status_code == 303 and not browser.cookie
    page = browser.follow(give_code(browser, page, code_now(secret)))
    assert 'name="again"' in page.text and not browser.cookie
    assert browser.get("/bao-mat").status_code == 303
    same = give_answer(browser, page, password=temporary, again=temporary)
    assert same.status_code == 400 and not browser.cookie
    done = give_answer(browser, page, password=NEW, again=NEW)
    assert done.status_code == 303 and browser.is_signed_in()
    again = idp_app.browser()
    page = again.follow(again.answer(again.open_sign_in(), person.username, NEW))
    assert give_code(again, page, code_now(secret, 1)).status_code == 303
    assert again.is_signed_in(), "it is asked for once more"
