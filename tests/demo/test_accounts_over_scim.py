"""The accounts a demo application keeps itself: who has one may work in it, who lost it may not."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from document.application import create as create_document
from tests.demo.application_browser import DOCUMENT, environment, reached, sign_in_as
from tests.demo.foreign_issuer import ForeignIssuer
from tests.demo.test_document_application import NEW_DOCUMENT, register

TOKEN = "ma-dong-bo"
_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@pytest.fixture
def document_app(issuer: ForeignIssuer, tmp_path: Path) -> Flask:
    """The document application, keeping accounts of its own."""
    token = tmp_path / "scim.token"
    token.write_text(TOKEN)
    more = {"DEMO_SCIM_TOKEN_FILE": str(token)}
    return reached(create_document(environment(issuer, DOCUMENT, tmp_path, **more)), DOCUMENT)


def ask(
    app: Flask, method: str, path: str, body: dict[str, Any] | None = None, token: str = TOKEN
) -> TestResponse:
    """As the catalogue's connector does."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return app.test_client().open(
        f"/scim/v2{path}",
        method=method,
        headers=headers,
        data=None if body is None else json.dumps(body),
        content_type="application/scim+json",
    )


def add_account(app: Flask, issuer: ForeignIssuer, username: str) -> str:
    claims = issuer.people[username]
    body = {
        "schemas": [_USER, _ENTERPRISE],
        "userName": username,
        "externalId": claims["sub"],
        "displayName": claims["name"],
        "active": True,
        _ENTERPRISE: {"organization": claims["agency_code"]},
    }
    answer = ask(app, "POST", "/Users", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])  # type: ignore[index]


def patch(app: Flask, path: str, *operations: dict[str, Any]) -> None:
    answer = ask(app, "PATCH", path, {"schemas": [_PATCH], "Operations": list(operations)})
    assert answer.status_code in (200, 204), answer.text


def put_in_group(app: Flask, name: str, *members: str) -> None:
    made = ask(app, "POST", "/Groups", {"schemas": [_GROUP], "displayName": name})
    value = [{"value": member} for member in members]
    group = made.json["id"]  # type: ignore[index]
    patch(app, f"/Groups/{group}", {"op": "add", "path": "members", "value": value})


def test_who_has_no_account_is_told_so_and_works_once_there_is_one(
    document_app: Flask, issuer: ForeignIssuer
) -> None:
    clerk = sign_in_as(document_app, issuer, "vanthu")
    answer = clerk.browser.get("/van-ban")
    assert answer.status_code == 403
    assert "Anh/Chị chưa có tài khoản trong ứng dụng này" in answer.text
    assert "Đăng xuất" in answer.text
    add_account(document_app, issuer, "vanthu")
    assert clerk.browser.get("/van-ban").status_code == 200, "the same session"


def test_a_leaver_is_out_at_once_and_their_work_stays(
    document_app: Flask, issuer: ForeignIssuer
) -> None:
    account = add_account(document_app, issuer, "vanthu")
    add_account(document_app, issuer, "lanhdao")
    clerk, leader = (sign_in_as(document_app, issuer, name) for name in ("vanthu", "lanhdao"))
    path = register(clerk)
    patch(document_app, f"/Users/{account}", {"op": "replace", "path": "active", "value": False})
    for answer in (
        clerk.browser.get(path),
        clerk.browser.get("/tai-khoan"),
        clerk.submit("/van-ban/moi", {**NEW_DOCUMENT, "summary": "Sau khi nghỉ"}),
    ):
        assert answer.status_code == 403
        assert "đã ngừng hoạt động" in answer.text
    found = leader.browser.get("/van-ban").text
    assert "Đề nghị" in found
    assert "Sau khi nghỉ" not in found
    assert "Nguyễn Thị Văn Thư" in leader.browser.get(path).text
    patch(document_app, f"/Users/{account}", {"op": "replace", "path": "active", "value": True})
    assert clerk.browser.get(path).status_code == 200


