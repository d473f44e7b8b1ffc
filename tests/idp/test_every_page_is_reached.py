"""Every template of the sign-in is reached through the product: a page that no flow leads to is a
promise nobody keeps, and its own test would not notice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import g, request, template_rendered
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Route
from requests import Response

from admin_ui.components import REGISTRATION
from directory import clock
from directory.catalogue.person import Person
from directory.errors import Unavailable
from directory.ldap.errors import SIGNIN_BUSY
from directory.people import service
from idp.clients.service import Entry, add_client, disable_client, show_client
from idp.factors.recovery_codes import store as recovery_codes
from idp.oidc.trials.beginning import begin
from idp.oidc.trials.examination import examine_registered
from idp.oidc.trials.link import Trial, address_of
from idp.slips import service as slips
from tests.support.authenticator import give_passkey
from tests.support.browser import PASSWORD, Browser
from tests.support.idp_app import IdpApp, pause_at_once
from tests.support.installation import OPERATOR
from tests.support.relying_party import RelyingParty, authorization_request
from tests.support.second_factor import (
    code_now,
    give_code,
    give_password,
    give_totp,
    key_on,
    sign_in,
    wrong_code,
)
from web import i18n

pytestmark = pytest.mark.only_on_sqlite("which page or answer comes is no question of the store")

_HTML = "text/html; charset=utf-8"
IDP = Path(__file__).parents[2] / "idp"
FOLDERS = tuple(sorted(IDP.rglob("templates")))
_INCLUDED = re.compile(r'{%-?\s*(?:include|from|extends)\s+"([^"]+)"')


def all_templates() -> set[str]:
    return {str(path.relative_to(each)) for each in FOLDERS for path in each.rglob("*.html")}


@contextmanager
def watching(idp_app: IdpApp) -> Iterator[set[str]]:
    seen: set[str] = set()

    def note(_: object, template: Any, context: dict[str, Any], **__: object) -> None:
        seen.add(template.name)
        seen.update(part["template"] for part in context.get("parts", ()))
        for folder in FOLDERS:
            if (path := folder / template.name).exists():
                seen.update(_INCLUDED.findall(path.read_text()))

    with template_rendered.connected_to(note, idp_app.app):
        yield seen


def an_application(idp_app: IdpApp, name: str, **more: Any) -> RelyingParty:
    metadata = {
        "client_name": name,
        "redirect_uris": ["http://127.0.0.2:9/x/callback"],
        "scope": "openid profile",
    }
    registered = add_client(idp_app.installation, OPERATOR, REGISTRATION, metadata, **more)
    assert registered.client.redirect_uris and registered.secret
    return RelyingParty.of(idp_app.url, registered, name=name)


def asking(app: RelyingParty, **more: str) -> dict[str, str]:
    return authorization_request(app, redirect_uri="http://127.0.0.2:9/x/callback", **more)


def stopped(idp_app: IdpApp, stop: Callable[..., Person] | None) -> Person:
    person = idp_app.person()
    if stop:
        stop(idp_app.installation, OPERATOR, person.id, "thử")
    return person


def test_a_flow_leads_to_every_template(idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch) -> None:
    with watching(idp_app) as seen:
        walk_everywhere(idp_app, monkeypatch)
    # Those of certificates want a proxy that asks for them: tests/idp/test_certificates.py.
    here = {name for name in all_templates() if not name.startswith("certificate/")}
    assert not sorted(here - seen)


@contextmanager
def keeping(idp_app: IdpApp) -> Iterator[dict[tuple[str, str], str]]:
    """The pages that come, by template and language: what is shown in Vietnamese is also made in
    English."""
    kept: dict[tuple[str, str], str] = {}

    def make(template: Any, context: dict[str, Any], language: str) -> str:
        before = request.environ.get(i18n._KEPT)
        request.environ[i18n._KEPT] = (g.get("ui_locales") or (), language)
        fresh: dict[str, Any] = {}
        idp_app.app.update_template_context(fresh)
        page: str = template.render({**context, **fresh})
        request.environ[i18n._KEPT] = before
        return page

    def note(_: object, template: Any, context: dict[str, Any], **__: object) -> None:
        for language in i18n.LANGUAGES:
            if (template.name, language) not in kept:
                kept[template.name, language] = make(template, context, language)

    with template_rendered.connected_to(note, idp_app.app):
        yield kept


@pytest.mark.deep
def test_every_page_can_be_read_by_everybody(
    idp_app: IdpApp, chromium: Chromium, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In both languages: nothing that axe finds, and nothing wider than a telephone."""
    with keeping(idp_app) as pages:
        walk_everywhere(idp_app, monkeypatch)
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    page, found = context.new_page(), []
    address = f"{idp_app.url}/tro-giup"
    shown = {"body": ""}

    def answer(route: Route) -> None:
        if route.request.url == address:
            route.fulfill(body=shown["body"], content_type=_HTML)
        elif route.request.is_navigation_request():
            route.fulfill(status=204)  # whatever its script does, the page stays
        else:
            route.continue_()

    page.route("**/*", answer)
    for (name, language), html in sorted(pages.items()):
        if 'http-equiv="refresh"' in html or name == "oidc/form_post.html":
            continue  # they lead on by themselves: tests/idp/test_leaving_browser.py
        shown["body"] = html
        page.set_viewport_size({"width": 1366, "height": 768})
        page.goto(address)
        assert page.locator("html").get_attribute("lang") == language, name
        told = Axe().run(page)
        found += [f"{name} {language}: {told.generate_report()}"] if told.violations_count else []
        page.set_viewport_size({"width": 360, "height": 740})
        width = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{name} {language}: {width} px wide"] if width > 360 else []
    context.close()
    assert not found, "\n".join(found)
    assert len(pages) > 80, len(pages)


