"""Every unsafe request needs the form token of its own browser, unless its endpoint is exempt."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.web.application import HTTP, HTTPS, application
from web import csrf

pytestmark = pytest.mark.without_sql


def _with_token(client: FlaskClient, **headers: str) -> str:
    page = client.get("/pages/sign-in", headers=headers).get_data(as_text=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_form_with_its_token_is_accepted(method: str) -> None:
    client = application().test_client()
    data = {"csrf_token": _with_token(client), "word": "xin chào"}
    response = client.open("/echo", method=method, data=data)
    assert response.get_data(as_text=True) == f"{method} xin chào"


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "á" * 20])
def test_a_form_without_its_token_is_refused_and_the_person_kept_going(token: str) -> None:
    client = application().test_client()
    _with_token(client)
    response = client.post("/echo?step=2", data={"csrf_token": token})
    page = response.get_data(as_text=True)
    assert response.status_code == 403
    assert "Trang đã mở quá lâu" in page
    assert 'href="/echo?step=2"' in page


def test_the_token_of_another_browser_is_refused() -> None:
    app = application()
    token = _with_token(app.test_client())
    victim = app.test_client()
    _with_token(victim)
    assert victim.post("/echo", data={"csrf_token": token}).status_code == 403


def test_a_token_in_the_query_does_not_count() -> None:
    client = application().test_client()
    token = _with_token(client)
    assert client.post(f"/echo?csrf_token={token}").status_code == 403


def test_a_browser_without_cookies_is_told_so() -> None:
    client = application().test_client(use_cookies=False)
    response = client.post("/echo", data={"csrf_token": "x"})
    assert response.status_code == 403
    assert "cookie" in response.get_data(as_text=True)


ORIGINS = {
    "absent": None,
    "empty": "",
    "null": "null",
    "own": HTTP,
    "own, upper case": HTTP.upper(),
    "foreign": "https://evil.example",
    "other port": "http://localhost:8401",
    "other scheme": HTTP.replace("http:", "https:"),
}
SITES = (None, "none", "same-origin", "same-site", "cross-site", "from-the-future", "")
FOREIGN_ORIGINS = {"foreign", "other port", "other scheme"}
FOREIGN_SITES = {"same-site", "cross-site"}


def _headers(origin: str | None, site: str | None) -> dict[str, str]:
    sent = {"Origin": origin, "Sec-Fetch-Site": site}
    return {name: value for name, value in sent.items() if value is not None}


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("origin", ORIGINS)
def test_who_says_nothing_is_unknown_and_the_token_decides(origin: str, site: str | None) -> None:
    """Only what names another site is foreign, then no token helps. Pages with `no-referrer` send
    `Origin: null` on their own forms, and Safari before 16.4 knows no Sec-Fetch-Site."""
    app = application()
    client, stranger = app.test_client(), app.test_client()
    headers = _headers(ORIGINS[origin], site)
    is_foreign = origin in FOREIGN_ORIGINS or site in FOREIGN_SITES
    tokens = {"right": _with_token(client), "another's": _with_token(stranger), "none": ""}
    for name, token in tokens.items():
        answer = client.post("/echo", data={"csrf_token": token}, headers=headers)
        allowed = name == "right" and not is_foreign
        assert answer.status_code == (200 if allowed else 403), (origin, site, name)
        if is_foreign:
            assert "trang web khác" in answer.text


def test_an_exempt_endpoint_asks_for_no_token() -> None:
    client = application().test_client(use_cookies=False)
    response = client.post("/token", headers={"Sec-Fetch-Site": "cross-site", "Origin": "null"})
    assert response.status_code == 200


def test_reading_needs_no_token_and_an_unknown_address_stays_unknown() -> None:
    client = application().test_client()
    assert client.get("/echo", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200
    assert client.post("/nowhere").status_code == 404


@pytest.mark.parametrize(
    ("issuer", "host", "start", "secure"),
    [
        (HTTP, "localhost:8400", "dm_browser=", False),
        (HTTPS, "sso.binhduong.gov.vn", "__Host-dm_browser=", True),
    ],
)
def test_the_browser_cookie_is_bound_to_our_host(
    issuer: str, host: str, start: str, secure: bool
) -> None:
    response = application(issuer).test_client().get("/pages/sign-in", headers={"Host": host})
    (cookie,) = response.headers.getlist("Set-Cookie")
    assert cookie.startswith(start)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert ("Secure" in cookie) is secure


def test_the_browser_keeps_its_id_and_a_page_without_a_form_sets_none() -> None:
    client = application().test_client()
    assert "Set-Cookie" not in client.get("/pages/help").headers
    first, second = _with_token(client), _with_token(client)
    assert first == second
    assert "Set-Cookie" not in client.get("/pages/sign-in").headers


@pytest.mark.parametrize("sent", ["", "short", "x" * 44, "é" * 43, "a" * 42 + ";"])
def test_an_id_that_we_did_not_make_is_replaced(sent: str) -> None:
    app = application()
    with app.test_request_context("/", headers={"Cookie": f"dm_browser={sent}"}):
        assert csrf.known_browser_id() == ""
        assert re.fullmatch(r"[\w-]{43}", csrf.browser_id())


def test_a_token_for_one_purpose_is_none_for_another() -> None:
    app = application()
    with app.test_request_context("/", headers={"Cookie": f"dm_browser={'a' * 43}"}):
        assert csrf.is_valid(csrf.form_token("sign-out"), "sign-out")
        assert not csrf.is_valid(csrf.form_token("sign-out"), "form")
