"""Logout in both directions; a logout token is believed only when every part of it is right."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from joserfc.jwk import ECKey
from markupsafe import escape

from relying_party.errors import SignInRefused
from relying_party.sessions import SCHEMA, SessionTable, SignIn
from relying_party.store import Store
from tests.demo.application_browser import DOCUMENT, Visitor, sign_in_as
from tests.demo.foreign_issuer import LOGOUT_EVENT, ForeignIssuer, raw_signature
from tests.support.browser import next_url

OTHER_KEY = ECKey.generate_key("P-256", {"kid": "es-1"})

Forge = Callable[[ForeignIssuer, str], str]


@pytest.fixture
def member(document_app: Flask, issuer: ForeignIssuer) -> Visitor:
    """Văn thư, signed in at the document application."""
    return sign_in_as(document_app, issuer, "vanthu")


def sid_of(app_folder: Path) -> str:
    with sqlite3.connect(app_folder / f"{DOCUMENT.client_id}.db") as connection:
        rows = connection.execute("SELECT sid FROM session WHERE sub IS NOT NULL").fetchall()
    assert len(rows) == 1
    return str(rows[0][0])


def test_a_right_logout_token_ends_the_session_named_by_sid(
    member: Visitor, issuer: ForeignIssuer, tmp_path: Path
) -> None:
    other = sign_in_as(member.app, issuer, "lanhdao")
    with sqlite3.connect(tmp_path / f"{DOCUMENT.client_id}.db") as connection:
        query = "SELECT sid FROM session WHERE sub = 'sub-vanthu'"
        (sid,) = connection.execute(query).fetchone()
    claims = issuer.logout_claims(DOCUMENT.client_id, sid=sid, sub="sub-vanthu")
    answer = member.post_logout_token(issuer.sign(claims, typ="logout+jwt"))
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert not member.is_signed_in()
    assert other.is_signed_in()
    page = member.browser.open("/van-ban")
    assert "phiên làm việc đã kết thúc" in page.text


@pytest.mark.parametrize("named_by", ["sid", "sub"])
@pytest.mark.parametrize("typ", ["logout+jwt", "application/logout+jwt", "JWT", None])
def test_sid_or_sub_alone_is_enough_and_several_types_are_tolerated(
    member: Visitor, issuer: ForeignIssuer, tmp_path: Path, named_by: str, typ: str | None
) -> None:
    named = {"sid": sid_of(tmp_path)} if named_by == "sid" else {"sub": "sub-vanthu"}
    header = {"typ": typ} if typ else {}
    token = issuer.sign(issuer.logout_claims(DOCUMENT.client_id, **named), **header)
    assert member.post_logout_token(token).status_code == 200
    assert not member.is_signed_in()


@pytest.mark.parametrize("name", ["x5t", "x5t#S256", "cty", "vn.gov"])
def test_a_header_parameter_without_a_meaning_here_is_ignored(
    member: Visitor, issuer: ForeignIssuer, tmp_path: Path, name: str
) -> None:
    """RFC 7515 section 4."""
    claims = issuer.logout_claims(DOCUMENT.client_id, sid=sid_of(tmp_path))
    assert member.post_logout_token(issuer.sign(claims, **{name: "JWT"})).status_code == 200
    assert not member.is_signed_in()


def test_sub_ends_all_sessions_of_the_person_and_of_nobody_else(
    member: Visitor, issuer: ForeignIssuer
) -> None:
    second = sign_in_as(member.app, issuer, "vanthu")
    other = sign_in_as(member.app, issuer, "lanhdao")
    token = issuer.sign(issuer.logout_claims(DOCUMENT.client_id, sub="sub-vanthu"))
    assert member.post_logout_token(token).status_code == 200
    assert not member.is_signed_in() and not second.is_signed_in() and other.is_signed_in()


def with_claims(**changed: Any) -> Forge:
    return lambda issuer, sid: issuer.sign(
        issuer.logout_claims(DOCUMENT.client_id, **{"sid": sid, **changed}), typ="logout+jwt"
    )


def with_header(key: Any = None, **header: Any) -> Forge:
    return lambda issuer, sid: issuer.sign(
        issuer.logout_claims(DOCUMENT.client_id, sid=sid), key, **header
    )


def right_claims(issuer: ForeignIssuer, sid: str) -> dict[str, Any]:
    return issuer.logout_claims(DOCUMENT.client_id, sid=sid)


BAD_LOGOUT_TOKENS: dict[str, Forge] = {
    "no iss": with_claims(iss=None),
    "other iss": with_claims(iss="http://localhost:1"),
    "no aud": with_claims(aud=None),
    "other aud": with_claims(aud="mot-cua-dien-tu"),
    "aud that only contains us as text": with_claims(aud=f"x {DOCUMENT.client_id}"),
    "no iat": with_claims(iat=None),
    "iat in the future": with_claims(iat=int(time.time()) + 3600),
    "iat as text": with_claims(iat="now"),
    "no exp": with_claims(exp=None),
    "expired": with_claims(exp=int(time.time()) - 3600),
    "exp as text": with_claims(exp="never"),
    "exp true": with_claims(exp=True),
    "exp beyond all time": with_claims(exp=1e300),
    "no jti": with_claims(jti=None),
    "jti a number": with_claims(jti=7),
    "jti a lone surrogate": lambda i, s: raw_signature(
        i, {}, json.dumps({**right_claims(i, s), "jti": "\ud800"}).encode()
    ),
    "jti empty": with_claims(jti=""),
    "no events": with_claims(events=None),
    "events of another kind": with_claims(events={"http://schemas.example/other": {}}),
    "events a list": with_claims(events=[LOGOUT_EVENT]),
    "event is not an object": with_claims(events={LOGOUT_EVENT: True}),
    "neither sid nor sub": with_claims(sid=None),
    "sid not text": with_claims(sid=["a"]),
    "sub not text": with_claims(sub={"a": 1}),
    "nonce": with_claims(nonce="n"),
    "nonce null": lambda i, s: i.sign({**right_claims(i, s), "nonce": None}),
    "alg none": lambda i, s: i.unsigned(right_claims(i, s)),
    "HS256 under the public key": lambda i, s: i.sign_with_secret(
        right_claims(i, s), i.key.as_pem(private=False)
    ),
    "HS256 under the client secret": lambda i, s: i.sign_with_secret(
        right_claims(i, s), DOCUMENT.secret.encode()
    ),
    "RS256, though the key is published": lambda i, s: i.sign(
        right_claims(i, s), i.rsa_key, alg="RS256"
    ),
    "another key under a known kid": with_header(OTHER_KEY),
    "unknown kid": with_header(kid="unknown"),
    "typ of an access token": with_header(typ="at+jwt"),
    "a key in the header": with_header(OTHER_KEY, jwk=OTHER_KEY.as_dict(private=False)),
    "claims not an object": lambda i, s: raw_signature(i, {}, b"[1]"),
    "claims with NaN": lambda i, s: raw_signature(
        i, {}, json.dumps({**right_claims(i, s), "exp": float("nan")}).encode()
    ),
    "not a token": lambda i, s: "a.b.c",
    "empty": lambda i, s: "",
    "JSON serialisation": lambda i, s: json.dumps({"payload": "e30", "signatures": []}),
}


@pytest.mark.parametrize("forge", BAD_LOGOUT_TOKENS.values(), ids=BAD_LOGOUT_TOKENS.keys())
def test_a_bad_logout_token_ends_nothing(
    member: Visitor, issuer: ForeignIssuer, tmp_path: Path, forge: Forge
) -> None:
    answer = member.post_logout_token(forge(issuer, sid_of(tmp_path)))
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] == "invalid_request"
    assert answer.headers["Cache-Control"] == "no-store"
    assert member.is_signed_in()


def test_a_signature_changed_in_one_character_is_refused(
    member: Visitor, issuer: ForeignIssuer, tmp_path: Path
) -> None:
    token = issuer.sign(right_claims(issuer, sid_of(tmp_path)))
    head, payload, signature = token.split(".")
    flipped = ("B" if signature[0] == "A" else "A") + signature[1:]
    assert member.post_logout_token(f"{head}.{payload}.{flipped}").status_code == 400
    assert member.is_signed_in()


def test_a_logout_token_works_once(member: Visitor, issuer: ForeignIssuer) -> None:
    token = issuer.sign(issuer.logout_claims(DOCUMENT.client_id, sub="sub-vanthu", jti="one"))
    assert member.post_logout_token(token).status_code == 200
    again = member.post_logout_token(token)
    assert again.status_code == 400 and "jti" in again.text


def test_sid_of_another_person_ends_nothing(
    member: Visitor, issuer: ForeignIssuer, tmp_path: Path
) -> None:
    claims = issuer.logout_claims(DOCUMENT.client_id, sid=sid_of(tmp_path), sub="sub-lanhdao")
    assert member.post_logout_token(issuer.sign(claims)).status_code == 200
    assert member.is_signed_in()


@pytest.mark.parametrize("form", [{}, {"logout_token": ["a.b.c", "a.b.c"]}], ids=["none", "two"])
def test_the_endpoint_wants_exactly_one_token(member: Visitor, form: dict[str, Any]) -> None:
    assert Visitor(member.app).browser.post("/backchannel-logout", form).status_code == 400
    assert Visitor(member.app).browser.get("/backchannel-logout").status_code == 405


def test_an_oversized_request_is_refused(member: Visitor) -> None:
    assert member.post_logout_token("a" * 100_000).status_code == 413


def test_a_request_under_way_does_not_revive_an_ended_session(tmp_path: Path) -> None:
    table = SessionTable(Store(tmp_path / "sessions.db", SCHEMA))
    session_id = table.open_signed_in({"a": 1}, SignIn("s", "sid-1", 100), None)
    table.end(session_id)
    assert not table.save(session_id, {"a": 2})
    assert table.find(session_id) is None


def test_a_sign_in_overtaken_by_its_logout_token_opens_no_session(
    visitor: Visitor, issuer: ForeignIssuer
) -> None:
    """The token arrives between the exchange of the code and our own session."""

    def log_out_meanwhile(claims: dict[str, Any]) -> dict[str, Any]:
        (sid,) = issuer.sessions
        token = issuer.sign(issuer.logout_claims(DOCUMENT.client_id, sid=sid))
        assert visitor.post_logout_token(token).status_code == 200
        return claims

    issuer.userinfo_claims = log_out_meanwhile
    assert visitor.call_back(visitor.authorization_answer()).status_code == 400
    assert not visitor.is_signed_in()


def test_a_later_sign_in_under_the_same_sid_is_welcome(tmp_path: Path) -> None:
    store = Store(tmp_path / "sessions.db", SCHEMA)
    table, moment = SessionTable(store), int(time.time())
    with store.write() as connection:
        connection.execute(
            "INSERT INTO logout_token VALUES ('j', 'sid-1', 's', ?, ?)", (moment, moment + 999)
        )
    with pytest.raises(SignInRefused):
        table.open_signed_in({}, SignIn("s", "sid-1", moment), None)
    assert table.open_signed_in({}, SignIn("s", "sid-1", moment + 1), None)


def test_sessions_end_by_themselves(
    member: Visitor, monkeypatch: pytest.MonkeyPatch, issuer: ForeignIssuer
) -> None:
    moment = int(time.time())
    monkeypatch.setattr("relying_party.sessions.now", lambda: moment + 59 * 60)
    assert member.is_signed_in()
    monkeypatch.setattr("relying_party.sessions.now", lambda: moment + 118 * 60)
    assert member.is_signed_in(), "used within the hour"
    monkeypatch.setattr("relying_party.sessions.now", lambda: moment + 179 * 60)
    assert not member.is_signed_in(), "idle for an hour"
    keeps_clicking = sign_in_as(member.app, issuer, "vanthu")
    for half_hour in range(6, 31):
        later = moment + half_hour * 1800
        monkeypatch.setattr("relying_party.sessions.now", lambda later=later: later)
        alive = keeps_clicking.is_signed_in()
    assert not alive, "twelve hours are the end, clicking or not"


def test_logout_here_ends_the_session_everywhere(member: Visitor, issuer: ForeignIssuer) -> None:
    answer = member.submit("/dang-xuat")
    # A form of ours never ends in a redirect to another origin: a page leads there.
    assert (answer.status_code, answer.headers["Referrer-Policy"]) == (200, "no-referrer")
    onward = next_url(answer)
    target = urlsplit(onward)
    sent = {name: values[0] for name, values in parse_qs(target.query).items()}
    assert onward.startswith(f"{issuer.url}/logout?")
    assert f'href="{escape(onward)}"' in answer.text
    assert sent["post_logout_redirect_uri"] == f"{DOCUMENT.base_url}/"
    assert sent["client_id"] == DOCUMENT.client_id and sent["id_token_hint"].count(".") == 2
    assert not member.is_signed_in()
    back = member.browser.open("/", state=sent["state"])
    assert "Anh/Chị đã đăng xuất." in back.text and "Đăng nhập bằng tài khoản tỉnh" in back.text


def test_a_foreign_state_says_nothing_about_a_logout(member: Visitor) -> None:
    member.submit("/dang-xuat")
    page = member.browser.open("/", state="x" * 20)
    assert "Anh/Chị đã đăng xuất." not in page.text


def test_logout_needs_the_form_of_this_session(member: Visitor) -> None:
    assert member.browser.post("/dang-xuat", {}).status_code == 400
    assert member.browser.post("/dang-xuat", {"form_token": "x"}).status_code == 400
    assert member.browser.get("/dang-xuat").status_code == 405
    assert member.is_signed_in()


@pytest.mark.parametrize("trouble", ["down", "no end_session_endpoint"])
def test_logout_without_the_provider_ends_at_least_the_session_here(
    issuer: ForeignIssuer, member: Visitor, trouble: str
) -> None:
    issuer.metadata_claims = {"end_session_endpoint": None}
    if trouble == "down":
        issuer.stop()
    try:
        answer = member.submit("/dang-xuat")
    finally:
        if trouble == "down":
            issuer.start()
    assert answer.status_code == 503
    assert "mới chỉ đăng xuất khỏi ứng dụng này" in answer.text
    assert not member.is_signed_in()


def test_forms_end_here(member: Visitor) -> None:
    policy = member.browser.open("/").headers["Content-Security-Policy"]
    assert policy.endswith("form-action 'self'")
    assert "default-src 'none'" in policy and "unsafe" not in policy
