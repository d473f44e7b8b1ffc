"""A person of another agency answers exactly as one who does not exist."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import requests

from directory.authz import applications
from directory.authz.applications import Application
from directory.authz.positions import add_position
from directory.authz.removing import mark_removed
from directory.ids import new_id, support_code
from tests.console.world import World, names_in, told
from tests.support.installation import OPERATOR

_SECRET_WORDS = ("Quách", "Bí Mật", "Nơi B", "of-b.vn")


def as_sent(response: requests.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body without what differs between any two requests: the request id."""
    request_id = response.headers["X-Request-Id"]
    headers = [(k, v) for k, v in response.headers.items() if k not in ("Date", "X-Request-Id")]
    body = response.content.replace(support_code(request_id).encode(), b"-")
    return response.status_code, headers, body


def without(body: bytes, *ids: str) -> bytes:
    for each in ids:
        body = body.replace(each.encode(), b"*" * 36)
    return body


@pytest.mark.parametrize("actor", ["inspector", "hr_officer", "admin_a"])
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("page", ["", "/sua"])
def test_same_status_headers_bytes_and_operations(
    world: World, actor: str, method: str, page: str
) -> None:
    browser, elsewhere, nobody = world.browser(actor), world.people["b1"], new_id()
    token = world.token_of(browser)
    answers, counts = [], []
    for person_id in (elsewhere, nobody):
        path = f"/nguoi-dung/{person_id}{page}"
        with world.counting() as count:
            if method == "GET":
                answer = browser.get(path)
            else:
                answer = browser.post(path, {"csrf_token": token, "phone": "1"})
        status, headers, body = as_sent(answer)
        answers.append((status, headers, without(body, elsewhere, nobody)))
        # Whether notices are due, and that the session is used, falls to any page.
        due = ("console", "FROM notice")
        asked = [each for each in count.sql if not any(word in each for word in due)]
        counts.append((count.numbers[1], asked))
    assert answers[0] == answers[1]
    assert answers[0][0] in (403, 404, 405)
    assert counts[0] == counts[1]
    assert counts[0][0] == 0, "LDAP was asked"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "page",
    [
        "",
        "/ket-noi",
        "/bieu-tuong",
        "/sua",
        "/ai-duoc-vao",
        "/dia-chi",
        "/trang-thai",
        "/xoa",
        "/khoa-bi-mat",
        "/de-nghi-mo",
        "/doi-bieu-tuong",
        "/vai-tro",
        "/vai-tro/xem",
        "/khai-bao-vai-tro",
        "/vai-tro/xem/sua",
        "/vai-tro/xem/trang-thai",
    ],
)
def test_internal_applications_of_others_answer_as_missing_ones(
    world: World, method: str, page: str
) -> None:
    browser = world.browser("admin_a")
    theirs, nobodys = world.applications["of_b"], new_id()
    token = world.token_of(browser)
    answers, counts = [], []
    for one in (theirs, nobodys):
        path = f"/ung-dung/{one}{page}"
        with world.counting() as count:
            if method == "GET":
                answer = browser.get(path)
            else:
                answer = browser.post(path, {"csrf_token": token, "reason": "x"})
        status, headers, body = as_sent(answer)
        answers.append((status, headers, without(body, theirs, nobodys)))
        counts.append((count.numbers, [s for s in count.sql if "console" not in s]))
    assert answers[0] == answers[1]
    assert answers[0][0] in (404, 405)
    assert counts[0] == counts[1]


@pytest.mark.parametrize("page", ["", "/du-lieu", "/vai-tro", "/xoa"])
def test_removed_applications_of_others_answer_as_missing_ones(world: World, page: str) -> None:
    browser = world.browser("admin_a")
    theirs, nobodys = new_id(), new_id()
    with world.installation.database.write() as tx:
        owner = world.places["B"]
        gone = Application(theirs, "Đã bỏ", owner_agency_id=owner, sharing="internal")
        applications.put(tx, OPERATOR, replace(gone, access="agencies", agencies=(owner,)))
        mark_removed(tx, OPERATOR, theirs)
    world.token_of(browser)
    answers = []
    for one in (theirs, nobodys):
        with world.counting() as count:
            status, headers, body = as_sent(browser.get(f"/ung-dung/{one}{page}"))
        sql = [s for s in count.sql if "console" not in s]
        answers.append((status, headers, without(body, theirs, nobodys), sql))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("page", ["", "/gia-han", "/thu-hoi"])
