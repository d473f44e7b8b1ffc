"""Quản lý văn bản (mẫu): who may do what, and what the register keeps."""

from __future__ import annotations

import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from tests.demo.application_browser import Visitor, sign_in_as
from tests.demo.foreign_issuer import ForeignIssuer

NEW_DOCUMENT = {
    "agency": "STTTT",
    "received_on": "05/01/2026",
    "sender": "UBND huyện Dầu Tiếng",
    "reference": "12/UBND-NC",
    "summary": "Đề nghị <b>phối hợp</b> & hỗ trợ",
    "urgency": "urgent",
}
ASSIGNMENT = {"assignee": "Lê Chuyên Viên", "deadline": "31/12/2099", "instruction": "Làm sớm"}


@pytest.fixture
def clerk(document_app: Flask, issuer: ForeignIssuer) -> Visitor:
    return sign_in_as(document_app, issuer, "vanthu")


@pytest.fixture
def leader(document_app: Flask, issuer: ForeignIssuer) -> Visitor:
    return sign_in_as(document_app, issuer, "lanhdao")


@pytest.fixture
def specialist(document_app: Flask, issuer: ForeignIssuer) -> Visitor:
    return sign_in_as(document_app, issuer, "chuyenvien")


def register(clerk: Visitor, **changed: str) -> str:
    """Register a document; return its path."""
    answer = clerk.submit("/van-ban/moi", {**NEW_DOCUMENT, **changed})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def test_the_way_of_a_document(clerk: Visitor, leader: Visitor, specialist: Visitor) -> None:
    path = register(clerk)
    assert leader.submit(f"{path}/phan-cong", ASSIGNMENT).status_code == 303
    assert specialist.submit(f"{path}/hoan-thanh", {"result": "Đã gửi"}).status_code == 303
    page = clerk.browser.get(path).text
    assert "Hoàn thành" in page and "Lê Chuyên Viên" in page and "31/12/2099" in page
    steps = ["Hoàn thành xử lý", "Phân công cho Lê Chuyên Viên", "Đăng ký văn bản đến"]
    places = [page.index(f"<strong>{step}</strong>") for step in steps]
    assert places == sorted(places), "the history is told latest first"
    assert "Trần Lãnh Đạo" in page and "Làm sớm" in page and "Đã gửi" in page


def test_what_people_type_is_escaped(clerk: Visitor) -> None:
    page = clerk.browser.get(register(clerk)).text
    assert "Đề nghị &lt;b&gt;phối hợp&lt;/b&gt; &amp; hỗ trợ" in page and "<b>phối" not in page


def test_numbers_follow_each_other_within_agency_and_year(clerk: Visitor) -> None:
    pages = [clerk.browser.get(register(clerk, received_on=day)).text for day in
             ("05/01/2024", "06/01/2024", "05/01/2025")]  # fmt: skip
    for page, number in zip(pages, ("1/2024", "2/2024", "1/2025"), strict=True):
        assert f"Văn bản đến số {number}" in page


@pytest.mark.parametrize(
    ("who", "action", "form", "missing"),
    [
        ("lanhdao", "moi", NEW_DOCUMENT, "van_thu"),
        ("chuyenvien", "moi", NEW_DOCUMENT, "van_thu"),
        ("vanthu", "1/phan-cong", ASSIGNMENT, "lanh_dao"),
        ("chuyenvien", "1/phan-cong", ASSIGNMENT, "lanh_dao"),
        ("vanthu", "1/hoan-thanh", {"result": "x"}, "chuyen_vien"),
        ("lanhdao", "1/hoan-thanh", {"result": "x"}, "chuyen_vien"),
    ],
)
def test_an_action_without_its_role_is_refused_in_words(
    document_app: Flask,
    issuer: ForeignIssuer,
    who: str,
    action: str,
    form: dict[str, str],
    missing: str,
) -> None:
    visitor = sign_in_as(document_app, issuer, who)
    before = visitor.browser.get("/van-ban").text
    answer = visitor.submit(f"/van-ban/{action}", form)
    assert answer.status_code == 403
    assert "Anh/Chị chưa có quyền thực hiện chức năng này" in answer.text
    assert re.search(r"quản trị người dùng của\s+Cơ quan STTTT \(STTTT\)", answer.text)
    assert f"<code>{missing}</code>" in answer.text
    assert visitor.browser.get("/van-ban").text == before


def test_a_role_at_another_agency_is_no_role_here(
    clerk: Visitor, document_app: Flask, issuer: ForeignIssuer
) -> None:
    path = register(clerk)
    neighbour = sign_in_as(document_app, issuer, "vanthu.snv")
    assert neighbour.browser.get(path).status_code == 403
    assert "phối hợp" not in neighbour.browser.get(path).text
    assert neighbour.submit(f"{path}/phan-cong", ASSIGNMENT).status_code == 403
    assert neighbour.submit("/van-ban/moi", NEW_DOCUMENT).status_code == 403
    listed = neighbour.browser.get("/van-ban").text
    assert "UBND huyện Dầu Tiếng" not in listed
    assert "Chờ phân công" in clerk.browser.get(path).text


