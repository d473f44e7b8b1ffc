"""Giving a role in the console: at most three pages, from wherever one comes; no script."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
import requests
from sqlalchemy import true

from directory.authz import codes, grants, positions
from directory.authz.codes import CodeValue
from directory.authz.grants import Grant
from directory.authz.retiring import retire_role
from directory.clock import today
from directory.ids import new_id
from directory.requests.register import RequestQuestion, list_requests
from tests.console.test_applications import fields, send
from tests.console.test_roles import declared, faults
from tests.console.world import World, told
from tests.support.browser import Browser
from tests.support.installation import OPERATOR

PATH = "/quyen/cap"
# Eight of them say who is here.
MOST_STATEMENTS = 30


def standing(world: World, kind: str, holder_id: str) -> list[Grant]:
    with world.installation.database.read() as tx:
        return list(grants.list_standing(tx, kind, holder_id))  # type: ignore[arg-type]


def role_tag(world: World, name: str, app: str = "of_a") -> str:
    return f"{world.applications[app]}:{name}"


def first(browser: Browser, **asked: str) -> requests.Response:
    return browser.get(f"{PATH}?{urlencode({k.replace('_', '-'): v for k, v in asked.items()})}")


def add_position(world: World, name: str, place: str = "A") -> str:
    agency, unit = world.places[place.partition(".")[0]], ""
    if place.endswith(".u"):
        unit = world.places[place]
    with world.installation.database.write() as tx:
        return positions.add_position(tx, OPERATOR, agency, name, unit_id=unit).id


def test_from_a_role_a_person_is_found_without_diacritics_and_given_it(world: World) -> None:
    browser, path = world.browser("admin_a"), declared(world, "of_a", "tim-nguoi")
    found = re.search(r'href="(/quyen/cap\?[^"]+)"', browser.get(path).text)
    assert found
    pages = [browser.get(unescape(found[1]))]
    assert 'name="tim"' in pages[0].text
    pages.append(first(browser, tiep="1", tim="dang thi anh", vai_tro=role_tag(world, "tim-nguoi")))
    year = (today() + timedelta(days=365)).isoformat()
    written = "/".join(reversed(year.split("-")))
    assert fields(pages[-1])["end"] == [written], "proposed"
    assert fields(pages[-1])["agency"] == [world.places["A"]], "where they work"
    pages.append(send(browser, pages[-1], PATH, reason="Phân công", basis="QĐ 12/QĐ-A"))
    text = told(pages[-1])
    assert "cho Đặng Thị Ánh (a1) tại Nơi A, đến hết ngày" in text and "1 người sẽ giữ" in text
    assert len(pages) <= 3
    done = send(browser, pages[-1], f"{PATH}/xem")
    assert "Đã cấp" in done.text and "Đặng Thị Ánh" in done.text
    (given,) = [g for g in standing(world, "person", world.people["a1"]) if g.role == "tim-nguoi"]
    assert (given.agency_id, given.end, given.reason) == (world.places["A"], year, "Phân công")
    assert given.basis == "QĐ 12/QĐ-A"
    # Sent twice: nothing is given twice, and one is led to what was.
    twice = send(browser, pages[-1], f"{PATH}/xem")
    assert "không thực hiện lần thứ hai" in twice.text
    assert twice.url.endswith(f"/quyen/{given.id}")
    again = told_again(browser, pages[-2])
    assert "Vai trò này đã được cấp" in told(again)
    assert f'href="/quyen/{given.id}"' in again.text
    assert len([g for g in standing(world, "person", world.people["a1"]) if g == given]) == 1


def told_again(browser: Browser, terms: requests.Response) -> requests.Response:
    """What the third page says of the same terms."""
    return send(browser, terms, PATH, reason="Phân công", basis="QĐ 12/QĐ-A")


def test_of_several_one_is_chosen_on_the_second_page(world: World) -> None:
    browser = world.browser("admin_a")
    declared(world, "of_a", "chon")
    position = add_position(world, "Văn thư anh")
    page = first(browser, tiep="1", tim="anh", vai_tro=role_tag(world, "chon"))
    offered = set(re.findall(r'name="holder" type="radio" value="([^"]+)"', page.text))
    people = {f"person:{world.people[name]}" for name in ("a1", "a2")}
    assert people | {f"position:{position}"} <= offered
    again = send(browser, page, PATH, reason="x")
    assert "Hãy chọn người hoặc vị trí" in faults(again) and fields(again)["reason"] == ["x"]
    look = send(browser, again, PATH, holder=f"position:{position}")
    assert "cho Văn thư anh, Nơi A tại Nơi A" in told(look)
    back = browser.post(f"{PATH}/xem?lui=1", _flat(fields(look)))
    assert fields(browser.get(back.headers["Location"]))["holder"] == [f"position:{position}"]
    done = send(browser, look, f"{PATH}/xem")
    assert "Văn thư anh" in done.text and "Đã cấp" in done.text
    assert [g.role for g in standing(world, "position", position)] == ["chon"]


def _flat(sent: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, values in sent.items() for value in values]


def test_from_a_person_a_post_of_theirs_can_be_chosen(world: World) -> None:
    browser = world.browser("admin_a")
    declared(world, "of_a", "theo-bo-tri")
    person = world.browser("admin_a").get(f"/nguoi-dung/{world.people['u1']}")
    assert f"/quyen/cap?nguoi={world.people['u1']}" in person.text
    page = first(browser, nguoi=world.people["u1"])
    assert "theo-bo-tri" in page.text and "Lịch của A" in page.text
    posts = re.findall(r'name="cho" type="radio" value="(post:[^"]+)"', page.text)
    assert len(posts) == 1
    terms = first(browser, tiep="1", cho=posts[0], vai_tro=role_tag(world, "theo-bo-tri"))
    assert fields(terms)["agency"] == [world.places["A"]]
    options = re.findall(r'<option value="([^"]*)"', terms.text.partition('id="agency"')[2])
    assert options[0] == world.places["A.u"], "the unit can be chosen, nearest first"
    look = send(browser, terms, PATH, agency=world.places["A.u"], reason="Trực")
    done = send(browser, look, f"{PATH}/xem")
    assert "Đã cấp" in done.text and "Trần Văn An" in done.text
    (given,) = standing(world, "post", posts[0].partition(":")[2])
    assert given.agency_id == world.places["A.u"]


def test_from_an_application_its_roles_are_asked_alone(world: World) -> None:
    browser, app = world.browser("admin_a"), world.applications["of_a"]
    declared(world, "of_a", "cua-lich")
    declared(world, "shared", "cua-thu")
    page = first(browser, ung_dung=app)
    assert "cua-lich" in page.text and "cua-thu" not in page.text
    nothing = first(browser, tiep="1", ung_dung=app, tim="")
    assert "Hãy nhập tên người" in faults(nothing) and "Hãy chọn vai trò" in faults(nothing)
    nobody = first(browser, tiep="1", tim="quach bi mat", vai_tro=role_tag(world, "cua-lich"))
    assert "không có người hay vị trí việc làm nào khớp với “quach bi mat”" in faults(nobody)
    assert "Quách Bí Mật" not in nobody.text


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(world: World) -> None:
    browser = world.browser("admin_a")
    declared(world, "of_a", "sai")
    page = first(
        browser, tiep="1", cho=f"person:{world.people['a2']}", vai_tro=role_tag(world, "sai")
    )
    past = (today() - timedelta(days=1)).isoformat()
    for typed, said in (
        ({"reason": " "}, "Hãy nhập lý do"),
        ({"end": past}, "đã qua"),
        ({"end": "2026-13-45"}, "ngày"),
        ({"end": ""}, "có thời hạn"),
        ({"start": "2027-05-01", "end": "2027-04-01"}, "Ngày cuối ở trước ngày đầu"),
        ({"agency": world.places["B"]}, "nội bộ"),
    ):
        again = send(browser, page, PATH, **{"reason": "Giữ lại", "basis": "QĐ 1", **typed})
        text = told(again)
        assert said in faults(again) or said in text, (typed, text)
    assert fields(send(browser, page, PATH, reason="Giữ", end=past))["reason"] == ["Giữ"]
    written = send(browser, page, PATH, reason="Giữ", start="1/5/2027", end="02/06/2027")
    assert "đến hết ngày 02/06/2027" in told(written), "as people write days"
    assert standing(world, "person", world.people["a2"]) == []


def test_codes_are_chosen_or_typed_as_people_type(world: World) -> None:
    browser = world.browser("admin_a")
    with world.installation.database.write() as tx:
        codes.put_code(tx, OPERATOR, CodeValue("field", "DAT", "Đất đai"))
        for number in range(70):
            name = f"Cấp giấy phép loại {number}"
            codes.put_code(tx, OPERATOR, CodeValue("procedure", f"1.{number:03}", name))
    declared(world, "of_a", "thu-tuc", by_field="must", by_procedure="may")
    tag = role_tag(world, "thu-tuc")
    page = first(browser, tiep="1", cho=f"person:{world.people['a3']}", vai_tro=tag)
    assert "<datalist" in page.text and "Đất đai (DAT)" in page.text
    missing = send(browser, page, PATH, reason="x")
    assert "cụ thể" in faults(missing)
    many = send(browser, page, PATH, reason="x", field="DAT", procedure="giay phep")
    assert "Có nhiều mục khớp" in faults(many)
    unknown = send(browser, page, PATH, reason="x", field="DAT", procedure="không có")
    assert "không có trong danh mục" in faults(unknown)
    look = send(browser, page, PATH, reason="x", field="DAT", procedure="cap giay phep loai 7")
    assert "lĩnh vực DAT, thủ tục 1.007" in told(look)
    send(browser, look, f"{PATH}/xem")
    held = standing(world, "person", world.people["a3"])
    (given,) = [each for each in held if each.role == "thu-tuc"]
    assert (given.field, given.procedure) == ("DAT", "1.007")


def test_what_another_must_approve_becomes_a_request(world: World) -> None:
    browser = world.browser("admin_a")
    declared(world, "of_a", "hai-nguoi", needs_approval=True)
    tag = role_tag(world, "hai-nguoi")
    page = first(browser, tiep="1", cho=f"person:{world.people['a2']}", vai_tro=tag)
    look = send(browser, page, PATH, reason="Cần")
    assert "người thứ hai phê duyệt" in told(look) and "Gửi yêu cầu" in look.text
    done = send(browser, look, f"{PATH}/xem")
    assert "Đã gửi yêu cầu" in done.text
    with world.installation.database.read() as tx:
        found = list_requests(tx, RequestQuestion(), true(), limit=50)
    assert [each.payload["role"] for each in found if each.kind == "grant"] == ["hai-nguoi"]
    twice = send(browser, look, f"{PATH}/xem")
    assert "không thực hiện lần thứ hai" in twice.text


def test_what_excludes_each_other_is_said_before_it_is_tried(world: World) -> None:
    browser = world.browser("admin_a")
    declared(world, "of_a", "lap")
    declared(world, "of_a", "soat", excludes=("lap",))
    world.grant("u1", "lap", "A", application_id=world.applications["of_a"])
    cho = f"person:{world.people['u1']}"
    page = first(browser, tiep="1", cho=cho, vai_tro=role_tag(world, "soat"))
    look = send(browser, page, PATH, reason="x")
    assert "Không ai được giữ đồng thời" in told(look) and "Trần Văn An" in told(look)
    assert "Cấp vai trò này" not in look.text and "Quay lại sửa" in look.text


def test_nothing_is_given_upward_beyond_or_to_oneself(world: World) -> None:
    """Hand-made addresses: another's people and applications, retired roles, oneself."""
    browser = world.browser("admin_a")
    declared(world, "of_a", "thu")
    tag, b1 = role_tag(world, "thu"), world.people["b1"]
    elsewhere, nobody = (
        first(browser, tiep="1", cho=f"person:{each}", vai_tro=tag) for each in (b1, new_id())
    )
    assert elsewhere.status_code == nobody.status_code == 404
    assert first(browser, nguoi=b1).status_code == 404
    assert (
        first(browser, tiep="1", tim="anh", vai_tro=role_tag(world, "xem", "of_b")).status_code
        == 404
    )
    for bad in ("", ":", "person", "khong-co:gi", f"post:{b1}", "application:x"):
        assert first(browser, tiep="1", cho=bad or "x", vai_tro=tag).status_code == 404
    page = first(browser, tiep="1", cho=f"person:{world.people['a1']}", vai_tro=tag)
    tampered = {**fields(page), "holder": [f"person:{b1}"], "reason": ["x"]}
    assert browser.post(PATH, _flat(tampered)).status_code == 404
    assert browser.post(f"{PATH}/xem", _flat(tampered)).status_code == 404
    own = first(browser, tiep="1", cho=f"person:{world.people['admin_a']}", vai_tro=tag)
    look = send(browser, own, PATH, reason="cho mình")
    assert "Gửi yêu cầu" in look.text, "asked for, not given"
    upward = first(
        browser,
        tiep="1",
        cho=f"person:{world.people['a1']}",
        vai_tro="danh-muc:agency_admin",
    )
    assert "Gửi yêu cầu" in send(browser, upward, PATH, reason="thêm người").text
    with world.installation.database.write() as tx:
        retire_role(tx, OPERATOR, world.applications["of_a"], "thu", "thôi")
    assert first(browser, tiep="1", tim="anh", vai_tro=tag).status_code == 404
    late = browser.post(f"{PATH}/xem", _flat({**fields(page), "reason": ["muộn"]}))
    assert late.status_code == 404
    assert [g for g in standing(world, "person", b1) if g.role == "thu"] == []


