"""The front page, help, and health."""

from __future__ import annotations

import time

import pytest
import requests
from sqlalchemy import insert

from admin_ui.components import REGISTRATION
from directory.authz import applications
from directory.authz.applications import Application
from directory.ids import new_id
from directory.ldap_clients.tables import ldap_client
from directory.people.service import suspend
from directory.release.service import begin, change, proposed
from idp.clients.service import Entry, add_client
from tests.support.idp_app import IdpApp
from tests.support.installation import OPERATOR

pytestmark = pytest.mark.only_on_sqlite("which page or answer comes is no question of the store")


def test_strangers_sign_in_first(idp_app: IdpApp) -> None:
    answer = idp_app.browser().get("/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dang-nhap")


def test_the_front_page_offers_what_the_person_may_enter_and_nothing_else(idp_app: IdpApp) -> None:
    add_client(
        idp_app.installation,
        OPERATOR,
        REGISTRATION,
        {"client_name": "Chỉ cho người có vai trò", "redirect_uris": ["http://127.0.0.2:9/x"]},
        entry=Entry(access="roles"),
    )
    browser, person = idp_app.browser(), idp_app.person()
    browser.sign_in(person)
    page = browser.get("/")
    for app in idp_app.apps:
        assert app.name in page.text
        assert f'href="{app.after_logout_uri}"' in page.text
    assert "Chỉ cho người có vai trò" not in page.text
    assert idp_app.agency.name in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_what_cannot_be_opened_here_comes_last(idp_app: IdpApp) -> None:
    metadata = {"client_name": "An phẩm riêng", "redirect_uris": ["http://127.0.0.2:9/y"]}
    add_client(idp_app.installation, OPERATOR, REGISTRATION, metadata)
    browser, person = idp_app.browser(), idp_app.person()
    browser.sign_in(person)
    text = browser.get("/").text
    assert all(text.index("An phẩm riêng") > text.index(app.name) for app in idp_app.apps)


def test_one_without_a_connection_is_opened_at_its_address(idp_app: IdpApp) -> None:
    with idp_app.installation.database.write() as tx:
        for name, address in (("Thư cũ", "https://thu.vn/"), ("Không mở được", None)):
            applications.put(tx, OPERATOR, Application(new_id(), name, start_url=address))
    browser, person = idp_app.browser(), idp_app.person()
    browser.sign_in(person)
    text = browser.get("/").text
    assert "Thư cũ" in text and 'href="https://thu.vn/"' in text
    assert "Không mở được" not in text


def test_people_read_what_each_application_learns_of_them(idp_app: IdpApp) -> None:
    path, app = "/thong-tin-cung-cap", idp_app.apps[0]
    assert idp_app.browser().get(path).headers["Location"] == "/dang-nhap"
    browser = idp_app.browser()
    browser.sign_in(idp_app.person())
    assert f'href="{path}"' in browser.get("/").text
    text = browser.get(path).text
    assert app.name in text and "Thư công vụ" in text and "Luật Bảo vệ dữ liệu cá nhân" in text
    with idp_app.installation.database.write() as tx:
        change(tx, OPERATOR, app.client_id, proposed(["full_name"]))
    part = browser.get(path).text.partition(app.name)[2].partition("</section>")[0]
    assert "Họ và tên" in part and "Thư công vụ" not in part
    assert "Chỉ cho người có vai trò" not in text, "what they may not enter"
    assert "Work e-mail" in browser.get(f"{path}?lang=en").text


def test_people_read_who_looks_them_up_without_their_sign_in(idp_app: IdpApp) -> None:
    with idp_app.installation.database.write() as tx:
        unseen = Application(new_id(), "Máy quét", access="roles")
        for app in (Application(new_id(), "Máy in"), unseen):
            applications.put(tx, OPERATOR, app)
            begin(tx, OPERATOR, app, proposed(["mail", "roles"]))
            tx.execute(
                insert(ldap_client).values(
                    application_id=app.id,
                    entry_id=new_id(),
                    secret_hash="x",
                    made_at=1,
                    rotated_at=1,
                )
            )
    browser = idp_app.browser()
    browser.sign_in(idp_app.person())
    text = browser.get("/thong-tin-cung-cap").text
    part = text.partition("Máy in")[2].partition("</section>")[0]
    assert "qua LDAP" in part and "Thư công vụ" in part
    assert "Vai trò" not in part, "roles are not in LDAP"
    assert "Máy quét" not in text, "it does not see them"
    assert "qua LDAP" not in text.partition(idp_app.apps[0].name)[2].partition("</section>")[0]
    assert "Máy in" not in browser.get("/").text


def test_a_suspended_person_is_out_at_the_next_click(idp_app: IdpApp) -> None:
    browser, person = idp_app.browser(), idp_app.person()
    browser.sign_in(person)
    suspend(idp_app.installation, OPERATOR, person.id, "kiểm tra")
    assert browser.get("/").status_code == 303


def test_help_needs_no_sign_in(idp_app: IdpApp) -> None:
    page = idp_app.browser().get("/tro-giup")
    assert page.status_code == 200
    assert idp_app.installation.settings.operator_phone in page.text


def test_alive_and_ready(idp_app: IdpApp) -> None:
    for path in ("/healthz", "/readyz"):
        answer = requests.get(idp_app.url.replace("localhost", "127.0.0.1") + path, timeout=10)
        # No worker runs here: people sign in all the same.
        expected = "ok" if path == "/healthz" else "degraded"
        assert (answer.status_code, answer.json()["status"]) == (200, expected)


def test_alive_but_not_ready_without_the_catalogue(idp_app: IdpApp) -> None:
    idp_app.running.kill_slapd()
    try:
        answer = poll(idp_app, 503)
        assert answer.json()["checks"]["ldap"] != "ok"
        assert requests.get(f"{idp_app.url}/healthz", timeout=10).status_code == 200
    finally:
        idp_app.restart_slapd()
    found = poll(idp_app, 200).json()["checks"]
    assert {name for name, said in found.items() if said != "ok"} == {"worker", "feed"}


def poll(idp: IdpApp, status: int) -> requests.Response:
    """`/readyz` once it says `status`; its answer is a second old at most."""
    for _ in range(60):
        answer = requests.get(f"{idp.url}/readyz", timeout=10)
        if answer.status_code == status:
            return answer
        time.sleep(0.1)
    raise AssertionError(answer.text)
