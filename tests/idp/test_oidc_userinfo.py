"""Userinfo and introspection: who is told what, and which tokens are no tokens there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import requests
from sqlalchemy import update

from idp.clients.service import Registered
from idp.clients.tables import client as client_table
from idp.keys.jose import read_unverified, sign
from idp.keys.store import signer
from tests.support.oidc_installation import OidcInstallation, Province


@pytest.fixture(scope="module")
def tokens(served: OidcInstallation, province: Province) -> dict[str, Any]:
    return served.tokens(province.client, province.an)


def test_userinfo_by_header_and_by_form(served: OidcInstallation, tokens: dict[str, Any]) -> None:
    by_header = served.userinfo(tokens["access_token"])
    assert by_header.status_code == 200
    assert by_header.headers["Cache-Control"] == "no-store"
    by_form = served.post("/userinfo", {"access_token": tokens["access_token"]})
    assert by_form.json() == by_header.json()
    post_with_header = served.post(
        "/userinfo", {}, headers={"Authorization": f"Bearer {tokens['access_token']}"}
    )
    assert post_with_header.json() == by_header.json()
    assert by_header.json()["sub"] == read_unverified(tokens["id_token"])[1]["sub"]


def test_userinfo_without_a_token_says_only_how_to_bring_one(served: OidcInstallation) -> None:
    for answer in (
        requests.get(f"{served.url}/userinfo", timeout=10),
        served.post("/userinfo", {}),
        requests.get(f"{served.url}/userinfo", headers={"Authorization": "Bearer "}, timeout=10),
    ):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="danhmuc"'


def test_a_token_in_the_address_or_twice_is_refused(
    served: OidcInstallation, tokens: dict[str, Any]
) -> None:
    token = tokens["access_token"]
    in_query = requests.get(f"{served.url}/userinfo?access_token={token}", timeout=10)
    assert in_query.status_code == 401
    twice = served.post(
        "/userinfo", {"access_token": token}, headers={"Authorization": f"Bearer {token}"}
    )
    assert (twice.status_code, twice.json()["error"]) == (400, "invalid_request")
    repeated = served.post("/userinfo", [("access_token", token), ("access_token", token)])
    assert repeated.status_code == 400


def test_the_scope_opens_the_claims(served: OidcInstallation, province: Province) -> None:
    expected = {
        "openid": {"sub"},
        "openid email": {"sub", "email", "email_verified"},
        "openid profile": {"sub", "name", "given_name", "family_name", "preferred_username"},
        "openid org": {"sub", "agency", "unit", "post", "agency_code"},
        "openid roles": {"sub", "roles", "roles_flat", "agency_code"},
    }
    for scope, names in expected.items():
        got = served.tokens(province.client, province.an, scope=scope)
        assert set(served.userinfo(got["access_token"]).json()) == names


def test_a_token_without_our_issuer_in_its_audience_is_not_for_userinfo(
    served: OidcInstallation, province: Province, tokens: dict[str, Any]
) -> None:
    _header, claims = read_unverified(tokens["access_token"])
    key = signer(served.installation, "ES256")
    for audience in (province.client.client.id, [province.client.client.id], "x" + served.issuer):
        answer = served.userinfo(sign(key, claims | {"aud": audience}, "at+jwt"))
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    other_issuer = sign(key, claims | {"iss": "https://evil.example"}, "at+jwt")
    assert served.userinfo(other_issuer).status_code == 401


def _confusions(served: OidcInstallation, tokens: dict[str, Any]) -> dict[str, str]:
    access = tokens["access_token"]
    _header, claims = read_unverified(access)
    key = signer(served.installation, "ES256")
    other = "A" if access[-1] != "A" else "B"
    return {
        "ID token": tokens["id_token"],
        "refresh token": tokens["refresh_token"],
        "logout token": sign(key, claims, "logout+jwt"),
        "typ JWT": sign(key, claims, "JWT"),
        "expired": sign(key, claims | {"exp": claims["iat"] - 1}, "at+jwt"),
        "from the future": sign(key, claims | {"iat": claims["iat"] + 120}, "at+jwt"),
        "exp as text": sign(key, claims | {"exp": str(claims["exp"])}, "at+jwt"),
        "family unknown": sign(key, claims | {"family": "x"}, "at+jwt"),
        "client unknown": sign(key, claims | {"client_id": "x"}, "at+jwt"),
        "truncated": access[:-1],
        "a byte more": access + "A",
        "last character": access[:-1] + other,
        "cookie": "x" * 43,
        "code": "AQ" * 200,
        "huge": "a" * 20_000,
        "not ASCII": "é😀".encode().decode("latin-1"),
    }


def test_what_is_no_access_token_of_ours_is_refused(
    served: OidcInstallation, province: Province, tokens: dict[str, Any]
) -> None:
    for name, token in _confusions(served, tokens).items():
        by_form = served.post("/userinfo", {"access_token": token})
        assert (by_form.status_code, by_form.json()["error"]) == (401, "invalid_token"), name
        if name != "refresh token":
            shown = served.introspect(province.client, token)
            assert shown == {"active": False}, name


def test_introspection_tells_the_client_of_the_token_about_the_person(
    served: OidcInstallation, province: Province, tokens: dict[str, Any]
) -> None:
    shown = served.introspect(province.client, tokens["access_token"])
    assert shown["active"] is True
    assert shown["sub"] == province.an.id
    assert shown["username"] == "an.nv"
    assert shown["email"] == "an.nv@binhduong.gov.vn"
    assert shown["client_id"] == province.client.client.id
    assert shown["token_type"] == "Bearer"
    assert shown["exp"] > shown["iat"]
    assert "openid" in shown["scope"]


def test_introspection_answers_nobody_else(
    served: OidcInstallation, province: Province, tokens: dict[str, Any]
) -> None:
    stranger = served.add_client("Người lạ")
    for name in ("access_token", "refresh_token"):
        assert served.introspect(stranger, tokens[name]) == {"active": False}


def _named_as_the_issuer(served: OidcInstallation, app: Registered) -> Registered:
    """The same client under our own name, as no registration should let it be called."""
    mine = client_table.c.client_id == app.client.id
    with served.installation.database.write() as tx:
        tx.execute(update(client_table).where(mine).values(client_id=served.issuer))
    return replace(app, client=replace(app.client, id=served.issuer))


def test_of_three_clients_and_two_resources_each_learns_what_is_its_own(
    served: OidcInstallation, province: Province
) -> None:
    machine: dict[str, Any] = {"grant_types": ["client_credentials"], "redirect_uris": []}
    store, register = "https://kho-1.example/", "urn:so-dang-ky"
    first, second = served.stand_for(store), served.stand_for(register)
    as_issuer = _named_as_the_issuer(
        served, served.add_client("Giả", token_endpoint_auth_method="client_secret_post", **machine)
    )
    own = served.add_client("Máy khách", resources=[store, register])
    askers = {"own": own, "first": first, "second": second, "as issuer": as_issuer}
    expected: dict[str | None, set[str]] = {
        None: {"own"},
        store: {"own", "first"},
        register: {"own", "second"},
    }
    for resource, may_know in expected.items():
        mine = served.tokens(own, province.an, resource=resource)
        audience = read_unverified(mine["access_token"])[1]["aud"]
        assert served.issuer in audience
        told = {
            name
            for name, asker in askers.items()
            if served.introspect(asker, mine["access_token"])["active"]
        }
        assert told == may_know
        for name, asker in askers.items():
            about = served.introspect(asker, mine["refresh_token"])
            assert about["active"] is (name == "own")


def test_a_rotated_refresh_token_is_inactive(served: OidcInstallation, province: Province) -> None:
    mine = served.tokens(province.client, province.an)
    served.token(province.client, grant_type="refresh_token", refresh_token=mine["refresh_token"])
    assert served.introspect(province.client, mine["refresh_token"]) == {"active": False}


def test_a_grant_taken_back_is_gone_from_the_claims_at_once(
    served: OidcInstallation, province: Province
) -> None:
    from directory.authz.grants import revoke_grant
    from tests.support.installation import OPERATOR

    person = served.add_person("vai.tro")
    grant = served.grant(province.client.client.id, "lanh_dao", person, province.agency)
    mine = served.tokens(province.client, person)
    assert served.userinfo(mine["access_token"]).json()["roles_flat"] == ["lanh_dao@STTTT"]
    with served.installation.database.write() as tx:
        revoke_grant(tx, OPERATOR, grant, "kiểm thử")
    assert served.userinfo(mine["access_token"]).json()["roles_flat"] == []


def test_the_roles_of_another_application_are_not_told(
    served: OidcInstallation, province: Province
) -> None:
    other: Registered = served.add_client("Một cửa")
    served.grant(other.client.id, "tiep_nhan", province.an, province.agency)
    here = served.userinfo(served.tokens(province.client, province.an)["access_token"]).json()
    there = served.userinfo(served.tokens(other, province.an)["access_token"]).json()
    assert here["roles_flat"] == ["van_thu@STTTT"]
    assert there["roles_flat"] == ["tiep_nhan@STTTT"]


def test_a_renamed_agency_shows_at_once(served: OidcInstallation, province: Province) -> None:
    mine = served.tokens(province.client, province.an)
    served.put_agency(replace(province.agency, name="Sở Khoa học và Công nghệ"))
    shown = served.userinfo(mine["access_token"]).json()
    assert shown["agency"]["name"] == "Sở Khoa học và Công nghệ"
    served.put_agency(province.agency)
