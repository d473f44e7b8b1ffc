"""Attacks on signing in: races with a change of the account, what counters tell a stranger, and how
much a stranger can make us keep."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import func, select

from directory.catalogue.person import Person, person_dn
from directory.errors import Conflict, Invalid
from directory.ldap.accounts import account_dn, ldap_uris
from directory.ldap.base_entries import DECOY
from directory.ldap.bind import BindResult, verify_at
from directory.ldap.gateway import Gateway
from directory.people.credentials import check_password, clear_password, set_password
from directory.people.service import resume, suspend
from idp.factors.password import trying as password_step
from idp.throttle import store as throttle
from idp.throttle.store import Reservation, Wait
from idp.throttle.tables import throttle_counter
from tests.support.browser import PASSWORD, Browser, csrf_token
from tests.support.idp_app import IdpApp, at_time
from tests.support.installation import OPERATOR
from tests.support.relying_party import authorization_request
from web.forwarded import Sender

NEW_PASSWORD = "mười hai con giáp ngồi quanh bàn"
WRONG = "mật khẩu này sai hoàn toàn"


def while_changing(
    idp: IdpApp, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object]
) -> None:
    """Do `meanwhile` when a new password is on its way to LDAP and the old one still works."""
    modify = idp.installation.credentials.modify

    def modify_slowly(*arguments: Any, **options: Any) -> str:
        meanwhile()
        return modify(*arguments, **options)

    monkeypatch.setattr(idp.installation.credentials, "modify", modify_slowly)


@pytest.mark.parametrize("how", ["set", "clear"])
def test_signing_in_with_the_old_password_while_it_is_replaced_gains_nothing(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Whoever knows a password and signs in all the time must not outlive its change."""
    person, thief = idp_app.person(), idp_app.browser()
    while_changing(idp_app, monkeypatch, lambda: thief.sign_in(person))
    if how == "set":
        set_password(idp_app.installation, OPERATOR, person.id, NEW_PASSWORD)
    else:
        clear_password(idp_app.installation, OPERATOR, person.id, "thử")
    assert thief.cookie
    assert not thief.is_signed_in()


def test_tokens_got_while_the_password_is_replaced_are_dead(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, thief = idp_app.person(), idp_app.browser()
    got: list[dict[str, Any]] = []
    scope = "openid offline_access"
    while_changing(
        idp_app,
        monkeypatch,
        lambda: got.append(idp_app.documents.tokens(thief, person, scope=scope)),
    )
    set_password(idp_app.installation, OPERATOR, person.id, NEW_PASSWORD)
    refreshed = idp_app.browser().http.post(
        f"{idp_app.url}/token",
        data={"grant_type": "refresh_token", "refresh_token": got[0].get("refresh_token", "x")},
        auth=(idp_app.documents.client_id, idp_app.documents.secret),
        timeout=20,
    )
    userinfo = idp_app.browser().http.get(
        f"{idp_app.url}/userinfo",
        headers={"Authorization": f"Bearer {got[0]['access_token']}"},
        timeout=20,
    )
    assert (refreshed.status_code, userinfo.status_code) == (400, 401)


def change_password(idp: IdpApp, person: Person) -> None:
    set_password(idp.installation, OPERATOR, person.id, NEW_PASSWORD)


def suspend_and_resume(idp: IdpApp, person: Person) -> None:
    suspend(idp.installation, OPERATOR, person.id, "thử")
    resume(idp.installation, OPERATOR, person.id, "thử")


@pytest.mark.parametrize("change", [change_password, suspend_and_resume])
def test_a_password_found_right_before_a_change_opens_no_session_after_it(
    idp_app: IdpApp,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[IdpApp, Person], None],
) -> None:
    person, browser = idp_app.person(), idp_app.browser()

    def ask_then_change(*arguments: Any) -> Any:
        result = check_password(*arguments)
        change(idp_app, person)
        return result

    page = browser.open_sign_in()
    monkeypatch.setattr(password_step, "check_password", ask_then_change)
    answer = browser.answer(page, person.username, PASSWORD)
    monkeypatch.undo()
    assert not browser.is_signed_in()
    assert not browser.cookie
    assert "/dang-nhap?flow=" in answer.headers["Location"]
    refused = idp_app.events("signin.refused", f"person:{person.id}")
    assert [event.fields["reason"] for event in refused] == ["changed_meanwhile"]
    # The flow goes on: the same page takes the password that is right now.
    right = NEW_PASSWORD if change is change_password else PASSWORD
    assert browser.answer(browser.follow(answer), person.username, right).status_code == 303
    assert browser.is_signed_in()


WHAT_DIFFERS = re.compile(
    r'name="(?:csrf_token|flow)" value="[^"]+"|(?:flow|da-nhap)=[\w-]+'
    r'|<code>[^<]*</code>|value="[^"]*" maxlength="256"'
)