def walk_everywhere(idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch) -> None:
    person = idp_app.person()
    browser = idp_app.browser()
    browser.get("/tro-giup")
    form = browser.open_sign_in(**authorization_request(idp_app.documents))
    browser.follow(browser.answer(form, person.username, PASSWORD))
    browser.get("/")
    # Once more: the form that was answered, a page somebody else's flow belongs to, a confirmation.
    browser.get(form.url)
    idp_app.browser().get("/dang-nhap", flow="không-có")
    browser.get("/dang-nhap", flow="không-có")
    browser.follow(browser.get("/authorize", **asking_again(idp_app, "login")))
    browser.follow(browser.get("/authorize", **asking_again(idp_app, "select_account")))
    posting = authorization_request(idp_app.documents, response_mode="form_post")
    browser.follow(browser.get("/authorize", **posting))
    # Applications that are shut, in one way or another.
    shut = an_application(idp_app, "Chỉ người có vai trò", entry=Entry(access="roles"))
    refused = browser.follow(browser.get("/authorize", **asking(shut)))
    link = re.search(r'href="(/xin-vao[^"]+)"', refused.text)
    assert link
    browser.get(unescape(link[1]))
    off = an_application(idp_app, "Sắp ngừng")
    disable_client(idp_app.installation, OPERATOR, off.client_id, "thử")
    browser.get("/authorize", **asking(off))
    browser.get("/authorize", client_id="khong-co")
    browser.get("/thong-tin-cung-cap")
    # A sign-in that is only tried; its address works once.
    address = address_of(idp_app.installation, trial_of(idp_app))
    browser.follow(browser.get(address))
    browser.get(address)
    # People who may not come in.
    for stop in (service.suspend, service.retire):
        turned_away(idp_app, stopped(idp_app, stop))
    pending = idp_app.person()
    with monkeypatch.context() as patch:
        patch.setattr(service, "activate", lambda *_: None)
        late = idp_app.person()
        turned_away(idp_app, late)
    # A password that cannot be checked, and too many that are wrong.
    with monkeypatch.context() as patch:
        patch.setattr(
            "idp.factors.password.trying.check_password",
            lambda *_, **__: (_ for _ in ()).throw(Unavailable(SIGNIN_BUSY, retry_after_s=2)),
        )
        turned_away(idp_app, pending)
    paused(idp_app, monkeypatch, pending)
    changed_password(idp_app, monkeypatch)
    second_factor(idp_app, monkeypatch)
    with_a_slip(idp_app, monkeypatch)
    recovered(idp_app)
    # The way out.
    browser.get("/logout")
    out = browser.get("/dang-xuat")
    browser.follow(browser.post("/dang-xuat", {"csrf_token": token_of(out.text)}))


def asking_again(idp_app: IdpApp, prompt: str) -> dict[str, str]:
    return authorization_request(idp_app.documents, prompt=prompt)


def trial_of(idp_app: IdpApp) -> Trial:
    with idp_app.installation.database.write() as tx:
        client = show_client(tx, idp_app.documents.client_id)
        return begin(tx, OPERATOR, client, examine_registered(idp_app.installation, tx, client))


def turned_away(idp_app: IdpApp, person: Person) -> None:
    browser = idp_app.browser()
    answer = browser.answer(browser.open_sign_in(), person.username, PASSWORD)
    assert answer.status_code in (403, 503)


def paused(idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, person: Person) -> None:
    """Wrong passwords until there is a pause; the waits between them are not waited for."""
    browser, ahead = idp_app.browser(), 0
    page = browser.open_sign_in()
    true_ms = clock.now_ms
    for _ in range(12):
        with monkeypatch.context() as patch:
            patch.setattr("directory.clock.now_ms", lambda more=ahead: true_ms() + more)
            answer = browser.answer(page, person.username, "sai hoàn toàn rồi nhé")
        if (
            "Tạm dừng đăng nhập" in answer.text
            or "tạm dừng" in answer.text.partition("<h1")[2][:80]
        ):
            return
        ahead += 40_000
    raise AssertionError(f"never paused: {answer.status_code}")