def test_roles_arrive_as_groups(document_app: Flask, issuer: ForeignIssuer) -> None:
    for name in ("vanthu", "lanhdao"):
        add_account(document_app, issuer, name)
    never_here = add_account(document_app, issuer, "chuyenvien")
    elsewhere = add_account(document_app, issuer, "vanthu.snv")
    put_in_group(document_app, "chuyen_vien", never_here, elsewhere)
    clerk, leader = (sign_in_as(document_app, issuer, name) for name in ("vanthu", "lanhdao"))
    path = register(clerk)
    offered = '<option value="Lê Chuyên Viên">'
    page = leader.browser.get(path).text
    assert offered in page, "who never signed in here"
    assert "Võ Văn Thư" not in page
    specialist = sign_in_as(document_app, issuer, "chuyenvien")
    own = specialist.browser.get("/tai-khoan").text
    assert "Chuyên viên" in own
    assert "STTTT" in own
    change = {"op": "replace", "path": "active", "value": False}
    patch(document_app, f"/Users/{never_here}", change)
    assert offered not in leader.browser.get(path).text, "who left, though they signed in here"


def test_nobody_has_two_accounts(document_app: Flask, issuer: ForeignIssuer) -> None:
    add_account(document_app, issuer, "vanthu")
    sub = issuer.people["vanthu"]["sub"]
    add = partial(ask, document_app, "POST", "/Users")
    for body in ({"userName": "VanThu"}, {"userName": "khac", "externalId": sub}):
        assert add({"schemas": [_USER], **body}).status_code == 409
    assert add({"schemas": [_USER], "userName": "a"}).status_code == 201
    assert add({"schemas": [_USER], "userName": "b"}).status_code == 201, "of nobody: how many ever"


@pytest.mark.parametrize("token", ["", "sai", f"{TOKEN}x", "\u1ec7"])
def test_only_the_catalogue_may_come_in(document_app: Flask, token: str) -> None:
    for method, path in (("GET", "/Users"), ("POST", "/Users"), ("DELETE", "/Users/1")):
        answer = ask(document_app, method, path, {} if method == "POST" else None, token)
        assert answer.status_code == 401
    assert ask(document_app, "GET", "/ServiceProviderConfig", token=token).status_code == 200


def test_an_application_without_accounts_of_its_own_has_no_such_end(
    issuer: ForeignIssuer, tmp_path: Path
) -> None:
    plain = reached(create_document(environment(issuer, DOCUMENT, tmp_path)), DOCUMENT)
    assert ask(plain, "GET", "/Users").status_code == 404
    assert sign_in_as(plain, issuer, "vanthu").browser.get("/van-ban").status_code == 200


def test_filters_pages_and_versions(document_app: Flask, issuer: ForeignIssuer) -> None:
    ids = [add_account(document_app, issuer, name) for name in ("vanthu", "lanhdao", "giamsat")]
    get = partial(ask, document_app, "GET")
    found = get('/Users?filter=userName eq "LANHDAO"').json
    assert [each["id"] for each in found["Resources"]] == [ids[1]]  # type: ignore[index]
    first = get("/Users?startIndex=1&count=2").json
    second = get("/Users?startIndex=3&count=2").json
    told = [each["id"] for page in (first, second) for each in page["Resources"]]  # type: ignore[index]
    assert sorted(told) == sorted(ids)
    assert first["totalResults"] == 3  # type: ignore[index]
    etag = get(f"/Users/{ids[0]}").headers["ETag"]
    patch(document_app, f"/Users/{ids[0]}", {"op": "replace", "path": "title", "value": "Trưởng"})
    stale = document_app.test_client().delete(
        f"/scim/v2/Users/{ids[0]}", headers={"Authorization": f"Bearer {TOKEN}", "If-Match": etag}
    )
    assert stale.status_code == 412
    assert ask(document_app, "DELETE", f"/Users/{ids[0]}").status_code == 204
    assert get(f"/Users/{ids[0]}").status_code == 404