def told(idp: IdpApp, login: str, address: str) -> tuple[int, str, str]:
    """All a stranger learns from one wrong password for `login`."""
    browser = idp.browser(address)
    page = browser.answer(browser.open_sign_in(), login, WRONG)
    return page.status_code, page.headers.get("Retry-After", ""), WHAT_DIFFERS.sub("", page.text)


@dataclass(frozen=True)
class Names:
    """Two spellings somebody may try. Of a person with both, of two people, or of nobody."""

    username: str
    mail: str


def names_of(idp: IdpApp, kind: str) -> Names:
    tag = secrets.token_hex(4)
    username, mail = f"ten.{tag}", f"thu.{tag}@binhduong.gov.vn"
    if kind == "same local part":
        mail = f"{username}@binhduong.gov.vn"
    if kind in ("one person", "same local part"):
        idp.person(username=username, mail=mail)
    if kind == "two people":
        idp.person(username=username)
        idp.person(mail=mail)
    return Names(username, mail)


# Who tries what after what: each pair of histories is told apart by nothing but who exists.
HISTORIES = ["UUUUUUUUUU", "UMUMUMUMUM", "MMMMUUUUMU", "UUUUMMMMUM"]


@pytest.mark.parametrize("history", HISTORIES)
def test_what_a_stranger_is_told_depends_on_what_was_typed_alone(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, history: str
) -> None:
    kinds = ("nobody", "one person", "two people")
    everything = []
    for number, kind in enumerate(kinds):
        names = names_of(idp_app, kind)
        logins = {"U": names.username, "M": names.mail}
        address = f"203.0.113.{10 * HISTORIES.index(history) + number}"
        with at_time(monkeypatch, 0):
            everything.append([told(idp_app, logins[one], address) for one in history])
    assert everything[0] == everything[1] == everything[2]
    assert {status for status, _wait, _page in everything[0]} <= {403, 429}


@pytest.mark.parametrize("kind", ["nobody", "same local part"])
def test_a_name_with_and_without_our_domain_is_one_name(idp_app: IdpApp, kind: str) -> None:
    """Else a name has as many tries as spellings; and one rule for names that nobody has."""
    name = f"ten.{secrets.token_hex(4)}"
    if kind != "nobody":
        idp_app.person(username=name, mail=f"{name}@binhduong.gov.vn")
    spellings = [name, f"{name}@binhduong.gov.vn", name.upper(), f" {name}@BinhDuong.GOV.vn"]
    answers = [told(idp_app, spellings[n % 4], f"198.51.100.{n}") for n in range(5)]
    assert [wait for _status, wait, _page in answers] == ["", "", "", "", "2"]


@pytest.mark.parametrize("login", ["username", "mail"])
@pytest.mark.parametrize("where", ["new browser", "known device", "same address"])
def test_nobody_sees_that_the_owner_signed_in_meanwhile(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, login: str, where: str
) -> None:
    guesser = f"203.0.113.{120 + len(login) + len(where)}"
    came, stayed = idp_app.person(), idp_app.person()
    own = idp_app.browser(guesser if where == "same address" else "")
    if where == "known device":
        own.sign_in(came)
    seen: dict[str, list[tuple[int, str, str]]] = {came.id: [], stayed.id: []}
    for number in range(8):
        for person in (came, stayed):
            typed = person.username if login == "username" else person.mail
            with at_time(monkeypatch, number * 20_000):
                seen[person.id].append(told(idp_app, typed, guesser))
        if number in (1, 3):
            browser = own if where == "known device" else idp_app.browser(own_address(own))
            browser.http.cookies.pop("dm_session", None)
            browser.sign_in(came)
    assert seen[came.id] == seen[stayed.id]
    assert any(wait for _status, wait, _page in seen[came.id])


def own_address(browser: Browser) -> str:
    return str(browser.http.headers["X-Forwarded-For"])


def count_counters(idp: IdpApp) -> int:
    with idp.installation.database.read() as tx:
        return tx.execute(select(func.count()).select_from(throttle_counter)).scalar_one()


def test_an_address_that_must_wait_makes_us_keep_nothing_more(idp_app: IdpApp) -> None:
    """A guesser that goes on with ever new names."""
    address = "203.0.113.201"
    before = count_counters(idp_app)
    for number in range(200):
        with idp_app.installation.database.write() as tx:
            who = throttle.typed_name(f"tên.mới.{number}")
            sender = Sender(address, is_proxy=False)
            meant = throttle.elsewhere(idp_app.installation.keyring, who, None, sender)
            got = throttle.reserve(tx, meant)
            if isinstance(got, Reservation):
                throttle.fail(tx, got)
    assert isinstance(got, Wait)
    assert count_counters(idp_app) - before <= throttle.TRIES_PER_ADDRESS + 2


