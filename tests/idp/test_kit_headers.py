"""Security headers stand on every response, whatever became of the request."""

from __future__ import annotations

import pytest
from flask import g

from idp.kit.headers import allow_form_action
from tests.idp.kit_application import HTTPS, make_application

pytestmark = pytest.mark.without_sql

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; "
    "require-trusted-types-for 'script'; trusted-types kit-fragment"
)

REQUESTS = [
    ("GET", "/", 200),
    ("GET", "/pages/sign-in", 200),
    ("GET", "/nowhere", 404),
    ("DELETE", "/", 405),
    ("TRACE", "/echo", 405),
    ("GET", "/fail/invalid", 400),
    ("GET", "/fail/crash", 500),
    ("GET", "/fail/too-many", 429),
    ("GET", "/fail/unavailable", 503),
    ("POST", "/echo", 403),
    ("POST", "/token", 200),
    ("OPTIONS", "/token", 200),
    ("GET", "/pages/%00", 400),
    ("GET", "/?q=" + "a" * 17000, 414),
    ("GET", "/assets/0/nothing.css", 404),
    ("GET", "/healthz", 200),
]


@pytest.mark.parametrize(("method", "path", "status"), REQUESTS)
def test_every_response_carries_the_headers(method: str, path: str, status: int) -> None:
    client = make_application().test_client()
    response = client.open(path, method=method)
    assert response.status_code == status
    headers = response.headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "publickey-credentials-get=(self)" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert len(headers["X-Request-Id"]) == 36
    assert "Server" not in headers
    assert "Strict-Transport-Security" not in headers


def test_a_foreign_host_gets_the_headers_too() -> None:
    response = make_application().test_client().get("/", headers={"Host": "evil.example"})
    assert response.status_code == 421
    assert response.headers["Content-Security-Policy"] == POLICY


def test_static_files_carry_the_headers_and_may_be_kept() -> None:
    client = make_application().test_client()
    page = client.get("/").get_data(as_text=True)
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    response = client.get(address)
    assert response.headers["Content-Security-Policy"] == POLICY
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"


def test_a_static_file_of_the_previous_version_is_served_but_not_kept() -> None:
    response = make_application().test_client().get("/assets/000000000000/kit.css")
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"


def test_https_is_demanded_for_a_year_where_there_is_https() -> None:
    client = make_application(HTTPS).test_client()
    response = client.get("/", headers={"Host": "sso.binhduong.gov.vn"})
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_page_with_a_secret_in_its_url_sends_no_referrer_and_may_hand_back() -> None:
    response = make_application().test_client().get("/secret-in-url")
    assert response.headers["Referrer-Policy"] == "no-referrer"
    policy = response.headers["Content-Security-Policy"]
    assert "form-action 'self' https://app.example.vn;" in policy


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        ("http://127.0.0.2:8404/callback", "http://127.0.0.2:8404"),
        ("https://[2001:db8::1]:8443/cb", "https://[2001:db8::1]:8443"),
        ("vn.gov.binhduong.app:/callback", "vn.gov.binhduong.app:"),
        ("https://user:password@app.example/cb", ""),
        ("https://app.example;script-src *", ""),
        ("https://app.example 'unsafe-inline'/", ""),
        ("https://*/cb", ""),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//app.example/cb", ""),
        ("https://[broken/cb", ""),
        ("", ""),
    ],
)
def test_form_action_takes_one_clean_origin_or_nothing(uri: str, source: str) -> None:
    app = make_application()
    with app.test_request_context("/"):
        allow_form_action(uri)
        assert g.get("form_action_origins", ()) == ((source,) if source else ())