def test_a_person_with_roles_at_two_agencies_chooses(
    document_app: Flask, issuer: ForeignIssuer
) -> None:
    visitor = sign_in_as(document_app, issuer, "haicoquan")
    page = visitor.browser.get("/van-ban/moi").text
    assert page.index('<option value="SNV">') < page.index('<option value="STTTT">')
    assert "STTTT" in visitor.browser.get(register(visitor)).text
    assert visitor.submit("/van-ban/moi", {**NEW_DOCUMENT, "agency": "UBND"}).status_code == 403


def test_without_any_role_nothing_is_shown(document_app: Flask, issuer: ForeignIssuer) -> None:
    visitor = sign_in_as(document_app, issuer, "khongvaitro")
    for path in ("/van-ban", "/van-ban/moi", "/van-ban/1"):
        answer = visitor.browser.get(path)
        assert answer.status_code == 403 and "chưa có vai trò nào" in answer.text
    assert visitor.submit("/dang-xuat", page="/van-ban").status_code == 200


NOT_A_ROLE_HERE: dict[str, object] = {
    "none": None,
    "text": "van_thu",
    "a list of text": ["van_thu"],
    "an object": {"role": "van_thu"},
    "no scope": [{"role": "van_thu"}],
    "scope is text": [{"role": "van_thu", "scope": "STTTT"}],
    "role is a list": [{"role": ["van_thu"], "scope": {"agency": "STTTT"}}],
    "no agency": [{"role": "van_thu", "scope": {"agency": ""}}],
    "narrowed to a field": [{"role": "van_thu", "scope": {"agency": "STTTT", "field": "post"}}],
    "of another application": [{"role": "ke_toan", "scope": {"agency": "STTTT"}}],
}


@pytest.mark.parametrize("roles", NOT_A_ROLE_HERE.values(), ids=NOT_A_ROLE_HERE.keys())
def test_what_is_not_a_role_here_grants_nothing(
    document_app: Flask, issuer: ForeignIssuer, roles: object
) -> None:
    issuer.userinfo_claims = lambda claims: {**claims, "roles": roles}
    visitor = sign_in_as(document_app, issuer, "vanthu")
    assert visitor.browser.get("/van-ban").status_code == 403


def test_roles_too_many_for_a_token_are_read_where_they_are(
    document_app: Flask, issuer: ForeignIssuer
) -> None:
    """`roles_at` in the ID token: the list stands in userinfo, and only there."""
    issuer.mint = lambda claims: issuer.sign({**claims, "roles_at": f"{issuer.url}/userinfo"})
    visitor = sign_in_as(document_app, issuer, "vanthu")
    assert visitor.browser.get("/van-ban").status_code == 200


def test_nothing_without_signing_in(document_app: Flask) -> None:
    visitor = Visitor(document_app)
    for path in ("/van-ban", "/van-ban/moi", "/van-ban/1"):
        answer = visitor.browser.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/?ve={path}")
    answer = visitor.browser.post("/van-ban/moi", NEW_DOCUMENT)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?ve=/")


def test_a_form_from_elsewhere_is_refused(clerk: Visitor, leader: Visitor) -> None:
    before = clerk.browser.get("/van-ban").text
    assert clerk.browser.post("/van-ban/moi", NEW_DOCUMENT).status_code == 400
    foreign = {**NEW_DOCUMENT, "form_token": "x" * 43}
    assert clerk.browser.post("/van-ban/moi", foreign).status_code == 400
    assert clerk.browser.get("/van-ban").text == before


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("sender", "  ", "Trường «Cơ quan gửi» không được để trống."),
        ("summary", "\u200b", "Trường «Trích yếu» không được để trống."),
        ("summary", "a" * 501, "Trường «Trích yếu» dài quá 500 ký tự."),
        ("received_on", "31/02/2026", "«Ngày đến» không hợp lệ (dd/mm/yyyy)."),
        ("received_on", "31/12/2099", "«Ngày đến» không được sau ngày"),
        ("urgency", "panic", "Hãy chọn «Độ khẩn»."),
    ],
)
def test_mistakes_are_explained_and_nothing_typed_is_lost(
    clerk: Visitor, field: str, value: str, sentence: str
) -> None:
    answer = clerk.submit("/van-ban/moi", {**NEW_DOCUMENT, field: value})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'href="#{field}"' in answer.text and f'id="{field}-error"' in answer.text
    assert "12/UBND-NC" in answer.text


def test_the_second_to_assign_is_told(clerk: Visitor, leader: Visitor) -> None:
    path = register(clerk)
    assert leader.submit(f"{path}/phan-cong", ASSIGNMENT).status_code == 303
    answer = leader.submit(f"{path}/phan-cong", {**ASSIGNMENT, "assignee": "Người khác"})
    assert answer.status_code == 409 and "người khác cập nhật" in answer.text
    assert "Người khác" not in clerk.browser.get(path).text