def test_people_behind_ipv4_are_not_one_address_however_the_socket_writes_it(
    idp_app: IdpApp,
) -> None:
    """One who guesses must not stop everybody where a socket for both families shows peers as
    ``::ffff:10.1.2.3``, all of which lie in one /64."""
    guesser = idp_app.browser("::ffff:198.51.100.66")
    for number in range(throttle.TRIES_PER_ADDRESS):
        guesser.answer(guesser.open_sign_in(), f"ipv4.{number}", WRONG)
    assert guesser.answer(guesser.open_sign_in(), "ipv4", WRONG).status_code == 429
    plain = idp_app.browser("198.51.100.66")
    assert plain.answer(plain.open_sign_in(), "ipv4", WRONG).status_code == 429
    idp_app.browser("::ffff:198.51.100.67").sign_in(idp_app.person())


def test_a_link_local_address_signs_in(idp_app: IdpApp) -> None:
    idp_app.browser("fe80::1%eth0").sign_in(idp_app.person())


def test_no_spelling_of_a_name_in_use_is_given_to_somebody_else(idp_app: IdpApp) -> None:
    """Reserved values: letters that look alike or fold into one another."""
    person = idp_app.person(username="kim.sk.long")
    mail = person.mail
    spellings = {
        "capitals": ("KIM.SK.LONG", mail.upper()),
        "kelvin sign": ("\u212aim.sk.long", mail.replace("k", "\u212a")),
        "invisible": ("kim\u200b.sk.long", "\u2060" + mail),
        "full width": ("\uff4bim.sk.long", mail.replace("k", "\uff4b")),
        "long s": ("kim.\u017fk.long", mail.replace("s", "\u017f")),
        "cyrillic": ("kim.sk.l\u043eng", mail.replace("o", "\u043e")),
        "dot at the end": ("kim.sk.long\u3002", mail + "."),
        "blanks": (" kim.sk.long\u00a0", f" {mail}\u00a0"),
    }
    for how, (username, address) in spellings.items():
        for facts in ({"username": username, "mail": ""}, {"mail": address}):
            with pytest.raises((Conflict, Invalid)):
                idp_app.person(**facts)
                pytest.fail(f"{how}: {facts}")
    for typed in ("KIM.SK.LONG", "\u212aim.sk.long", " kim.sk.long\u00a0", mail.upper()):
        browser = idp_app.browser()
        browser.answer(browser.open_sign_in(), typed, PASSWORD)
        assert browser.is_signed_in(), typed
    for typed in ("kim.sk.l\u043eng", "\uff4bim.sk.long", "*", "kim*", "kim.sk.long)(uid=*"):
        browser = idp_app.browser()
        browser.answer(browser.open_sign_in(), typed, PASSWORD)
        assert not browser.is_signed_in(), typed


def test_the_flow_of_a_sign_out_is_no_sign_in(idp_app: IdpApp) -> None:
    person, browser = idp_app.person(), idp_app.browser()
    browser.sign_in(person)
    question = browser.get("/logout")
    gone = browser.post("/dang-xuat", {"csrf_token": csrf_token(question)})
    flow = gone.headers["Location"].partition("flow=")[2]
    assert browser.get("/authorize/continue", flow=flow).status_code == 410
    page = browser.open_sign_in()
    for answer in (
        browser.get("/dang-nhap", flow=flow),
        browser.post(
            f"/dang-nhap?flow={flow}",
            {"csrf_token": csrf_token(page), "login": person.username, "password": PASSWORD},
        ),
    ):
        assert answer.status_code == 410
    assert not browser.is_signed_in()


def test_the_flow_of_a_sign_in_tells_nothing_of_a_sign_out(idp_app: IdpApp) -> None:
    browser = idp_app.browser()
    page = browser.open_sign_in(**authorization_request(idp_app.documents))
    said = browser.get("/dang-xuat", flow=page.url.partition("flow=")[2])
    assert said.status_code == 200 and "không có ai đăng nhập" in said.text
    assert idp_app.documents.name not in said.text


def _stamps(idp: IdpApp, person: Person) -> list[str]:
    """The entryCSN of a person and of the entry that stands for everybody unknown."""
    suffix = idp.installation.settings.suffix
    names = (person_dn(person.id, suffix), account_dn(DECOY, suffix))
    manager = Gateway.external(ldap_uris(idp.installation.settings)[0])
    entries = [manager.read(dn, ["entryCSN"]) for dn in names]
    return [entry.one("entryCSN") for entry in entries if entry is not None]


def test_guessing_writes_nothing_to_the_catalogue_and_locks_nobody(idp_app: IdpApp) -> None:
    """Wrong binds past us and wrong names here are no load of writes, and no lock of slapd's."""
    person, browser = idp_app.person(), idp_app.browser()
    before = _stamps(idp_app, person)
    assert len(before) == 2
    for number in range(30):
        uris = ldap_uris(idp_app.installation.settings)
        assert verify_at(
            uris, person_dn(person.id, idp_app.installation.settings.suffix), WRONG
        ) is (BindResult.REJECTED), number
    for number in range(3):
        browser.answer(browser.open_sign_in(), f"khong.co.{number}", WRONG)
    assert _stamps(idp_app, person) == before
    assert browser.answer(browser.open_sign_in(), person.username, PASSWORD).status_code == 303
