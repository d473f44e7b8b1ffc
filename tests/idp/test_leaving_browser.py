"""Every form of ours that ends at an application ends there in a real browser, wherever the
application's own addresses send it on to: Chromium holds form-action against the whole chain."""

from __future__ import annotations

import http.server
import secrets
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, Route

from admin_ui.components import REGISTRATION
from directory.catalogue.person import Person
from idp.clients.service import add_client
from tests.support.browser import PASSWORD
from tests.support.idp_app import IdpApp
from tests.support.installation import OPERATOR
from tests.support.relying_party import RelyingParty, authorization_request

pytestmark = pytest.mark.only_on_sqlite("what a browser follows does not depend on the store")


@dataclass
class Gateway:
    """An application whose addresses answer with a redirect to a portal on a third host."""

    base: str
    portal: str
    received: list[dict[str, str]] = field(default_factory=list)
    referrers: list[str] = field(default_factory=list)


@contextmanager
def _listening(handler: type[http.server.BaseHTTPRequestHandler], host: str) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer((host, 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Quiet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args: object) -> None:
        return

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    with ExitStack() as stack:
        found: list[Gateway] = []

        class Portal(_Quiet):
            def do_GET(self) -> None:
                self.answer(200, b"<title>portal</title>arrived", Content_Type="text/html")

        class Application(_Quiet):
            def do_GET(self) -> None:
                self.go_on(urlsplit(self.path).query)

            def do_POST(self) -> None:
                self.go_on(self.rfile.read(int(self.headers["Content-Length"])).decode())

            def go_on(self, sent: str) -> None:
                values = {name: values[0] for name, values in parse_qs(sent).items()}
                found[0].received.append(values)
                found[0].referrers.append(self.headers.get("Referer", ""))
                self.answer(302, Location=f"{found[0].portal}/portal?from={self.path[:4]}")

        portal = stack.enter_context(_listening(Portal, "127.0.0.8"))
        base = stack.enter_context(_listening(Application, "127.0.0.9"))
        found.append(Gateway(base, portal))
        yield found[0]


@pytest.fixture(scope="module")
def application(idp_app: IdpApp, gateway: Gateway) -> RelyingParty:
    app = RelyingParty(
        idp_app.url,
        f"cong-{secrets.token_hex(3)}",
        name="Cổng nội bộ",
        redirect_uri=f"{gateway.base}/cb?a&b=%20",
        after_logout_uri=f"{gateway.base}/bye?a&b=%20",
    )
    metadata = app.metadata(scope="openid profile")
    del metadata["client_uri"]
    add_client(idp_app.installation, OPERATOR, REGISTRATION, metadata)
    return app


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def page(request: pytest.FixtureRequest, chromium: Chromium) -> Iterator[Page]:
    context = chromium.new_context(java_script_enabled=request.param)
    page = context.new_page()
    page.set_default_timeout(8_000)
    yield page
    context.close()


def open_authorize(page: Page, idp: IdpApp, app: RelyingParty, **more: str) -> None:
    page.goto(f"{idp.url}/authorize?{urlencode(authorization_request(app, **more))}")


def fill_in(page: Page, person: Person) -> None:
    page.locator("#login").fill(person.username)
    page.locator("#password").fill(PASSWORD)
    page.locator("form:has(#password) button[type=submit]").last.click()


def arrive(page: Page, gateway: Gateway) -> dict[str, str]:
    """What the application was sent before its portal opened."""
    page.wait_for_url(f"{gateway.portal}/**")
    assert gateway.referrers[-1] == ""
    return gateway.received[-1]


@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_a_sign_in_ends_where_the_application_sends_it(
    idp_app: IdpApp, gateway: Gateway, application: RelyingParty, page: Page, mode: str
) -> None:
    open_authorize(page, idp_app, application, response_mode=mode)
    fill_in(page, idp_app.person())
    if mode == "form_post" and not _scripts_run(page):
        page.locator("form[data-auto-submit] button").click()
    received = arrive(page, gateway)
    assert received["code"] and received["state"] == "trạng-thái"
    # Back leads past the page that handed over: to the form, without a question of the browser.
    if mode == "query":
        page.go_back()
        assert page.url.startswith(idp_app.url), page.url
        assert page.locator("h1").count() == 1


def test_who_is_signed_in_is_redirected_without_a_page(
    idp_app: IdpApp, gateway: Gateway, application: RelyingParty, page: Page
) -> None:
    open_authorize(page, idp_app, application)
    fill_in(page, idp_app.person())
    arrive(page, gateway)
    seen: list[str] = []
    page.on("framenavigated", lambda frame: seen.append(frame.url))
    open_authorize(page, idp_app, application)
    arrive(page, gateway)
    assert len(seen) == 1, seen


def test_an_error_the_application_is_told_about_arrives(
    idp_app: IdpApp, gateway: Gateway, application: RelyingParty, page: Page
) -> None:
    expected = idp_app.person()
    hint = _id_token(idp_app, application, expected)
    open_authorize(page, idp_app, application, id_token_hint=hint)
    fill_in(page, idp_app.person())  # somebody else
    assert arrive(page, gateway)["error"] == "login_required"


def _sign_out_url(idp: IdpApp, app: RelyingParty, hint: str) -> str:
    query = {
        "id_token_hint": hint,
        "post_logout_redirect_uri": app.after_logout_uri,
        "state": "s ộ",
    }
    return f"{idp.url}/logout?{urlencode(query)}"


def _id_token(idp: IdpApp, app: RelyingParty, person: Person) -> str:
    """Of a session of the same person in another browser: one that is over here."""
    return str(app.tokens(idp.browser(), person)["id_token"])


def test_a_confirmed_sign_out_ends_where_the_application_sends_it(
    idp_app: IdpApp, gateway: Gateway, application: RelyingParty, page: Page
) -> None:
    person = idp_app.person()
    open_authorize(page, idp_app, application)
    fill_in(page, person)
    arrive(page, gateway)
    page.goto(_sign_out_url(idp_app, application, _id_token(idp_app, application, person)))
    page.locator("button[name=confirm]").click()
    assert arrive(page, gateway) == {"b": " ", "state": "s ộ"}


def test_the_page_that_hands_over_is_readable_where_refreshes_are_blocked(
    idp_app: IdpApp, gateway: Gateway, application: RelyingParty, chromium: Chromium
) -> None:
    context: BrowserContext = chromium.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    # As a browser that was told not to follow refreshes: a 204 leaves it on the page.
    blocked: list[str] = []

    def block(route: Route) -> None:
        blocked.append(route.request.url)
        route.fulfill(status=204)

    page.route(f"{gateway.base}/**", block)
    open_authorize(page, idp_app, application)
    fill_in(page, idp_app.person())
    link = page.get_by_role("link", name="Tiếp tục đến Cổng nội bộ")
    box = link.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 360 and box["y"] < 740
    while not blocked:  # a refresh that comes late would take the page away before the click
        page.wait_for_timeout(50)
    page.unroute(f"{gateway.base}/**")
    link.click()
    assert arrive(page, gateway)["code"]
    context.close()


def _scripts_run(page: Page) -> bool:
    try:
        page.wait_for_url("http://127.0.0.8:*/**", timeout=3_000)
    except Exception:
        return False
    return True
