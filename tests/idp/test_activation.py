"""From a slip to a session: a code, who it is, a password, a second factor, recovery codes."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from directory.catalogue.person import Person
from directory.clock import HOUR
from directory.people import service as people
from directory.projection import queries
from idp.factors.recovery_codes import store as recovery_codes
from idp.slips import service
from idp.slips.store import Purpose
from idp.throttle.store import TRIES_BEFORE_PAUSE
from tests.support.browser import Browser, csrf_token
from tests.support.idp_app import IdpApp, at_time
from tests.support.installation import OPERATOR
from tests.support.second_factor import code_now, give_totp, key_on, whole_step

pytestmark = pytest.mark.both_engines

__all__ = ["whole_step"]

NEW = "ba con vịt qua cầu"


@pytest.fixture
def waiting(idp_app: IdpApp) -> Person:
    """Somebody who has no password yet."""
    return idp_app.person(password="")


def issue(idp_app: IdpApp, person: Person, purpose: Purpose = "activate") -> str:
    return service.issue(idp_app.installation, OPERATOR, person.id, purpose).code


def give_answer(browser: Browser, page: requests.Response, **fields: str) -> requests.Response:
    """Answer the step of this page, as it comes."""
    step = re.search(r'name="buoc" value="([a-z_]+)"', page.text)
    assert step, f"{page.status_code} {page.url}\n{page.text[:3000]}"
    data = {"csrf_token": csrf_token(page), "buoc": step[1], **fields}
    return browser.post(page.url, data)


def go_on(browser: Browser, page: requests.Response, **fields: str) -> requests.Response:
    return browser.follow(give_answer(browser, page, **fields))


def type_code(browser: Browser, code: str) -> requests.Response:
    return go_on(browser, browser.open("/kich-hoat"), code=code)


def until_password(browser: Browser, code: str) -> requests.Response:
    """The page that wants a password."""
    page = go_on(browser, type_code(browser, code))
    assert 'name="again"' in page.text, page.text
    return page


def set_password(browser: Browser, page: requests.Response, new: str = NEW) -> requests.Response:
    return go_on(browser, page, password=new, again=new)


def status(idp_app: IdpApp, person: Person) -> str:
    with idp_app.installation.database.read() as tx:
        found = queries.person(tx, person.id)
    assert found
    return found.status


def test_the_whole_way(idp_app: IdpApp, waiting: Person) -> None:
    browser, code = idp_app.browser(), issue(idp_app, waiting)
    page = type_code(browser, code.lower())
    assert waiting.full_name in page.text and idp_app.agency.name in page.text
    assert "Bước 1 trên 4" in page.text or "1/4" in page.text, page.text
    page = go_on(browser, page)
    assert not browser.cookie and status(idp_app, waiting) == "pending"
    page = set_password(browser, page)
    assert status(idp_app, waiting) == "active" and not browser.cookie
    page = go_on(browser, page, code=code_now(key_on(page)), name="Máy tôi")
    shown = re.findall(r"<li><code[^>]*>([0-9A-Z-]{19})</code>", page.text)
    assert len(shown) == 10 and not browser.cookie
    again = browser.get(page.url)
    assert shown == re.findall(r"<li><code[^>]*>([0-9A-Z-]{19})</code>", again.text)
    with idp_app.installation.database.read() as tx:
        assert not recovery_codes.is_enrolled(tx, waiting.id), "they count before they are kept"
    done = give_answer(browser, page)
    assert done.status_code == 303 and browser.is_signed_in()
    with idp_app.installation.database.read() as tx:
        assert recovery_codes.count_left(tx, waiting.id) == 10
    subject = f"person:{waiting.id}"
    assert [e.fields["methods"] for e in idp_app.events("signin.succeeded", subject)] == ["pwd otp"]
    assert len(idp_app.events("slip.used", subject)) == 1
    told = str([event.fields for event in idp_app.events(limit=500)])
    assert not any(secret in told for secret in (code, code.replace("-", ""), *shown, NEW))
    over = browser.get(page.url)
    assert over.status_code == 410 and "Đã hoàn tất" in over.text


def test_the_second_factor_can_wait_unless_somebody_administers(
    idp_app: IdpApp, waiting: Person
) -> None:
    browser = idp_app.browser()
    page = set_password(browser, until_password(browser, issue(idp_app, waiting)))
    assert "Để sau" in page.text
    assert give_answer(browser, page, de_sau="1").status_code == 303 and browser.is_signed_in()
    administrator = idp_app.person(password="", mail="", administrator_of=waiting.id)
    browser = idp_app.browser()
    page = set_password(browser, until_password(browser, issue(idp_app, administrator)))
    assert "Để sau" not in page.text
    refused = give_answer(browser, page, de_sau="1")
    assert refused.status_code == 400 and not browser.cookie


def test_no_step_is_skipped_repeated_or_taken_from_another_flow(
    idp_app: IdpApp, waiting: Person
) -> None:
    browser, code = idp_app.browser(), issue(idp_app, waiting)
    page = browser.open("/kich-hoat")
    token = csrf_token(page)

    def send(step: str, **fields: str) -> requests.Response:
        return browser.post(page.url, {"csrf_token": token, "buoc": step, **fields})

    new = {"password": NEW, "again": NEW}
    for step in ("slip_confirmed", "new_password", "totp_enrolment", "recovery_codes_made"):
        assert send(step, **new).status_code == 303, "a form of another step is answered"
    assert status(idp_app, waiting) == "pending"
    assert send("slip", code=code).status_code == 303
    # Back to the form of the code, and straight on to the password: whoever is asked says so first.
    assert send("new_password", **new).status_code == 303
    assert status(idp_app, waiting) == "pending" and not browser.cookie
    assert send("slip_confirmed").status_code == 303
    assert send("slip", code=code).status_code == 303  # sent twice
    assert send("totp_enrolment", code="123456", name="x").status_code == 303
    assert send("new_password", **new).status_code == 303
    assert status(idp_app, waiting) == "active"
    assert send("new_password", password="mot mat khau khac han", again="mot mat khau khac han")
    assert not browser.cookie
    other = idp_app.browser().sign_in(waiting, NEW)
    assert other.status_code == 303, "the second one was taken"
    # The form of another flow says nothing in this one.
    stranger = idp_app.browser()
    elsewhere = stranger.get(page.url)
    assert elsewhere.status_code == 403 and "trình duyệt" in elsewhere.text


def test_of_fifty_browsers_one_sets_the_password(idp_app: IdpApp, waiting: Person) -> None:
    code = issue(idp_app, waiting)
    ready: list[tuple[Browser, requests.Response]] = []
    for _ in range(50):
        browser = idp_app.browser()
        ready.append((browser, until_password(browser, code)))

    def finish(number: int) -> int:
        browser, page = ready[number]
        new = f"{NEW} số {number}"
        return give_answer(browser, page, password=new, again=new).status_code

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(finish, range(50)))
    assert sorted(set(answers)) == [303, 410] and answers.count(303) == 1
    winner = answers.index(303)
    idp_app.browser().sign_in(waiting, f"{NEW} số {winner}")
    page = ready[winner - 1][0].get(ready[winner - 1][1].url)
    assert page.status_code == 200


def test_every_way_it_can_go_wrong_has_its_own_page(
    idp_app: IdpApp, waiting: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, code = idp_app.browser(), issue(idp_app, waiting)
    wrong = type_code(browser, code[:5] + ("0000-0000-0000"))
    assert wrong.status_code == 403 and "Đây không phải mã" in wrong.text
    assert type_code(browser, "abc").status_code == 400
    with at_time(monkeypatch, 72 * HOUR + 60_000):
        late = type_code(idp_app.browser(), code)
        assert late.status_code == 410 and "đã hết hạn" in late.text
    newer = issue(idp_app, waiting)
    replaced = type_code(browser, code)
    assert replaced.status_code == 410 and "không còn hiệu lực" in replaced.text
    set_password(browser, until_password(browser, newer))
    used = type_code(idp_app.browser(), newer)
    assert used.status_code == 410 and "đã được dùng" in used.text
    assert waiting.full_name not in used.text
    suspended = idp_app.person(password="")
    code = issue(idp_app, suspended)
    page = until_password(browser := idp_app.browser(), code)
    people.suspend(idp_app.installation, OPERATOR, suspended.id, "thử")
    assert set_password(browser, page).status_code == 410
    away = type_code(idp_app.browser(), code)
    assert away.status_code in (403, 410) and status(idp_app, suspended) == "suspended"
    reasons = {e.fields["reason"] for e in idp_app.events("slip.refused")}
    assert {"wrong", "expired", "revoked", "used"} <= reasons


def test_nobody_learns_which_slips_begin_how(idp_app: IdpApp, waiting: Person) -> None:
    """A wrong code of a slip that is there, and of one that is not, in the same bytes."""
    known = issue(idp_app, waiting)[:4]
    pages = []
    for number in (known, "ZZZZ" if known != "ZZZZ" else "YYYY"):
        page = type_code(idp_app.browser(), f"{number}-0000-0000-0000")
        plain = re.sub(r'(value|href)="[^"]*"|[0-9a-f]{8}\b|flow=[\w-]+', "", page.text)
        pages.append((page.status_code, plain, sorted(page.headers)))
    assert pages[0] == pages[1]


def test_wrong_codes_are_counted_whoever_types_them(idp_app: IdpApp, waiting: Person) -> None:
    code = issue(idp_app, waiting)
    seen = [
        type_code(idp_app.browser(), f"{code[:4]}-0000-0000-{number:04d}").status_code
        for number in range(TRIES_BEFORE_PAUSE + 1)
    ]
    assert 429 in seen
    assert type_code(idp_app.browser(), code).status_code == 429, "right or wrong: not looked at"


def test_somebody_else_is_signed_in_here(idp_app: IdpApp, waiting: Person) -> None:
    browser, other = idp_app.browser(), idp_app.person()
    browser.sign_in(other)
    page = type_code(browser, issue(idp_app, waiting))
    assert page.status_code == 409 and other.full_name in page.text
    assert browser.is_signed_in() and status(idp_app, waiting) == "pending"
    sent = browser.post(page.url, {"csrf_token": csrf_token(page), "buoc": "slip_confirmed"})
    assert sent.status_code == 409


def test_who_is_interrupted_goes_on(idp_app: IdpApp, waiting: Person) -> None:
    code = issue(idp_app, waiting)
    until_password(idp_app.browser(), code)  # and the browser is closed
    browser = idp_app.browser()
    page = set_password(browser, until_password(browser, code))
    assert "Để sau" in page.text
    idp_app.browser().sign_in(waiting, NEW)  # the next day


def test_a_kill_before_the_catalogue_is_asked_costs_nothing(
    idp_app: IdpApp, waiting: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The flow that has used the slip may set the password once more."""
    from directory.errors import Unavailable
    from directory.ldap.errors import LDAP_UNAVAILABLE
    from directory.people import credentials

    browser = idp_app.browser()
    page = until_password(browser, issue(idp_app, waiting))

    def away(*_: Any, **__: Any) -> None:
        raise Unavailable(LDAP_UNAVAILABLE, retry_after_s=3)

    with monkeypatch.context() as patched:
        patched.setattr(credentials, "set_password", away)
        busy = give_answer(browser, page, password=NEW, again=NEW)
        assert busy.status_code == 503 and busy.headers["Retry-After"] == "3"
    assert "Để sau" in set_password(browser, browser.get(page.url)).text


