"""Một cửa điện tử (mẫu): who may do what, and what the desk keeps."""

from __future__ import annotations

import pytest
from flask import Flask

from relying_party.clock import today
from tests.demo.application_browser import Visitor, sign_in_as
from tests.demo.foreign_issuer import ForeignIssuer

NEW_FILE = {
    "agency": "STTTT",
    "procedure": "copy",
    "applicant": "H'Hen <i>Niê</i>",
    "due_on": "31/12/2099",
}
SETTLEMENT = {"outcome": "granted", "result": "Đã cấp bản sao"}


def test_the_way_of_a_file(one_stop_app: Flask, issuer: ForeignIssuer) -> None:
    desk = sign_in_as(one_stop_app, issuer, "vanthu")
    officer = sign_in_as(one_stop_app, issuer, "chuyenvien")
    opened = desk.submit("/ho-so/moi", NEW_FILE)
    assert opened.status_code == 303
    page = officer.browser.get(opened.headers["Location"]).text
    assert f"STTTT-{today():%y%m%d}-0001" in page
    assert "H&#39;Hen &lt;i&gt;Niê&lt;/i&gt;" in page
    assert officer.submit(opened.headers["Location"] + "/giai-quyet", SETTLEMENT).status_code == 303
    again = officer.submit(opened.headers["Location"] + "/giai-quyet", SETTLEMENT)
    assert again.status_code == 409
    page = desk.browser.get(opened.headers["Location"]).text
    assert "Đã giải quyết" in page and "Đã cấp bản sao" in page and "Lê Chuyên Viên" in page


@pytest.mark.parametrize(
    ("who", "path", "form", "missing"),
    [
        ("chuyenvien", "/ho-so/moi", NEW_FILE, "tiep_nhan"),
        ("giamsat", "/ho-so/moi", NEW_FILE, "tiep_nhan"),
        ("vanthu", "/ho-so/2/giai-quyet", SETTLEMENT, "thu_ly"),
        ("giamsat", "/ho-so/2/giai-quyet", SETTLEMENT, "thu_ly"),
        ("vanthu.snv", "/ho-so/2/giai-quyet", SETTLEMENT, "thu_ly"),
        ("vanthu.snv", "/ho-so/moi", NEW_FILE, "tiep_nhan"),
    ],
)
def test_an_action_without_its_role_at_that_agency_is_refused(
    one_stop_app: Flask,
    issuer: ForeignIssuer,
    who: str,
    path: str,
    form: dict[str, str],
    missing: str,
) -> None:
    watcher = sign_in_as(one_stop_app, issuer, "giamsat")
    before = watcher.browser.get("/ho-so").text
    answer = sign_in_as(one_stop_app, issuer, who).submit(path, form)
    assert answer.status_code == 403
    assert f"<code>{missing}</code>" in answer.text and "STTTT" in answer.text
    assert watcher.browser.get("/ho-so").text == before


def test_the_report_is_for_oversight(one_stop_app: Flask, issuer: ForeignIssuer) -> None:
    watcher = sign_in_as(one_stop_app, issuer, "giamsat")
    page = watcher.browser.get("/bao-cao")
    assert page.status_code == 200 and "Tổng cộng" in page.text
    assert '<td class="number late">1</td>' in page.text, "one sample file is overdue"
    refused = sign_in_as(one_stop_app, issuer, "chuyenvien").browser.get("/bao-cao")
    assert refused.status_code == 403 and "«Giám sát»" in refused.text


def test_files_of_other_agencies_are_not_shown(one_stop_app: Flask, issuer: ForeignIssuer) -> None:
    desk = sign_in_as(one_stop_app, issuer, "vanthu")
    opened = desk.submit("/ho-so/moi", NEW_FILE)
    neighbour = sign_in_as(one_stop_app, issuer, "vanthu.snv")
    assert "STTTT-" not in neighbour.browser.get("/ho-so").text
    refused = neighbour.browser.get(opened.headers["Location"])
    assert refused.status_code == 403 and "Niê" not in refused.text


def test_sample_files_come_once(one_stop_app: Flask, issuer: ForeignIssuer) -> None:
    for _ in range(2):
        page = sign_in_as(one_stop_app, issuer, "vanthu").browser.get("/ho-so").text
        assert "Tất cả (5)" in page


def test_one_cookie_is_no_key_to_the_other_application(
    document_app: Flask, one_stop_app: Flask, issuer: ForeignIssuer
) -> None:
    document = sign_in_as(document_app, issuer, "vanthu")
    cookie = document.browser.http.cookies.get("quan-ly-van-ban-session")
    assert cookie
    other = Visitor(one_stop_app).browser
    other.http.cookies.set("mot-cua-dien-tu-session", cookie, domain="127.0.0.3")
    assert other.get("/ho-so").headers["Location"] == "/?ve=/ho-so"