@pytest.mark.parametrize("actor", ["inspector", "admin_a"])
def test_grants_of_others_answer_as_missing_ones(
    world: World, method: str, page: str, actor: str
) -> None:
    browser = world.browser(actor)
    theirs, nobodys = world.grants["held_b"], new_id()
    token = world.token_of(browser)
    names = ("end", "reason", "basis") if page == "/gia-han" else ("reason",)
    form = {name: "2099-01-01" if name == "end" else "x" for name in names}
    form |= {f"seen_{name}": "" for name in names} | {"csrf_token": token}
    answers, counts = [], []
    for one in (theirs, nobodys):
        path = f"/quyen/{one}{page}"
        with world.counting() as count:
            answer = browser.get(path) if method == "GET" else browser.post(path, form)
        status, headers, body = as_sent(answer)
        answers.append((status, headers, without(body, theirs, nobodys)))
        counts.append((count.numbers, [s for s in count.sql if "console" not in s]))
    assert answers[0] == answers[1]
    assert answers[0][0] in (403, 404, 405)
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", ["noi", "nguoi", "vi-tri", "ung-dung"])
def test_a_list_of_grants_by_what_is_of_others_answers_as_by_what_is_missing(
    world: World, name: str
) -> None:
    browser, nobodys = world.browser("admin_a"), new_id()
    token = world.token_of(browser)
    browser.get("/quyen")  # how many grants one's places have is counted once in ten minutes
    with world.installation.database.write() as tx:
        position = add_position(tx, OPERATOR, world.places["B"], f"Mật {new_id()}")
    theirs = {
        "noi": world.places["B"],
        "nguoi": world.people["b1"],
        "vi-tri": position.id,
        "ung-dung": world.applications["of_b"],
    }[name]
    for method in ("GET", "POST"):
        answers, counts = [], []
        for one in (theirs, nobodys):
            with world.counting() as count:
                if method == "GET":
                    answer = browser.get("/quyen", **{name: one})
                else:
                    form = {"dang": "csv", "ly-do": "x", "csrf_token": token}
                    answer = browser.post(f"/quyen/xuat?{name}={one}", form)
            status, headers, body = as_sent(answer)
            answers.append((status, headers, without(body, theirs, nobodys)))
            counts.append(count.numbers)
        assert answers[0] == answers[1]
        assert answers[0][0] == 404
        assert counts[0] == counts[1]


def test_places_of_others_answer_as_missing_ones(world: World) -> None:
    browser, elsewhere, nowhere = world.browser("admin_a"), world.places["B"], new_id()
    world.token_of(browser)  # the first page also gives a cookie
    answers, counts = [], []
    for place_id in (elsewhere, nowhere, world.places["P"]):
        with world.counting() as count:
            answer = browser.get("/nguoi-dung", noi=place_id)
        status, headers, body = as_sent(answer)
        answers.append((status, headers, without(body, place_id)))
        counts.append(count.numbers)
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 404
    assert counts[0] == counts[1] == counts[2]


@pytest.mark.parametrize("typed", ["quach bi mat", "Quách", "b1", "mat", "admin.b", "quach%"])
def test_search_counts_and_names_know_nothing_of_others(world: World, typed: str) -> None:
    browser = world.browser("admin_a")
    for_them, for_nobody = (
        browser.get("/nguoi-dung", tim=typed),
        browser.get("/nguoi-dung", tim="zz"),
    )
    assert for_them.status_code == 200
    assert names_in(for_them) == []
    assert told(for_them).replace(typed, "zz") == told(for_nobody)


def test_search_costs_the_same_for_their_names_as_for_nobodys(world: World) -> None:
    browser, counts = world.browser("admin_a"), []
    for typed in ("quách bí mật", "không có ai"):
        with world.counting() as count:
            browser.get("/nguoi-dung", tim=typed)
        counts.append(count.numbers)
    assert counts[0] == counts[1]


