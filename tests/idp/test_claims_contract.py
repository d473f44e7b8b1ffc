"""The claim contract, frozen: applications are written against exactly these names and shapes.

A failure here means that applications of the province would break. New claims may be added to the
expectations; nothing in them may be renamed, removed or given another shape.
"""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from sqlalchemy import insert

from directory.authz.grants import revoke_grant
from directory.authz.positions import add_position
from directory.authz.tables import settled_post
from directory.catalogue.agency import Agency
from directory.catalogue.person import Post
from directory.ids import new_id
from idp.keys.jose import read_unverified
from idp.oidc.claims import CLAIMS_OF_SCOPE, MEANING, ROLES_AT, ROLES_BYTES, select_for_token
from tests.support.installation import OPERATOR
from tests.support.oidc_installation import OidcInstallation, Province

pytestmark = pytest.mark.only_on_sqlite("claims are made of rows that other tests read on either")

SCOPE = "openid profile email org roles"


def test_the_scopes_and_their_claims_are_frozen() -> None:
    assert CLAIMS_OF_SCOPE == {
        "profile": ("name", "given_name", "family_name", "preferred_username"),
        "email": ("email", "email_verified"),
        "org": ("agency", "unit", "post", "agency_code"),
        "roles": ("roles", "roles_flat", "agency_code"),
    }


def test_every_claim_is_told_to_developers_in_a_sentence() -> None:
    opened = {name for names in CLAIMS_OF_SCOPE.values() for name in names}
    assert MEANING.keys() == opened | {ROLES_AT}


def test_the_claims_of_a_person_with_a_post_and_roles(
    served: OidcInstallation, province: Province
) -> None:
    app = served.add_client("Hợp đồng")
    served.grant(app.client.id, "tiep_nhan", province.an, province.agency, field="dat_dai")
    served.grant(
        app.client.id, "giam_sat", province.an, province.agency, field="dat_dai", procedure="1.001"
    )
    served.grant(app.client.id, "thu_ly", province.an, province.agency)
    tokens = served.tokens(app, province.an, scope=SCOPE)
    post = province.an.posts[0]
    expected = {
        "sub": province.an.id,
        "name": "Nguyễn Văn An",
        "given_name": "Văn An",
        "family_name": "Nguyễn",
        "preferred_username": "an.nv",
        "email": "an.nv@binhduong.gov.vn",
        "email_verified": True,
        "agency": {
            "id": province.agency.id,
            "code": "STTTT",
            "name": "Sở Thông tin và Truyền thông",
        },
        "unit": {"id": province.unit.id, "name": "Văn phòng Sở"},
        "post": {"id": post.id, "title": "Chuyên viên", "kind": "main"},
        "agency_code": "STTTT",
        "roles": [
            {
                "role": "giam_sat",
                "scope": {"agency": "STTTT", "field": "dat_dai", "procedure": "1.001"},
            },
            {"role": "thu_ly", "scope": {"agency": "STTTT"}},
            {"role": "tiep_nhan", "scope": {"agency": "STTTT", "field": "dat_dai"}},
        ],
        "roles_flat": ["giam_sat@STTTT", "thu_ly@STTTT", "tiep_nhan@STTTT"],
    }
    assert served.userinfo(tokens["access_token"]).json() == expected
    claims = read_unverified(tokens["id_token"])[1]
    assert {name: claims[name] for name in expected} == expected
    assert set(claims) - set(expected) == {
        "iss", "aud", "iat", "exp", "auth_time", "acr", "amr", "sid", "nonce", "at_hash",
    }  # fmt: skip


def test_the_access_token_tells_the_roles_and_nothing_else_of_the_person(
    served: OidcInstallation, province: Province
) -> None:
    tokens = served.tokens(province.client, province.an, scope=SCOPE)
    claims = read_unverified(tokens["access_token"])[1]
    assert claims["roles"] == [{"role": "van_thu", "scope": {"agency": "STTTT"}}]
    assert claims["roles_flat"] == ["van_thu@STTTT"]
    assert set(claims) - {"roles", "roles_flat"} == {
        "iss", "sub", "aud", "client_id", "iat", "exp", "jti", "scope", "auth_time", "acr", "sid",
        "family",
    }  # fmt: skip
    without = served.tokens(province.client, province.an, scope="openid org")["access_token"]
    assert not {"roles", "roles_flat", "roles_at"} & set(read_unverified(without)[1])


@pytest.mark.parametrize("more_bytes", [-1, 0, 1, 5000])
def test_roles_stand_whole_in_a_token_or_not_at_all(more_bytes: int) -> None:
    roles = [{"role": "á", "scope": {"agency": "á"}}]
    frame = json.dumps({"roles": roles, "roles_flat": [""]}, ensure_ascii=False)
    in_token = len(frame.replace(": ", ":").replace(", ", ",").encode())
    flat = ["x" * (ROLES_BYTES + more_bytes - in_token)]
    claims = {"name": "An", "roles": roles, "roles_flat": flat, "agency_code": "á"}
    told = select_for_token(claims, SCOPE, "https://sso/userinfo")
    if more_bytes <= 0:
        assert told == claims
    else:
        assert told == {"name": "An", "agency_code": "á", "roles_at": "https://sso/userinfo"}
    assert "roles_at" not in select_for_token(claims, "openid profile", "https://sso/userinfo")


