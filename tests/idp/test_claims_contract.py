"""The claim contract, frozen: applications are written against exactly these names and shapes.

A failure here means that applications of the province would break. New claims may be added to the
expectations; nothing in them may be renamed, removed or given another shape.
"""

from __future__ import annotations

from dataclasses import replace

from directory.catalogue.person import Post
from directory.ids import new_id
from idp.keys.jose import read_unverified
from idp.oidc.claims import CLAIMS_OF_SCOPE
from tests.support.oidc_house import OidcHouse, Province

SCOPE = "openid profile email org roles"


def test_the_scopes_and_their_claims_are_frozen() -> None:
    assert CLAIMS_OF_SCOPE == {
        "profile": ("name", "given_name", "family_name", "preferred_username"),
        "email": ("email", "email_verified"),
        "org": ("agency", "unit", "post", "agency_code"),
        "roles": ("roles", "roles_flat", "agency_code"),
    }


def test_the_claims_of_a_person_with_a_post_and_roles(
    served: OidcHouse, province: Province
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


def test_a_person_without_a_post_has_no_organisation_and_an_empty_list_of_roles(
    served: OidcHouse, province: Province
) -> None:
    tokens = served.tokens(province.client, province.binh, scope=SCOPE)
    shown = served.userinfo(tokens["access_token"]).json()
    assert not {"agency", "unit", "post", "agency_code"} & set(shown)
    assert shown["roles"] == []
    assert shown["roles_flat"] == []


def test_a_name_of_one_word_has_no_family_name(served: OidcHouse, province: Province) -> None:
    person = served.add_person("mot.chu", "Đăng")
    shown = served.userinfo(served.tokens(province.client, person)["access_token"]).json()
    assert (shown["name"], shown["given_name"]) == ("Đăng", "Đăng")
    assert "family_name" not in shown


def test_a_post_directly_in_the_agency_has_no_unit(served: OidcHouse, province: Province) -> None:
    post = Post(id=new_id(), agency_id=province.agency.id, unit_id="", title="Giám đốc")
    person = served.add_person("giam.doc", posts=(post,))
    shown = served.userinfo(served.tokens(province.client, person)["access_token"]).json()
    assert shown["agency_code"] == "STTTT"
    assert "unit" not in shown


def test_the_main_post_acts_unless_another_is_chosen_and_an_ended_one_never(
    served: OidcHouse, province: Province
) -> None:
    from sqlalchemy import select

    from idp.sessions.store import choose_post
    from idp.sessions.tables import sessions

    place = {"agency_id": province.agency.id, "unit_id": ""}
    main = Post(id=new_id(), title="Chánh Văn phòng", kind="main", **place)
    second = Post(id=new_id(), title="Tổ trưởng", kind="concurrent", **place)
    person = served.add_person("kiem.nhiem", posts=(second, main))
    token = served.tokens(province.client, person)["access_token"]
    assert served.userinfo(token).json()["post"]["title"] == "Chánh Văn phòng"
    with served.house.database.write() as tx:
        mine = select(sessions.c.sid).where(sessions.c.person_id == person.id)
        choose_post(tx, tx.execute(mine).scalar_one(), second.id)
    assert served.userinfo(token).json()["post"]["title"] == "Tổ trưởng"
    served.put_person(replace(person, posts=(main, replace(second, end="2020-01-01"))))
    assert served.userinfo(token).json()["post"]["title"] == "Chánh Văn phòng"
