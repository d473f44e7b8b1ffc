"""Applications that live in a browser: their pages read what they call, and nobody else's do."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
import requests
from playwright.sync_api import Browser

from idp.clients.service import Registered, disable_client
from idp.oidc import cors
from idp.oidc.cors import origin_of
from tests.support.installation import OPERATOR
from tests.support.oidc_installation import OidcInstallation, Province

pytestmark = pytest.mark.only_on_sqlite("which page or answer comes is no question of the store")

ALLOWED = "https://lich.binhduong.gov.vn"
READABLE = ("/token", "/userinfo", "/revoke")


@pytest.fixture(scope="module")
def clients(served: OidcInstallation, province: Province) -> dict[str, Registered]:
    """Applications of every sort, each with an origin of its own."""
    public = {"token_endpoint_auth_method": "none"}

    def add(uri: str, **more: Any) -> Registered:
        return served.add_client(uri, redirect_uris=[uri], **more)

    made = {
        "public web": add(f"{ALLOWED}/cb", **public),
        "default port": add("https://cong.binhduong.gov.vn:443/a/b?c", **public),
        "IPv6": add("http://[::1]:8080/cb", **public),
        "confidential": add("https://bi-mat.binhduong.gov.vn/cb"),
        "native": add("http://127.0.0.1:7000/cb", application_type="native", **public),
        "disabled": add("https://da-ngung.binhduong.gov.vn/cb", **public),
    }
    disable_client(served.installation, OPERATOR, made["disabled"].client.id, "kiểm thử")
    cors._held.clear()
    return made


ORIGINS = {
    ALLOWED: True,
    "https://cong.binhduong.gov.vn": True,
    "http://[::1]:8080": True,
    "https://bi-mat.binhduong.gov.vn": False,
    "http://127.0.0.1:7000": False,
    "https://da-ngung.binhduong.gov.vn": False,
    "null": False,
    "": False,
    "*": False,
    ALLOWED.upper(): False,
    ALLOWED + "/": False,
    ALLOWED + ":443": False,
    ALLOWED + ".evil.example": False,
    ALLOWED.replace("https", "http"): False,
    "https://evil.example": False,
    "https://x." + ALLOWED.removeprefix("https://"): False,
    "https://" + "a" * 5000: False,
}


def _shown(answer: requests.Response) -> bool:
    """Whether a page of that origin may read the answer; never one with credentials."""
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]
    sent = answer.request.headers.get("Origin")
    told = answer.headers.get("Access-Control-Allow-Origin")
    assert told in (None, sent)
    return told is not None


@pytest.mark.parametrize("origin", ORIGINS, ids=lambda o: o[:40])
@pytest.mark.parametrize("path", READABLE)
def test_the_origins_of_public_web_applications_and_no_others_may_read(
    served: OidcInstallation, clients: dict[str, Registered], path: str, origin: str
) -> None:
    assert clients
    head = {"Origin": origin}
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x"}
    preflight = requests.options(served.url + path, headers=head | asks, timeout=10)
    assert preflight.status_code == 200
    assert _shown(preflight) is ORIGINS[origin]
    if ORIGINS[origin]:
        assert preflight.headers["Access-Control-Allow-Methods"] == "GET, POST"
        assert preflight.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type"
    # A refusal is an answer too: the page must be able to read why.
    assert _shown(served.post(path, {"token": "x"}, headers=head)) is ORIGINS[origin]
    assert _shown(served.post(path, "{}", headers=head)) is ORIGINS[origin]


@pytest.mark.parametrize("path", ["/introspect", "/authorize", "/logout", "/dang-nhap", "/"])
def test_no_other_address_can_be_read_from_elsewhere(
    served: OidcInstallation, clients: dict[str, Registered], path: str
) -> None:
    assert clients
    head = {"Origin": ALLOWED}
    asks = {"Access-Control-Request-Method": "POST"}
    for answer in (
        requests.options(served.url + path, headers=head | asks, timeout=10),
        requests.get(served.url + path, headers=head, timeout=10, allow_redirects=False),
    ):
        assert not [name for name in answer.headers if name.startswith("Access-Control")]


def test_an_origin_counts_a_few_seconds_after_its_registration_and_no_longer(
    served: OidcInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def may_read() -> bool:
        head = {"Origin": "https://moi.binhduong.gov.vn"}
        return "Access-Control-Allow-Origin" in served.post("/token", {}, headers=head).headers

    monkeypatch.setattr(cors, "FRESH_S", 0.3)
    assert not may_read()
    uris = ["https://moi.binhduong.gov.vn/cb"]
    app = served.add_client("Mới", redirect_uris=uris, token_endpoint_auth_method="none")
    time.sleep(0.35)
    assert may_read()
    disable_client(served.installation, OPERATOR, app.client.id, "kiểm thử")
    time.sleep(0.35)
    assert not may_read()


def test_an_origin_is_written_as_browsers_write_it() -> None:
    assert origin_of("https://a.vn:443/x:80") == "https://a.vn"
    assert origin_of("https://a.vn:4430/x") == "https://a.vn:4430"
    assert origin_of("http://a.vn:80?x") == "http://a.vn"
    assert origin_of("http://[2001:db8::443]/") == "http://[2001:db8::443]"


def test_without_an_origin_no_statement_more_is_needed(
    served: OidcInstallation, province: Province
) -> None:
    token = served.tokens(province.client, province.an)["access_token"]
    cors._held.clear()
    with served.statements() as seen:
        assert served.userinfo(token).status_code == 200
    assert not [text for text in seen.texts if "FROM client" in text]


# --- a page in a real browser ---------------------------------------------------------------------
_PAGE = """<!doctype html><meta charset="utf-8"><title>Lịch công tác</title><pre id="seen"></pre>
<script type="module">
const issuer = ISSUER, client = CLIENT, here = location.origin + '/cb'
const b64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
  .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
