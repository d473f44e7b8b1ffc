"""Security headers stand on every response, whatever became of the request."""

from __future__ import annotations

import html
import re

import pytest

from tests.web.application import HTTPS, application

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
    client = application().test_client()
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
    response = application().test_client().get("/", headers={"Host": "evil.example"})
    assert response.status_code == 421
    assert response.headers["Content-Security-Policy"] == POLICY


def test_static_files_carry_the_headers_and_may_be_kept() -> None:
    client = application().test_client()
    page = client.get("/").get_data(as_text=True)
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    response = client.get(address)
    assert response.headers["Content-Security-Policy"] == POLICY
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"


def test_a_static_file_of_the_previous_version_is_served_but_not_kept() -> None:
    response = application().test_client().get("/assets/000000000000/kit.css")
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"


def test_https_is_demanded_for_a_year_where_there_is_https() -> None:
    client = application(HTTPS).test_client()
    response = client.get("/", headers={"Host": "sso.binhduong.gov.vn"})
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_page_with_a_secret_in_its_url_sends_no_referrer() -> None:
    response = application().test_client().get("/secret-in-url")
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Content-Security-Policy"] == POLICY


def test_only_a_form_that_ends_at_an_application_may_go_anywhere() -> None:
    """Not even its origin is named: browsers hold form-action against every hop after the POST."""
    response = application().test_client().get("/pages/form-post")
    policy = response.headers["Content-Security-Policy"]
    assert policy == POLICY.replace("form-action 'self'; ", "")


HOSTILE_TARGETS = [
    "https://app.example/cb?a&b=%20&x=[1]",
    "http://127.0.0.1:99999/cb",
    "http://127.0.0.1:/cb",
    "vn.gov.binhduong.app:/callback",
    "https://app.example/cb?q='\"><script>",
]


@pytest.mark.parametrize("url", HOSTILE_TARGETS)
def test_the_way_out_keeps_every_byte_and_a_post_never_redirects(url: str) -> None:
    client = application().test_client()
    redirect = client.get("/leave", query_string={"to": url})
    assert (redirect.status_code, redirect.headers["Location"]) == (303, url)
    assert redirect.headers["Cache-Control"] == "no-store"
    page = client.post("/leave", data={"to": url})
    assert (page.status_code, page.headers.get("Location")) == (200, None)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Content-Security-Policy"] == POLICY
    refresh = re.search(r'<meta http-equiv="refresh" content="0; url=([^"]*)">', page.text)
    links = re.findall(r'<a class="button[^>]*href="([^"]*)"', page.text)
    assert refresh and [html.unescape(refresh[1]), *map(html.unescape, links)] == [url, url]