def changed_password(idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changed by whoever is signed in; and once too late."""
    person, browser = idp_app.person(), idp_app.browser()
    browser.sign_in(person)
    new = "ba con vịt qua cầu"
    form = {"current": PASSWORD, "password": new, "again": new}
    form |= {"csrf_token": token_of(browser.get("/bao-mat/mat-khau").text)}
    with monkeypatch.context() as patch:
        patch.setattr("idp.sessions.store.still_counts", lambda *_: False)
        assert browser.post("/bao-mat/mat-khau", form).status_code == 409
    assert browser.post("/bao-mat/mat-khau", form).status_code == 200


def second_factor(idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Adding it, being asked for it, too many wrong codes, and taking it away."""
    person, browser = idp_app.person(), idp_app.browser()
    browser.sign_in(person)
    browser.get("/bao-mat")
    browser.get("/bao-mat/ung-dung-xac-thuc")
    secret = give_totp(idp_app.installation, person.id)
    with monkeypatch.context() as patch:
        pause_at_once(patch)
        page = give_password(other := idp_app.browser(), person)
        assert "Tạm dừng nhập mã" in give_code(other, page, wrong_code(secret)).text
    owner = idp_app.person()
    sign_in(browser := idp_app.browser(), owner, give_totp(idp_app.installation, owner.id))
    removal = re.search(r'href="(/bao-mat/[^"]+/xoa)"', browser.get("/bao-mat").text)
    assert removal
    assert browser.get(removal[1]).status_code == 200
    give_passkey(idp_app.installation, owner.id)
    shown = browser.get("/bao-mat").text
    for path in set(re.findall(r'href="(/bao-mat/khoa-truy-cap/[^"]+)"', shown)):
        assert browser.get(path).status_code == 200
    assert browser.get("/bao-mat/khoa-truy-cap").status_code == 200
    question = browser.get("/bao-mat/ma-khoi-phuc")
    browser.post(question.url, {"csrf_token": token_of(question.text)})
    page = give_password(other := idp_app.browser(), owner)
    assert other.get(page.url + "&buoc=recovery_code").status_code == 200


def with_a_slip(idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account is made ready, and everything that can come between."""
    waiting, browser = idp_app.person(password=""), idp_app.browser()
    code = slips.issue(idp_app.installation, OPERATOR, waiting.id, "activate").code
    page = step_on(browser, step_on(browser, browser.open("/kich-hoat"), code=code))
    with monkeypatch.context() as patch:
        patch.setattr(
            "directory.people.credentials.set_password",
            lambda *_, **__: (_ for _ in ()).throw(Unavailable(SIGNIN_BUSY, retry_after_s=2)),
        )
        assert step_on(browser, page, password=PASSWORD, again=PASSWORD).status_code == 503
    browser.get("/kich-hoat", flow="không-có")
    page = step_on(browser, browser.get(page.url), password=PASSWORD, again=PASSWORD)
    step_on(other := idp_app.browser(), other.open("/kich-hoat"), code=code)
    page = step_on(browser, page, code=code_now(key_on(page)), name="Máy tôi")
    step_on(browser, page)
    code = slips.issue(idp_app.installation, OPERATOR, idp_app.person().id, "help").code
    step_on(browser, browser.open("/kich-hoat"), code=code)


NOWHERE = "smtp://127.0.0.1:9"


def recovered(idp_app: IdpApp) -> None:
    """A forgotten password, and a lost telephone."""
    person, browser = idp_app.person(), idp_app.browser()
    give_totp(idp_app.installation, person.id)
    with idp_app.installation.database.write() as tx:
        code = recovery_codes.make(tx, person.id)[0]
    ways = browser.open("/quen-mat-khau").url
    step_on(browser, browser.get(f"{ways}&buoc=help_wanted"), login=person.username)
    page = browser.get(f"{ways}&buoc=recover_by_code")
    page = step_on(browser, page, login=person.username, code=code)
    step_on(browser, page, password=PASSWORD, again=PASSWORD)
    page = give_password(other := idp_app.browser(), person)
    assert other.get(page.url + "&buoc=lost").status_code == 200
    settings = replace(
        idp_app.served.settings, smtp_url=NOWHERE, recovery_mail_domains=("mail.example.vn",)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(idp_app.served.__dict__, "settings", settings)
        browser = idp_app.browser()
        ways = browser.open("/quen-mat-khau").url
        step_on(browser, browser.get(f"{ways}&buoc=recover_by_link"), login=person.username)
        assert browser.get(f"{ways}&buoc=link_code").status_code == 200


def step_on(browser: Browser, page: Response, **fields: str) -> Response:
    step = re.search(r'name="buoc" value="([a-z_]+)"', page.text)
    assert step, page.text
    data = {"csrf_token": token_of(page.text), "buoc": step[1], **fields}
    return browser.follow(browser.post(page.url, data))


def token_of(text: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert found
    return found[1]