const form = (values) => ({ method: 'POST', body: new URLSearchParams(values) })
const show = (seen) => { document.querySelector('#seen').textContent = JSON.stringify(seen) }
try {
  const answer = new URLSearchParams(location.search)
  if (!answer.has('code')) {
    const verifier = b64(crypto.getRandomValues(new Uint8Array(48)))
    sessionStorage.verifier = verifier
    const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
    location.assign(issuer + '/authorize?' + new URLSearchParams({ response_type: 'code',
      client_id: client, redirect_uri: here, scope: 'openid profile', state: 's',
      code_challenge: b64(hash), code_challenge_method: 'S256' }))
  } else {
    const code = { grant_type: 'authorization_code', code: answer.get('code'), client_id: client,
      redirect_uri: here, code_verifier: sessionStorage.verifier }
    const token = await (await fetch(issuer + '/token', form(code))).json()
    const bearer = { headers: { authorization: 'Bearer ' + token.access_token } }
    const about = await (await fetch(issuer + '/userinfo', bearer)).json()
    const again = await fetch(issuer + '/token', form(code))
    const back = { token: token.access_token, client_id: client }
    const revoked = await fetch(issuer + '/revoke', form(back))
    const after = await fetch(issuer + '/userinfo', bearer)
    const withCookies = await fetch(issuer + '/userinfo', { ...bearer, credentials: 'include' })
      .then(() => 'read', () => 'refused')
    show({ about, again: (await again.json()).error, revoked: revoked.status,
      after: after.status, challenge: after.headers.get('www-authenticate'), withCookies })
  }
} catch (error) { show({ failure: String(error) }) }
</script>"""


class _Application(http.server.BaseHTTPRequestHandler):
    page: ClassVar[bytes] = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(self.page)))
        self.end_headers()
        self.wfile.write(self.page)

    def log_message(self, *_args: object) -> None:
        return


@pytest.fixture
def origin(served: OidcInstallation) -> Iterator[str]:
    """A browser application served on a host of its own."""
    server = http.server.ThreadingHTTPServer(("127.0.0.6", 0), _Application)
    url = f"http://127.0.0.6:{server.server_port}"
    app = served.add_client("Lịch", redirect_uris=[f"{url}/cb"], token_endpoint_auth_method="none")
    page = _PAGE.replace("ISSUER", json.dumps(served.issuer))
    _Application.page = page.replace("CLIENT", json.dumps(app.client.id)).encode()
    cors._held.clear()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield url
    server.shutdown()
    server.server_close()


def test_a_page_in_a_browser_redeems_a_code_and_reads_userinfo(
    served: OidcInstallation, province: Province, chromium: Browser, origin: str
) -> None:
    context = chromium.new_context()
    session = served.sign_in(province.an)
    context.add_cookies([{"name": "dm_session", "value": session, "url": served.issuer}])
    page = context.new_page()
    page.goto(f"{origin}/cb")
    page.wait_for_function("document.querySelector('#seen').textContent !== ''", timeout=15_000)
    seen = json.loads(page.locator("#seen").inner_text())
    context.close()
    assert "failure" not in seen, seen
    assert seen["about"]["name"] == province.an.full_name
    assert seen["again"] == "invalid_grant"
    assert (seen["revoked"], seen["after"]) == (200, 401)
    assert seen["challenge"].startswith("Bearer ")
    assert seen["withCookies"] == "refused"
