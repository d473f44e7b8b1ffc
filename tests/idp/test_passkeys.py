"""Passkeys: adding, signing in with one alone and after the password, and what does not count."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from sqlalchemy import select, update

from directory.catalogue.person import Person
from directory.clock import MINUTE
from directory.people import service
from idp.factors.passkey import challenges, store
from idp.factors.passkey.tables import passkey
from idp.keys.jose import read_unverified
from idp.lifetimes import FLOW_MS
from tests.support.authenticator import PRESENT, Device, give_passkey, text_of
from tests.support.browser import Browser, csrf_token, next_url
from tests.support.idp_app import IdpApp, at_time
from tests.support.installation import OPERATOR
from tests.support.relying_party import authorization_request
from tests.support.second_factor import code_now, give_code, give_password, give_totp, whole_step

SECURITY, ADD = "/bao-mat", "/bao-mat/khoa-truy-cap"

__all__ = ["whole_step"]


@pytest.fixture
def person(idp_app: IdpApp) -> Person:
    return idp_app.person()


@pytest.fixture
def device(idp_app: IdpApp, person: Person) -> Device:
    return give_passkey(idp_app.installation, person.id)


def options_on(page: requests.Response) -> dict[str, Any]:
    """What a page has a device make."""
    found = re.search(r'data-options="([^"]+)"', page.text)
    assert found, page.text
    told: dict[str, Any] = json.loads(html.unescape(found[1]))
    return told


def options_for(browser: Browser, page: requests.Response) -> dict[str, Any]:
    """What the script of a sign-in page is told."""
    flow = page.url.partition("flow=")[2].partition("&")[0]
    told: dict[str, Any] = browser.get("/dang-nhap/khoa-truy-cap", flow=flow).json()
    return told


def send(browser: Browser, page: requests.Response, answer: str, **more: str) -> requests.Response:
    data = {"csrf_token": csrf_token(page), "buoc": "passkey", "answer": answer}
    return browser.post(page.url, data | more)


def sign_in(browser: Browser, device: Device, **changes: Any) -> requests.Response:
    page = browser.open_sign_in()
    return send(browser, page, device.sign(options_for(browser, page), **changes))


def add(browser: Browser, device: Device, name: str = "Máy cơ quan") -> requests.Response:
    page = browser.get(ADD)
    answer = device.make(options_on(page))
    return browser.post(ADD, {"csrf_token": csrf_token(page), "name": name, "answer": answer})


def refusals(idp_app: IdpApp, person: Person) -> list[object]:
    told = idp_app.events("signin.refused", subject=f"person:{person.id}")
    return [event.fields["reason"] for event in told]


def names_of(idp_app: IdpApp, person: Person) -> list[str]:
    with idp_app.installation.database.read() as tx:
        return [held.name for held in store.held_by(tx, person.id)]


# --- adding, renaming, removing ------------------------------------------------------------------


def test_it_is_added_and_signs_in_alone_from_then_on(idp_app: IdpApp, person: Person) -> None:
    browser, device = idp_app.browser(), Device(idp_app.url)
    browser.sign_in(person)
    before = browser.cookie
    assert f'href="{ADD}"' in browser.get(SECURITY).text
    assert add(browser, device).headers["Location"] == SECURITY
    shown = browser.get(SECURITY).text
    assert browser.cookie != before and "Máy cơ quan" in shown
    assert "Hiện chỉ cần mật khẩu" not in shown
    (event,) = idp_app.events("passkey.added", subject=f"person:{person.id}")
    assert (event.fields["name"], event.actor) == ("Máy cơ quan", f"person:{person.id}")
    other = idp_app.browser()
    page = other.open_sign_in(**authorization_request(idp_app.documents))
    told = options_for(other, page)
    assert (told["userVerification"], told.get("allowCredentials", [])) == ("required", [])
    other.follow(send(other, page, device.sign(told)), idp_app.documents.redirect_uri)
    claims = read_unverified(idp_app.documents.tokens(other, person)["id_token"])[1]
    assert (claims["acr"], claims["amr"]) == ("2", ["pop", "user", "mfa"])


def test_what_a_device_is_told_names_nobody(idp_app: IdpApp, person: Person) -> None:
    """Web Authentication section 14.6.1: the handle says nothing. No attestation is asked for."""
    browser = idp_app.browser()
    browser.sign_in(person)
    told = options_on(browser.get(ADD))
    assert person.id not in json.dumps(told) and len(told["user"]["id"]) == 43
    assert told.get("attestation", "none") == "none"
    assert told["rp"]["id"] == "localhost"
    selection = told["authenticatorSelection"]
    assert (selection["residentKey"], selection["userVerification"]) == ("required", "required")


def test_it_is_renamed_and_removed(idp_app: IdpApp, person: Person, device: Device) -> None:
    browser = idp_app.browser()
    sign_in(browser, device)
    page = browser.get(SECURITY)
    naming, removal = re.findall(rf'href="({ADD}/[^"]+)"', page.text)[:2]
    token = {"csrf_token": csrf_token(browser.get(naming))}
    for wrong in ("", "x" * 61):
        assert browser.post(naming, token | {"name": wrong}).status_code == 400
    assert browser.post(naming, token | {"name": "<b>Nhà</b>"}).status_code == 303
    shown = browser.get(SECURITY).text
    assert "&lt;b&gt;Nhà" in shown and "<b>Nhà" not in shown
    assert "yếu tố xác thực duy nhất" in browser.get(removal).text
    assert browser.post(removal, token).headers["Location"] == SECURITY
    assert names_of(idp_app, person) == []
    kinds = [e.kind for e in idp_app.events(subject=f"person:{person.id}")]
    assert kinds.count("passkey.renamed") == kinds.count("passkey.removed") == 1
    assert sign_in(idp_app.browser(), device).status_code == 403


@pytest.mark.parametrize("name", ["", "x" * 61])
def test_a_name_is_asked_for(idp_app: IdpApp, person: Person, name: str) -> None:
    browser = idp_app.browser()
    browser.sign_in(person)
    assert add(browser, Device(idp_app.url), name).status_code == 400
    assert names_of(idp_app, person) == []


def test_without_scripts_the_page_says_so(idp_app: IdpApp, person: Person) -> None:
    browser = idp_app.browser()
    browser.sign_in(person)
    page = browser.get(ADD)
    answer = browser.post(ADD, {"csrf_token": csrf_token(page), "name": "x"})
    assert answer.status_code == 400 and "JavaScript" in answer.text
    assert "<noscript>" in page.text


def test_nobody_has_more_than_ten(idp_app: IdpApp, person: Person, device: Device) -> None:
    for _ in range(9):
        give_passkey(idp_app.installation, person.id)
    browser = idp_app.browser()
    sign_in(browser, device)
    page = browser.get(ADD)
    assert page.status_code == 409 and "tối đa 10" in page.text


def test_the_same_device_is_added_once(idp_app: IdpApp, person: Person, device: Device) -> None:
    browser = idp_app.browser()
    sign_in(browser, device)
    page = browser.get(ADD)
    assert [each["id"] for each in options_on(page)["excludeCredentials"]] == [device.name]
    assert add(browser, device).status_code == 400
    assert len(names_of(idp_app, person)) == 1


def test_adding_and_removing_want_a_sign_in_of_the_last_minutes(
    idp_app: IdpApp, person: Person, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = idp_app.browser()
    with at_time(monkeypatch, -6 * MINUTE):
        sign_in(browser, device)
    removal = re.findall(rf'href="({ADD}/[^"]+/xoa)"', browser.get(SECURITY).text)[0]
    token = {"csrf_token": csrf_token(browser.get(SECURITY))}
    for path in (ADD, removal, removal.replace("xoa", "ten")):
        assert browser.get(path).headers["Location"].startswith("/dang-nhap?"), path
        assert browser.post(path, token).headers["Location"].startswith("/dang-nhap?"), path
    page = browser.open(removal)
    again = send(browser, page, device.sign(options_for(browser, page)))
    assert browser.follow(again).url.endswith(removal)


def test_half_a_session_adds_none_beside_another_factor(idp_app: IdpApp, person: Person) -> None:
    """Whoever stole the password signed in before the person had anything; or begins, and the
    person sets up a telephone meanwhile."""
    thief, device = idp_app.browser(), Device(idp_app.url)
    thief.sign_in(person)
    page = thief.get(ADD)
    secret = give_totp(idp_app.installation, person.id)
    data = {"csrf_token": csrf_token(page), "name": "x", "answer": device.make(options_on(page))}
    assert thief.post(ADD, data).headers["Location"].startswith("/dang-nhap?")
    assert thief.get(ADD).headers["Location"].startswith("/dang-nhap?")
    between = idp_app.browser()
    give_password(between, person)
    assert between.get(ADD).headers["Location"].startswith("/dang-nhap?")
    assert between.post(ADD, data).status_code in (303, 403)
    assert names_of(idp_app, person) == []
    assert secret


def test_what_one_session_begins_another_cannot_finish(idp_app: IdpApp, person: Person) -> None:
    mine, thief, other = (idp_app.browser() for _ in range(3))
    mine.sign_in(person)
    thief.sign_in(person)
    other.sign_in(idp_app.person())
    device = Device(idp_app.url)
    planted = device.make(options_on(thief.get(ADD)))
    for browser in (mine, other):
        data = {"csrf_token": csrf_token(browser.get(ADD)), "name": "x", "answer": planted}
        assert browser.post(ADD, data).status_code == 400
    assert names_of(idp_app, person) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"flags": PRESENT},
        {"flags": 0},
    ],
)
def test_what_no_device_makes_for_us_is_not_added(
    idp_app: IdpApp, person: Person, wrong: dict[str, Any]
) -> None:
    browser = idp_app.browser()
    browser.sign_in(person)
    assert add(browser, Device(**{"origin": idp_app.url} | wrong)).status_code == 400
    assert names_of(idp_app, person) == []


def test_what_was_begun_too_long_ago_is_begun_again(
    idp_app: IdpApp, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, device = idp_app.browser(), Device(idp_app.url)
    browser.sign_in(person)
    page = browser.get(ADD)
    data = {"csrf_token": csrf_token(page), "name": "x", "answer": device.make(options_on(page))}
    with at_time(monkeypatch, challenges.ADDING_MS):
        assert browser.post(ADD, data).headers["Location"].startswith("/dang-nhap?")
    assert names_of(idp_app, person) == []


def test_what_is_another_persons_is_not_there(
    idp_app: IdpApp, person: Person, device: Device
) -> None:
    browser = idp_app.browser()
    browser.sign_in(idp_app.person())
    with idp_app.installation.database.read() as tx:
        theirs = store.held_by(tx, person.id)[0].id
    token = {"csrf_token": csrf_token(browser.get(SECURITY)), "name": "x"}
    for path in (f"{ADD}/{theirs}/xoa", f"{ADD}/{theirs}/ten", f"{ADD}/khong-co/xoa"):
        assert browser.get(path).status_code == browser.post(path, token).status_code == 404
    assert names_of(idp_app, person) == ["Máy tính"]
    assert device


# --- after the password --------------------------------------------------------------------------


def test_after_the_password_its_possession_is_enough(
    idp_app: IdpApp, person: Person, device: Device
) -> None:
    browser, device.flags = idp_app.browser(), PRESENT
    page = give_password(browser, person, **authorization_request(idp_app.documents))
    assert "Bây giờ hãy dùng khóa truy cập" in page.text and not browser.cookie
    told = options_for(browser, page)
    assert [each["id"] for each in told["allowCredentials"]] == [device.name]
    browser.follow(
        send(browser, page, device.sign(told, userHandle=None)), idp_app.documents.redirect_uri
    )
    claims = read_unverified(idp_app.documents.tokens(browser, person)["id_token"])[1]
    assert (claims["acr"], claims["amr"]) == ("2", ["pwd", "pop", "user"])


def test_beside_it_the_telephone_still_counts(
    idp_app: IdpApp, person: Person, device: Device
) -> None:
    secret = give_totp(idp_app.installation, person.id)
    browser = idp_app.browser()
    page = give_password(browser, person)
    link = re.search(r'href="(/dang-nhap\?[^"]*buoc=totp[^"]*)"', page.text)
    assert link and device
    page = browser.get(html.unescape(link[1]))
    assert give_code(browser, page, code_now(secret)).status_code == 303
    assert browser.is_signed_in()


def test_the_passkey_of_somebody_else_does_not_go_with_the_password(
    idp_app: IdpApp, person: Person, device: Device
) -> None:
    thief = idp_app.person()
    theirs = give_passkey(idp_app.installation, thief.id)
    browser = idp_app.browser()
    page = give_password(browser, person)
    told = options_for(browser, page)
    for handle in (theirs.handle, device.handle, None):
        assert send(browser, page, theirs.sign(told, userHandle=handle)).status_code == 403
    assert not browser.cookie


# --- what does not count -------------------------------------------------------------------------


Wrong = Callable[[Device], None]


def set_to(**values: Any) -> Wrong:
    def change(device: Device) -> None:
        for name, value in values.items():
            setattr(device, name, value)

    return change


@pytest.mark.parametrize(
    "wrong",
    [
        set_to(origin="https://evil.example"),
        set_to(origin="http://localhost"),
        set_to(rp_id="evil.example"),
        set_to(flags=PRESENT),
        set_to(flags=0),
        set_to(key=Device("http://localhost").key),
    ],
    ids=["origin", "port", "relying party", "not verified", "not present", "other key"],
)
def test_what_was_signed_otherwise_opens_nothing(
    idp_app: IdpApp, person: Person, device: Device, wrong: Wrong
) -> None:
    wrong(device)
    browser = idp_app.browser()
    answer = sign_in(browser, device)
    assert answer.status_code == 403 and not browser.cookie
    assert refusals(idp_app, person) == ["passkey_rejected"]


def test_of_whom_the_device_says_it_is_it_must_be(
    idp_app: IdpApp, person: Person, device: Device
) -> None:
    other = idp_app.person()
    theirs = give_passkey(idp_app.installation, other.id)
    for handle in (None, theirs.handle, person.id.encode(), b""):
        assert sign_in(idp_app.browser(), device, userHandle=handle).status_code == 403
    device.credential_id = theirs.credential_id  # the other's, signed with one's own key
    assert sign_in(idp_app.browser(), device).status_code == 403
    unknown = Device(idp_app.url, handle=device.handle)
    assert sign_in(idp_app.browser(), unknown).status_code == 403


@pytest.mark.both_engines
def test_an_answer_counts_once(idp_app: IdpApp, person: Person, device: Device) -> None:
    browser = idp_app.browser()
    page = browser.open_sign_in()
    answer = device.sign(options_for(browser, page))
    assert send(browser, page, answer).status_code == 303 and browser.is_signed_in()
    again = idp_app.browser()
    late = again.open_sign_in()
    refused = send(again, late, answer)
    assert refused.status_code == 403 and "gửi hai lần" in refused.text and not again.cookie
    assert refusals(idp_app, person) == ["passkey_late"]


def test_a_challenge_is_of_one_flow_of_one_browser(
    idp_app: IdpApp, person: Person, device: Device
) -> None:
    """A signature that a false page had made in a flow of its own."""
    mine, thief = idp_app.browser(), idp_app.browser()
    pages = mine.open_sign_in(), mine.open_sign_in(), thief.open_sign_in()
    answer = device.sign(options_for(mine, pages[0]))
    assert send(mine, pages[1], answer).status_code == 403
    assert send(thief, pages[2], answer).status_code == 403
    assert send(thief, pages[0], answer).status_code in (403, 410)
    made_up = device.sign({"challenge": text_of(b"0" * 98)})
    assert send(mine, pages[1], made_up).status_code == 403
    adding = idp_app.browser()
    adding.sign_in(idp_app.person())
    told = options_on(adding.get(ADD))
    assert send(mine, pages[1], device.sign(told)).status_code == 403
    assert not mine.cookie and not thief.cookie
    assert send(mine, pages[0], answer).status_code == 303 and mine.is_signed_in()
    assert set(refusals(idp_app, person)) == {"passkey_late"}


def test_a_challenge_is_as_old_as_its_flow_at_most(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = idp_app.installation.keyring
    made = challenges.make(keyring, "x")
    assert challenges.is_of(keyring, "x", made, FLOW_MS)
    assert not challenges.is_of(keyring, "y", made, FLOW_MS)
    for away in (FLOW_MS, -10 * MINUTE):
        with at_time(monkeypatch, away):
            assert not challenges.is_of(keyring, "x", made, FLOW_MS)


@pytest.mark.both_engines
def test_of_fifty_at_once_one_takes_it(idp_app: IdpApp) -> None:
    installation = idp_app.installation
    made = challenges.make(installation.keyring, "x")

    def take(_number: int) -> bool:
        return installation.database.retrying(
            lambda tx: challenges.take(tx, installation.keyring, "x", made, FLOW_MS)
        )

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(take, range(50))) == 1


@pytest.mark.both_engines
def test_a_copy_is_noticed_and_stopped(idp_app: IdpApp, person: Person) -> None:
    device = give_passkey(idp_app.installation, person.id, count=7)
    assert sign_in(idp_app.browser(), device).status_code == 303
    device.count = 7  # the copy signs next, and counts what the device has counted before
    copy = idp_app.browser()
    assert sign_in(copy, device).status_code == 403 and not copy.cookie
    (event,) = idp_app.events("passkey.stopped", subject=f"person:{person.id}")
    assert event.fields["name"] == "Máy tính"
    device.count = 100
    assert sign_in(copy, device).status_code == 403
    assert refusals(idp_app, person) == ["passkey_stopped", "passkey_stopped"]
    # The password alone is not enough for that; the owner comes in another way, and is told.
    secret = give_totp(idp_app.installation, person.id)
    browser = idp_app.browser()
    page = give_password(browser, person)
    assert "Bây giờ hãy dùng khóa truy cập" in page.text and not browser.cookie
    page = browser.get(page.url + "&buoc=totp")
    assert give_code(browser, page, code_now(secret)).status_code == 303
    assert "đã bị ngừng" in browser.get(SECURITY).text


def test_whoever_may_not_come_in_is_told_so(idp_app: IdpApp) -> None:
    for stop, said in ((service.suspend, "person_suspended"), (service.retire, "person_left")):
        person = idp_app.person()
        device = give_passkey(idp_app.installation, person.id)
        stop(idp_app.installation, OPERATOR, person.id, "thử")
        browser = idp_app.browser()
        assert sign_in(browser, device).status_code == 403 and not browser.cookie
        assert refusals(idp_app, person) == [said]


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{}",
        "[]",
        "null",
        "x" * 20_000,
        '{"id": 1}',
        "\x00",
        '{"id":"a","rawId":"a","type":"x"}',
    ],
)
def test_what_is_no_answer_is_none(idp_app: IdpApp, answer: str) -> None:
    browser = idp_app.browser()
    page = browser.open_sign_in()
    assert send(browser, page, answer).status_code == 400


def test_hostile_parts_are_no_fault_of_ours(
    idp_app: IdpApp, person: Person, device: Device
) -> None:
    browser = idp_app.browser()
    page = browser.open_sign_in()
    told = options_for(browser, page)
    for name in ("clientDataJSON", "authenticatorData", "signature"):
        for part in (b"", b"\xff" * 40, b"{}", b"[]", b'{"challenge": 1}'):
            answer = send(browser, page, device.sign(told, **{name: part}))
            assert answer.status_code in (400, 403), (name, part)
    with idp_app.installation.database.write() as tx:
        mine = passkey.c.person_id == person.id
        tx.execute(update(passkey).where(mine).values(public_key=b"no key"))
    assert sign_in(browser, device).status_code == 403


def test_a_shared_computer_stays_one(idp_app: IdpApp, device: Device) -> None:
    browser = idp_app.browser()
    page = browser.open_sign_in()
    send(browser, page, device.sign(options_for(browser, page)), shared_computer="1")
    (event,) = idp_app.events("signin.succeeded", limit=1)
    assert event.fields["shared_computer"] is True


def test_nobody_learns_who_has_one(idp_app: IdpApp, person: Person, device: Device) -> None:
    """Without the password the question is the same whoever is meant."""
    browser = idp_app.browser()
    page = browser.open_sign_in(login_hint=person.username)
    told = options_for(browser, page)
    assert device.name not in json.dumps(told) and not told.get("allowCredentials")
    assert browser.get("/dang-nhap/khoa-truy-cap", flow="khong-co").status_code == 410
    other = idp_app.browser()
    assert other.get("/dang-nhap/khoa-truy-cap", flow=page.url[-43:]).status_code == 410


def test_an_application_that_wants_two_gets_two(
    idp_app: IdpApp, person: Person, device: Device
) -> None:
    browser = idp_app.browser()
    asked = authorization_request(idp_app.documents, acr_values="2")
    page = browser.open_sign_in(**asked)
    done = browser.follow(
        send(browser, page, device.sign(options_for(browser, page))),
        idp_app.documents.redirect_uri,
    )
    assert next_url(done).startswith(idp_app.documents.redirect_uri)
    with idp_app.installation.database.read() as tx:
        used = select(passkey.c.last_used_at).where(passkey.c.person_id == person.id)
        assert tx.execute(used).scalar_one() is not None