def test_the_list_is_filtered_and_paged(clerk: Visitor) -> None:
    for _ in range(25):
        register(clerk)
    first = clerk.browser.get("/van-ban")
    assert "Trang 1/2" in first.text and "Tất cả (29)" in first.text
    assert "Trang 2/2" in clerk.browser.get("/van-ban?trang=2").text
    assert "Trang 2/2" in clerk.browser.get("/van-ban?trang=99").text
    assert clerk.browser.get("/van-ban?trang=-1&trang_thai=%27").status_code == 200
    done = clerk.browser.get("/van-ban?trang_thai=done").text
    assert "Hoàn thành (1)" in done and done.count('scope="row"') == 1


def test_the_leader_is_offered_the_specialists_of_the_agency(
    clerk: Visitor, specialist: Visitor, leader: Visitor
) -> None:
    page = leader.browser.get(register(clerk)).text
    assert '<option value="Lê Chuyên Viên">' in page


@pytest.mark.parametrize("path", ["/van-ban/999999", "/khong-co", "/van-ban/99999999999999999999"])
def test_what_is_not_there(clerk: Visitor, path: str) -> None:
    answer = clerk.browser.get(path)
    assert answer.status_code == 404 and "Không tìm thấy trang" in answer.text


def test_every_answer_carries_the_headers(clerk: Visitor) -> None:
    for path in ("/", "/van-ban", "/van-ban/1", "/khong-co", "/healthz", "/callback", "/static/x"):
        headers = clerk.browser.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store", path
    style = clerk.browser.get("/static/style.css")
    assert "max-age" in style.headers["Cache-Control"] and len(style.content) < 8192


def a_done_document(clerk: Visitor, leader: Visitor, specialist: Visitor) -> str:
    path = register(clerk)
    leader.submit(f"{path}/phan-cong", ASSIGNMENT)
    specialist.submit(f"{path}/hoan-thanh", {"result": "Đã gửi"})
    return path


def asked_for(location: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(location).query)


def test_what_binds_wants_two_factors_now(
    clerk: Visitor, leader: Visitor, specialist: Visitor, issuer: ForeignIssuer
) -> None:
    """RFC 9470: the interface says what is wanted, a person is sent to prove it."""
    path = a_done_document(clerk, leader, specialist)
    told = leader.submit(f"/api{path}/phe-duyet", page=path)
    assert told.status_code == 401
    assert told.json()["error"] == "insufficient_user_authentication"
    challenge = told.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer error="insufficient_user_authentication"')
    assert 'acr_values="2"' in challenge and 'max_age="300"' in challenge
    page = leader.browser.get(f"{path}/phe-duyet")
    assert page.status_code == 303
    again = page.headers["Location"]
    asked = asked_for(leader.authorization_request(again))
    assert (asked["acr_values"], asked["max_age"]) == (["2"], ["300"])
    issuer.signed_in_as = "lanhdao"
    back = leader.call_back(leader.authorization_answer(again))
    assert back.headers["Location"].endswith(f"{path}/phe-duyet")
    assert "Phê duyệt kết quả" in leader.browser.get(f"{path}/phe-duyet").text
    assert leader.submit(f"/api{path}/phe-duyet", page=path).json() == {"state": "approved"}
    assert "Phê duyệt kết quả" in clerk.browser.get(path).text
    assert clerk.submit(f"{path}/phe-duyet").status_code == 403, "the role comes first"


def test_after_five_minutes_it_is_proved_again(
    document_app: Flask,
    issuer: ForeignIssuer,
    clerk: Visitor,
    leader: Visitor,
    specialist: Visitor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = a_done_document(clerk, leader, specialist)
    issuer.signed_in_as = "lanhdao"
    leader = Visitor(document_app)
    leader.sign_in(f"/dang-nhap?ve={path}/phe-duyet&xac-thuc-lai=1")
    assert leader.browser.get(f"{path}/phe-duyet").status_code == 200
    later = int(time.time()) + 301
    monkeypatch.setattr("relying_party.proof.now", lambda: later)
    sent = leader.submit(f"{path}/phe-duyet", page=path)
    assert sent.status_code == 303 and "xac-thuc-lai" in sent.headers["Location"]
    assert "Hoàn thành" in leader.browser.get(path).text, "nothing was approved"


@pytest.mark.parametrize("lie", [{"acr": "1"}, {"acr": None}, {"auth_time": 1}, {"auth_time": "x"}])
def test_what_was_asked_for_is_looked_for_in_the_answer(
    leader: Visitor, issuer: ForeignIssuer, lie: dict[str, object]
) -> None:
    issuer.mint = lambda claims: issuer.sign({**claims, **lie})
    again = "/dang-nhap?ve=/van-ban/1/phe-duyet&xac-thuc-lai=1"
    refused = leader.call_back(leader.authorization_answer(again))
    assert refused.status_code == 400, refused.text
    assert leader.browser.get("/van-ban").status_code == 200, "they are in as they were"