def test_what_is_missing_in_a_password_is_said(idp_app: IdpApp, waiting: Person) -> None:
    browser = idp_app.browser()
    page = until_password(browser, issue(idp_app, waiting))
    for new, again, said in (
        ("", "", "Nhập mật khẩu mới"),
        ("ngắn", "ngắn", "15"),
        (NEW, NEW + "x", "chưa giống nhau"),
        (f"{waiting.username} và chín chữ", f"{waiting.username} và chín chữ", "tên đăng nhập"),
    ):
        refused = give_answer(browser, page, password=new, again=again)
        assert refused.status_code == 400 and said in refused.text, refused.text
        assert new not in refused.text or not new
    assert "Để sau" in set_password(browser, page).text


def test_at_the_counter_second_factors_go_with_it(idp_app: IdpApp) -> None:
    person = idp_app.person()
    give_totp(idp_app.installation, person.id)
    before = idp_app.browser()
    browser = idp_app.browser()
    page = until_password(browser, issue(idp_app, person, "help"))
    assert "sẽ bị gỡ" in page.text
    page = set_password(browser, page)
    assert key_on(page) and len(idp_app.events("factors.reset", f"person:{person.id}")) == 1
    assert give_answer(browser, page, de_sau="1").status_code == 303 and browser.is_signed_in()
    assert not before.cookie


def test_an_activation_slip_leaves_second_factors_and_asks_for_them(idp_app: IdpApp) -> None:
    person = idp_app.person()
    secret = give_totp(idp_app.installation, person.id)
    browser = idp_app.browser()
    page = set_password(browser, until_password(browser, issue(idp_app, person)))
    assert 'value="totp"' in page.text and not browser.cookie
    assert "Không có điện thoại" in page.text or "điện thoại" in page.text
    done = go_on(browser, page, code=code_now(secret))
    assert browser.cookie == "" and "mã khôi phục" in done.text.lower()
    assert give_answer(browser, done).status_code == 303 and browser.is_signed_in()