def test_every_page_of_one_agency_is_free_of_the_other(world: World) -> None:
    browser = world.browser("admin_a")
    browser.get(f"/nguoi-dung/{world.people['b1']}")  # leaves a refusal in the log
    paths = [
        "/nguoi-dung",
        "/nguoi-dung?trang=2",
        "/nguoi-dung?tim=a",
        f"/nguoi-dung?noi={world.places['A.u']}",
        f"/nguoi-dung/{world.people['a1']}",
        f"/nguoi-dung/{world.people['a1']}/sua",
        "/nhat-ky",
        "/nhat-ky?loai=nguoi-dung",
        "/nhat-ky?loai=tu-choi",
        "/nhat-ky?nguoi=b1",
        "/quyen",
        "/quyen?tim=bi+mat",
        "/quyen?tinh-trang=nguoi-da-chuyen",
        f"/quyen/{world.grants['held_a']}",
        "/ung-dung",
        "/ung-dung?tim=bi+mat",
        "/ung-dung/thong-tin-cung-cap",
        "/ung-dung/thong-tin-cung-cap?tim=bi+mat",
        f"/ung-dung?noi={world.places['B']}",
        f"/ung-dung/{world.applications['of_a']}",
        f"/ung-dung/{world.applications['of_a']}/ai-duoc-vao",
        f"/ung-dung/{world.applications['of_a']}/thu-dang-nhap",
        f"/ung-dung/{world.applications['of_a']}/loi",
        f"/ung-dung/{world.applications['shared']}",
        f"/ung-dung/{world.applications['shared']}/vai-tro",
        f"/ung-dung/{world.applications['shared']}/vai-tro/xem",
        "/ung-dung/dang-ky/web",
        "/vi-tri",
        "/vi-tri?tim=bi+mat",
        "/vi-tri/them",
        "/quyen/cap",
        f"/quyen/cap?nguoi={world.people['a1']}",
        f"/quyen/cap?tiep=1&tim=bi+mat&vai-tro={world.applications['of_a']}:xem",
        f"/quyen/cap?tiep=1&tim=a&vai-tro={world.applications['of_a']}:xem",
    ]
    for path in paths:
        text = browser.get(path).text
        found = [word for word in _SECRET_WORDS if word in text]
        assert not found, f"{path} tells of {found}"
    assert "Quách Bí Mật" in world.browser("admin_b").get("/nguoi-dung").text


def test_the_log_does_not_know_their_user_names(world: World) -> None:
    browser, answers, counts = world.browser("admin_a"), [], []
    for username in ("b1", "zz"):
        with world.counting() as count:
            page = browser.get("/nhat-ky", nguoi=username)
        answers.append(told(page).replace(username, "?"))
        counts.append(count.numbers)
    assert answers[0] == answers[1]
    assert counts[0] == counts[1]
    assert world.people["b1"] not in page.text


def test_agency_in_query_body_or_header_does_not_count(world: World) -> None:
    """The path says a person of A, everything else says B, and the reverse."""
    browser = world.browser("admin_a")
    a1, b1, agency_b = world.people["a1"], world.people["b1"], world.places["B"]
    everywhere = {"X-Agency": agency_b, "X-Person": b1, "X-Original-URL": f"/nguoi-dung/{b1}"}
    page = browser.http.get(
        f"{world.url}/nguoi-dung/{a1}?agency={agency_b}&person_id={b1}",
        headers=everywhere,
    )
    assert page.status_code == 200
    assert "Đặng Thị Ánh" in page.text
    page = browser.http.get(
        f"{world.url}/nguoi-dung/{b1}?agency={world.places['A']}&person_id={a1}",
        headers={"X-Agency": world.places["A"]},
    )
    assert page.status_code == 404


def test_power_ends_with_the_role_and_with_the_person(world: World) -> None:
    """Disabled or withdrawn is dead at the next request."""
    from directory.people import service

    world.add_person("brief", "Phạm Ngắn", world.post("A"))
    grant = world.grant("brief", "agency_admin", "A")
    browser = world.browser("brief")
    assert browser.get("/nguoi-dung").status_code == 200
    world.revoke(grant)
    assert browser.get("/nguoi-dung").status_code == 403
    world.grant("brief", "inspector", "A")
    assert browser.get("/nguoi-dung").status_code == 200
    service.suspend(world.installation, OPERATOR, world.people["brief"], "đình chỉ")
    assert browser.get("/nguoi-dung").status_code == 303
    service.resume(world.installation, OPERATOR, world.people["brief"], "trở lại")
    assert browser.get("/nguoi-dung").status_code == 303, "the old session stays dead"


def test_a_second_post_here_lets_see_but_not_change(world: World) -> None:
    """Their main post keeps their record; a second post here only makes them visible here."""
    both = world.add_person(
        "both", "Võ Hai Nơi", world.post("B"), world.post("A", "Cố vấn", kind="concurrent")
    )
    here, there = world.browser("admin_a"), world.browser("admin_b")
    page = here.get(f"/nguoi-dung/{both.id}")
    assert page.status_code == 200
    assert "ngoài phạm vi" in page.text
    assert f"/nguoi-dung/{both.id}/sua" not in page.text
    assert here.get(f"/nguoi-dung/{both.id}/sua").status_code == 403
    assert there.get(f"/nguoi-dung/{both.id}/sua").status_code == 200
    row = re.search(
        r"<tr[^>]*>(?:(?!</tr>).)*Võ Hai Nơi.*?</tr>", here.get("/nguoi-dung").text, re.S
    )
    assert row and "Cố vấn" in row[0], "the list shows the post that is here"