@pytest.mark.parametrize("who", ["inspector", "plain"])
def test_who_may_not_ask_sees_no_way_to_it(world: World, who: str) -> None:
    browser = world.browser(who)
    assert first(browser).status_code == 403
    if who == "inspector":
        app = world.applications["of_a"]
        for page in (f"/nguoi-dung/{world.people['a1']}", f"/ung-dung/{app}/vai-tro/xem"):
            assert "/quyen/cap" not in browser.get(page).text


def test_pages_cost_few_statements(world: World) -> None:
    browser = world.browser("admin_a")
    declared(world, "of_a", "gia")
    tag, cho = role_tag(world, "gia"), f"person:{world.people['a1']}"
    counts: dict[str, int] = {}
    pages = {
        "first": {"vai_tro": tag},
        "search": {"tiep": "1", "tim": "anh", "vai_tro": tag},
        "terms": {"tiep": "1", "cho": cho, "vai_tro": tag},
    }
    for name, asked in pages.items():
        first(browser, **asked)
        with world.counting() as count:
            assert first(browser, **asked).status_code == 200
        assert not count.ldap
        counts[name] = len([each for each in count.sql if each != "BEGIN"])
    terms = first(browser, tiep="1", cho=cho, vai_tro=tag)
    with world.counting() as count:
        look = send(browser, terms, PATH, reason="x")
    counts["post and look"] = len([each for each in count.sql if each != "BEGIN"])
    with world.counting() as count:
        browser.post(f"{PATH}/xem", _flat(fields(look)))
    counts["give"] = len([each for each in count.sql if each != "BEGIN"])
    print(counts)
    assert counts["terms"] <= MOST_STATEMENTS
