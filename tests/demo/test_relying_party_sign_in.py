"""A demo application believes its provider's right answer and refuses each wrong one."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from joserfc.jwk import ECKey

from document.application import create as create_document
from relying_party import provider as provider_module
from tests.demo.application_browser import (
    DOCUMENT,
    Visitor,
    environment,
    reached,
    sign_in_as,
)
from tests.demo.foreign_issuer import LOGOUT_EVENT, Claims, ForeignIssuer
from tests.support.browser import Browser

OTHER_KEY = ECKey.generate_key("P-256", {"kid": "es-1"})
UNKNOWN_KEY = ECKey.generate_key("P-256", {"kid": "unknown"})


def test_the_authorization_request_has_everything_it_needs(visitor: Visitor) -> None:
    asked = parse_qs(urlsplit(visitor.authorization_request()).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert len(asked["state"][0]) >= 20 and len(asked["nonce"][0]) >= 20
    assert asked["scope"] == ["openid profile email org roles"]
    assert asked["redirect_uri"] == [f"{DOCUMENT.base_url}/callback"]


def test_sign_in_opens_the_application(visitor: Visitor) -> None:
    answer = visitor.sign_in()
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("quan-ly-van-ban-session=")
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
    page = visitor.browser.open("/")
    assert page.status_code == 200
    assert "Nguyễn Thị Văn Thư" in page.text and "Văn thư tại STTTT" in page.text


def test_cookies_are_pinned_to_the_host_over_https(issuer: ForeignIssuer, tmp_path: Path) -> None:
    settings = environment(issuer, DOCUMENT, tmp_path, DEMO_BASE_URL="https://127.0.0.2:8404")
    app = reached(create_document(settings), DOCUMENT)
    answer = Browser("https://127.0.0.2:8404", app=app).get("/dang-nhap")
    assert answer.headers["Set-Cookie"].startswith("__Host-quan-ly-van-ban-session=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in answer.headers


def test_the_session_id_changes_at_sign_in_and_the_old_one_is_dead(visitor: Visitor) -> None:
    answer = visitor.authorization_answer()
    before = visitor.browser.http.cookies.get("quan-ly-van-ban-session")
    visitor.call_back(answer)
    after = visitor.browser.http.cookies.get("quan-ly-van-ban-session")
    assert before and after and before != after
    thief = Visitor(visitor.app)
    thief.browser.http.cookies.set("quan-ly-van-ban-session", before, domain="127.0.0.2", path="/")
    assert not thief.is_signed_in()


def test_the_database_holds_no_session_id(visitor: Visitor, tmp_path: Path) -> None:
    visitor.sign_in()
    cookie = visitor.browser.http.cookies.get("quan-ly-van-ban-session")
    assert cookie
    with sqlite3.connect(tmp_path / "quan-ly-van-ban.db") as connection:
        rows = connection.execute("SELECT * FROM session").fetchall()
    assert len(rows) == 1 and cookie not in repr(rows)


Forge = Callable[[ForeignIssuer, Claims], str | None]


def with_claims(**changed: Any) -> Forge:
    def forge(issuer: ForeignIssuer, claims: Claims) -> str:
        merged = {**claims, **changed}
        return issuer.sign({name: value for name, value in merged.items() if value is not None})

    return forge


BAD_ID_TOKENS: dict[str, Forge] = {
    "other nonce": with_claims(nonce="somebody-else's"),
    "no nonce": with_claims(nonce=None),
    "other aud": with_claims(aud="mot-cua-dien-tu"),
    "other aud, azp is us": with_claims(aud="mot-cua-dien-tu", azp=DOCUMENT.client_id),
    "one aud too many": with_claims(aud=[DOCUMENT.client_id, "x"], azp=DOCUMENT.client_id),
    "no aud": with_claims(aud=None),
    "other iss": with_claims(iss="http://localhost:1"),
    "no iss": with_claims(iss=None),
    "no sub": with_claims(sub=None),
    "expired": lambda i, c: i.sign({**c, "iat": time.time() - 999, "exp": time.time() - 600}),
    "no exp": with_claims(exp=None),
    "from the future": lambda i, c: i.sign({**c, "iat": int(time.time()) + 900}),
    "alg none": lambda i, c: i.unsigned(c),
    "HS256 under the public key": lambda i, c: i.sign_with_secret(c, i.key.as_pem(private=False)),
    "HS256 under the client secret": lambda i, c: i.sign_with_secret(c, DOCUMENT.secret.encode()),
    "RS256, though the key is published": lambda i, c: i.sign(c, i.rsa_key, alg="RS256"),
    "another key under our kid": lambda i, c: i.sign(c, OTHER_KEY),
    "a key in the header": lambda i, c: i.sign(c, OTHER_KEY, jwk=OTHER_KEY.as_dict(private=False)),
    "unknown kid": lambda i, c: i.sign(c, UNKNOWN_KEY),
    "missing": lambda i, c: None,
    "empty": lambda i, c: "",
    "not a token": lambda i, c: "a.b",
    "a logout token": lambda i, c: i.sign(
        i.logout_claims(c["aud"], sub=c["sub"], sid=c["sid"]), typ="logout+jwt"
    ),
    "a logout event with our nonce but no exp": with_claims(events={LOGOUT_EVENT: {}}, exp=None),
}


def test_a_header_parameter_without_a_meaning_here_is_ignored(
    visitor: Visitor, issuer: ForeignIssuer
) -> None:
    """RFC 7515 section 4."""
    extra = {"x5t": "AAAA", "x5t#S256": "AAAA", "vn.gov": 1}
    issuer.mint = lambda claims: issuer.sign(claims, **extra)
    visitor.sign_in()
    assert visitor.is_signed_in()


@pytest.mark.parametrize("forge", BAD_ID_TOKENS.values(), ids=BAD_ID_TOKENS.keys())
def test_a_bad_id_token_signs_nobody_in(
    visitor: Visitor, issuer: ForeignIssuer, forge: Forge
) -> None:
    issuer.mint = lambda claims: forge(issuer, claims)
    answer = visitor.call_back(visitor.authorization_answer())
    assert answer.status_code == 400, answer.text
    assert "không còn hiệu lực" in answer.text
    assert not visitor.is_signed_in()
    issuer.behave()
    visitor.sign_in()
    assert visitor.is_signed_in()


def test_userinfo_of_somebody_else_is_refused(visitor: Visitor, issuer: ForeignIssuer) -> None:
    issuer.userinfo_claims = lambda _claims: issuer.people["lanhdao"]
    assert visitor.call_back(visitor.authorization_answer()).status_code == 400
    assert not visitor.is_signed_in()


BAD_ANSWERS: dict[str, dict[str, str | None]] = {
    "no iss": {"iss": None},
    "other iss": {"iss": "http://localhost:1"},
    "other state": {"state": "x" * 30},
    "no state": {"state": None},
    "no code": {"code": None},
    "foreign code": {"code": "never-issued"},
    "an error without iss": {"iss": None, "error": "access_denied"},
}


@pytest.mark.parametrize("changed", BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
def test_a_bad_authorization_answer_signs_nobody_in(
    visitor: Visitor, changed: dict[str, str | None]
) -> None:
    right: dict[str, str | None] = {**visitor.authorization_answer()}
    answer = {name: value for name, value in {**right, **changed}.items() if value is not None}
    assert visitor.call_back(answer).status_code == 400
    assert not visitor.is_signed_in()


@pytest.mark.parametrize("name", ["code", "state", "iss"])
def test_a_parameter_sent_twice_is_refused(visitor: Visitor, name: str) -> None:
    answer = visitor.authorization_answer()
    pairs = [*answer.items(), (name, answer[name])]
    assert visitor.browser.get("/callback?" + urlencode(pairs)).status_code == 400
    assert not visitor.is_signed_in()


def test_an_answer_works_once(visitor: Visitor) -> None:
    answer = visitor.authorization_answer()
    assert visitor.call_back(answer).status_code == 302
    again = visitor.call_back(answer)  # back button, or the address opened once more
    assert (again.status_code, again.headers["Location"]) == (302, "/"), (
        "which leads on, as after signing in"
    )
    assert visitor.browser.get("/").headers["Location"] == "/van-ban"
    assert visitor.is_signed_in(), "a replay must not disturb who is signed in"
    visitor.browser.http.cookies.clear()
    assert visitor.call_back(answer).status_code == 400
    assert not visitor.is_signed_in()


def test_a_state_is_used_up_by_a_wrong_answer_too(visitor: Visitor) -> None:
    answer = visitor.authorization_answer()
    assert visitor.call_back({**answer, "iss": "http://localhost:1"}).status_code == 400
    assert visitor.call_back(answer).status_code == 400


def test_an_answer_belongs_to_the_browser_that_asked(visitor: Visitor) -> None:
    answer = visitor.authorization_answer()
    victim = Visitor(visitor.app)
    assert victim.call_back(answer).status_code == 400
    victim.browser.get("/dang-nhap")
    assert victim.call_back(answer).status_code == 400
    assert not victim.is_signed_in()


def test_whoever_is_turned_away_by_the_provider_learns_why(
    visitor: Visitor, issuer: ForeignIssuer
) -> None:
    answer = visitor.authorization_answer()
    page = visitor.call_back(
        {
            "state": answer["state"],
            "iss": issuer.url,
            "error": "access_denied",
            "error_description": "<b>",
        }
    )
    assert page.status_code == 403
    assert "chưa được vào ứng dụng này" in page.text and "<b>" not in page.text


@pytest.mark.parametrize(
    ("asked", "landed"),
    [
        ("/van-ban/1", "/van-ban/1"),
        ("/van-ban", "/van-ban"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/%09/evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/van-ban\n", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_sign_in_returns_only_into_the_application(
    visitor: Visitor, asked: str, landed: str
) -> None:
    target = visitor.browser.get("/dang-nhap", ve=asked)
    assert target.headers["Location"].startswith("http://localhost:")
    assert (
        visitor.sign_in(f"/dang-nhap?ve={asked}".replace("\n", "%0A")).headers["Location"] == landed
    )
    again = visitor.browser.get("/dang-nhap", ve=asked)
    assert again.headers["Location"] == landed


def test_a_page_asked_for_before_sign_in_is_kept(visitor: Visitor) -> None:
    turned_away = visitor.browser.get("/van-ban/1")
    assert turned_away.status_code == 303
    page = visitor.browser.get(turned_away.headers["Location"])
    assert (
        "Đăng nhập bằng tài khoản tỉnh" in page.text and "phiên làm việc đã kết thúc" in page.text
    )
    assert 'href="/dang-nhap?ve=/van-ban/1"' in page.text


def test_the_application_runs_while_the_provider_does_not(
    issuer: ForeignIssuer, tmp_path: Path
) -> None:
    issuer.stop()
    try:
        app = create_document(environment(issuer, DOCUMENT, tmp_path))
        visitor = Visitor(reached(app, DOCUMENT))
        assert visitor.browser.get("/healthz").status_code == 200
        assert visitor.browser.get("/").status_code == 200
        page = visitor.browser.get("/dang-nhap")
        assert page.status_code == 503 and page.headers["Retry-After"]
        assert "Chưa kết nối được với trang đăng nhập của tỉnh" in page.text
        assert visitor.post_logout_token("a.b.c").status_code == 503
    finally:
        issuer.start()
    visitor.sign_in()
    assert visitor.is_signed_in()


def test_a_provider_that_vanishes_during_sign_in_is_said_to_be_away(
    visitor: Visitor, issuer: ForeignIssuer
) -> None:
    answer = visitor.authorization_answer()
    issuer.stop()
    try:
        assert visitor.call_back(answer).status_code == 503
        assert not visitor.is_signed_in()
    finally:
        issuer.start()


def test_metadata_of_another_issuer_is_not_used(visitor: Visitor, issuer: ForeignIssuer) -> None:
    issuer.metadata_claims = {"issuer": "http://evil.example"}
    assert visitor.browser.get("/dang-nhap").status_code == 503
    issuer.behave()
    visitor.sign_in()


def test_a_new_signing_key_is_found_and_an_old_one_forgotten(
    visitor: Visitor, issuer: ForeignIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.sign_in()
    old = issuer.key
    try:
        issuer.key = ECKey.generate_key("P-256", {"kid": "es-2", "use": "sig", "alg": "ES256"})
        monkeypatch.setattr(provider_module, "KEYS_ASKED_AT_MOST_EVERY_S", 0)
        second = Visitor(visitor.app)
        second.sign_in()
        issuer.mint = lambda claims: issuer.sign(claims, old)
        third = Visitor(visitor.app)
        assert third.call_back(third.authorization_answer()).status_code == 400
    finally:
        issuer.key = old


def test_unknown_keys_do_not_make_us_ask_the_provider_each_time(
    document_app: Flask, issuer: ForeignIssuer
) -> None:
    visitor = sign_in_as(document_app, issuer, "vanthu")
    served = issuer.keys_served
    for _ in range(10):
        token = issuer.sign(issuer.logout_claims(DOCUMENT.client_id, sid="s"), UNKNOWN_KEY)
        assert visitor.post_logout_token(token).status_code == 400
    assert issuer.keys_served <= served + 1


def test_each_tab_goes_back_to_where_it_came_from(visitor: Visitor) -> None:
    paths = ["/van-ban/1", "/van-ban", "/"]
    answers = [visitor.authorization_answer(f"/dang-nhap?ve={path}") for path in paths]
    # Whichever tab finishes first; the others find the person signed in.
    for path, answer in zip(reversed(paths), reversed(answers), strict=True):
        assert visitor.call_back(answer).headers["Location"] == path
    assert visitor.call_back(answers[0] | {"state": "nobody's"}).headers["Location"] == "/"