def test_somebody_with_a_role_in_two_hundred_agencies_signs_in_refreshes_and_signs_out(
    served: OidcInstallation, province: Province
) -> None:
    """The ID token fits into the address of a sign-out, 8 KB with all proxies in between."""
    bye = "http://127.0.0.2:9/bye"
    app = served.add_client("Một cửa", post_logout_redirect_uris=[bye])
    post = replace(province.an.posts[0], id=new_id(), title="Phó Trưởng phòng " + "Đ" * 60)
    person = served.add_person(
        "moi.noi", "Tôn Nữ Nguyễn Thị Hoàng Thuỳ Dung " + "Đ" * 60, posts=(post,)
    )
    for number in range(200):
        agency = served.put_agency(Agency(id=new_id(), name="Xã", code=f"XA{number:03}"))
        served.grant(app.client.id, "chuyen_vien_mot_cua", person, agency)
    agent = served.browser(person)
    tokens = served.tokens(app, agent, scope=SCOPE)
    refreshed = served.token(
        app, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    ).json()
    for answer in (tokens, refreshed):
        for name in ("id_token", "access_token"):
            claims = read_unverified(answer[name])[1]
            assert claims["roles_at"] == f"{served.issuer}/userinfo"
            assert not {"roles", "roles_flat"} & set(claims)
            assert len(answer[name]) < 3000
    live = served.userinfo(refreshed["access_token"]).json()
    asked = served.introspect(app, refreshed["access_token"])
    for shown in (live, asked):
        assert len(shown["roles"]) == len(shown["roles_flat"]) == 200
        assert "roles_at" not in shown
    query = urlencode(
        {"id_token_hint": refreshed["id_token"], "post_logout_redirect_uri": bye, "state": "s" * 40}
    )
    # Four fifths of what gunicorn, nginx and Apache allow a request line by default.
    assert len(f"GET /logout?{query} HTTP/1.1") < 0.8 * 8190
    out = agent.get(f"{served.url}/logout?{query}")
    assert out.status_code == 303
    assert out.headers["Location"].startswith(bye)


def test_introspection_tells_the_roles_of_now_and_not_those_in_the_token(
    served: OidcInstallation, province: Province
) -> None:
    app = served.add_client("Thu hồi")
    person = served.add_person("thu.hoi")
    grant = served.grant(app.client.id, "xem", person, province.agency)
    token = served.tokens(app, person)["access_token"]
    assert read_unverified(token)[1]["roles_flat"] == ["xem@STTTT"]
    assert served.introspect(app, token)["roles_flat"] == ["xem@STTTT"]
    with served.installation.database.write() as tx:
        revoke_grant(tx, OPERATOR, grant, "kiểm thử")
    assert served.introspect(app, token)["roles"] == []
    assert served.introspect(app, token)["roles_flat"] == []


def test_a_person_without_a_post_has_no_organisation_and_an_empty_list_of_roles(
    served: OidcInstallation, province: Province
) -> None:
    tokens = served.tokens(province.client, province.binh, scope=SCOPE)
    shown = served.userinfo(tokens["access_token"]).json()
    assert not {"agency", "unit", "post", "agency_code"} & set(shown)
    assert shown["roles"] == []
    assert shown["roles_flat"] == []


def test_a_name_of_one_word_has_no_family_name(
    served: OidcInstallation, province: Province
) -> None:
    person = served.add_person("mot.chu", "Đăng")
    shown = served.userinfo(served.tokens(province.client, person)["access_token"]).json()
    assert (shown["name"], shown["given_name"]) == ("Đăng", "Đăng")
    assert "family_name" not in shown


def test_a_post_directly_in_the_agency_has_no_unit(
    served: OidcInstallation, province: Province
) -> None:
    post = Post(id=new_id(), agency_id=province.agency.id, unit_id="", title="Giám đốc")
    person = served.add_person("giam.doc", posts=(post,))
    shown = served.userinfo(served.tokens(province.client, person)["access_token"]).json()
    assert shown["agency_code"] == "STTTT"
    assert "unit" not in shown


def test_the_main_post_acts_unless_another_is_chosen_and_an_ended_one_never(
    served: OidcInstallation, province: Province
) -> None:
    from sqlalchemy import update

    from idp.sessions.tables import sessions

    place = {"agency_id": province.agency.id, "unit_id": ""}
    main = Post(id=new_id(), title="Chánh Văn phòng", kind="main", **place)
    second = Post(id=new_id(), title="Tổ trưởng", kind="concurrent", **place)
    person = served.add_person("kiem.nhiem", posts=(second, main))
    token = served.tokens(province.client, person)["access_token"]
    assert served.userinfo(token).json()["post"]["title"] == "Chánh Văn phòng"
    with served.installation.database.write() as tx:
        mine = sessions.c.person_id == person.id
        tx.execute(update(sessions).where(mine).values(post_id=second.id))
    assert served.userinfo(token).json()["post"]["title"] == "Tổ trưởng"
    served.put_person(replace(person, posts=(main, replace(second, end="2020-01-01"))))
    assert served.userinfo(token).json()["post"]["title"] == "Chánh Văn phòng"


def test_a_post_on_a_position_names_it(served: OidcInstallation, province: Province) -> None:
    post = Post(id=new_id(), agency_id=province.agency.id, unit_id="", title="Chuyên viên")
    person = served.add_person("vi.tri", posts=(post,))
    with served.installation.database.write() as tx:
        clerk = add_position(tx, OPERATOR, province.agency.id, "Văn thư cơ quan")
        tx.execute(
            insert(settled_post).values(
                person_id=person.id,
                post_id=post.id,
                position_id=clerk.id,
                start_on="",
                end_on="",
            )
        )
    shown = served.userinfo(served.tokens(province.client, person)["access_token"]).json()
    assert shown["post"] == {
        "id": post.id,
        "title": "Chuyên viên",
        "kind": "main",
        "position": clerk.id,
    }
