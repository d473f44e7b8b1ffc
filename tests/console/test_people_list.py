"""The list: scoped, sorted by given name, searched with and without diacritics, paged."""

from __future__ import annotations

import pytest

from directory.catalogue.person import Person, Post
from directory.ids import new_id
from directory.projection import queries
from directory.projection.bulk import fill_people
from directory.text import split_name
from tests.console.world import PEOPLE, World, names_in, told
from web.forms import MOST_SEARCHED

pytestmark = pytest.mark.both_engines

# What a list page may cost, however many people there are; the two BEGINs count as well.
MOST_STATEMENTS = 20


def test_people_of_the_branch_by_given_name(world: World) -> None:
    names = names_in(world.browser("admin_a").get("/nguoi-dung"))
    ours = {name for name, place in PEOPLE.values() if place != "B"}
    assert ours < set(names)
    known = [name for name in names if name in ours]
    assert known == ["Trần Văn An", "Dang Van Anh", "Đặng Thị Ánh", "Trần Thị Thuỳ"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("đặng", ["Đặng Thị Ánh", "Dang Van Anh"]),
        ("dang", ["Dang Van Anh", "Đặng Thị Ánh"]),
        ("ANH dang", ["Dang Van Anh", "Đặng Thị Ánh"]),
        ("thùy", ["Trần Thị Thuỳ"]),
        ("tran thuy", ["Trần Thị Thuỳ"]),
        ("u1", ["Trần Văn An"]),
        ("ran", []),
        ("%", []),
        ("_", []),
        ("'; drop table catalogue_person; --", []),
    ],
)
def test_search(world: World, typed: str, expected: list[str]) -> None:
    page = world.browser("admin_a").get("/nguoi-dung", tim=typed)
    assert page.status_code == 200
    assert names_in(page) == expected
    if not expected:
        assert "Không tìm thấy ai" in page.text
    else:
        assert f"{len(expected)} người" in told(page)


def test_the_way_back_leads_to_the_list_as_it_was_left(world: World) -> None:
    browser = world.browser("admin_a")
    person, list_url = f"/nguoi-dung/{world.people['a1']}", "/nguoi-dung?tim=dang&trang=2"
    base = browser.get("/nguoi-dung").url.removesuffix("/nguoi-dung")
    ways = {
        f"{base}{list_url}": list_url.replace("&", "&amp;"),
        f"{base}/nguoi-dung": "/nguoi-dung",
        f"{base}/nhat-ky?tim=dang": "/nguoi-dung",
        "https://evil.example/nguoi-dung?tim=dang": "/nguoi-dung",
        "": "/nguoi-dung",
    }
    for came, way in ways.items():
        browser.http.headers["Referer"] = came
        assert f'<ol><li><a href="{way}">' in browser.get(person).text, came
    del browser.http.headers["Referer"]


@pytest.mark.parametrize(
    "typed",
    [
        *("0274 381 7597", "0274.381.7597", "02743817597", "+84 274 381 7597", "027438175"),
        *("CB-0417", "cb-04", "Chánh Thanh tra", "chanh thanh", "giau thanh tra"),
    ],
)
def test_people_are_found_by_what_others_know_of_them(world: World, typed: str) -> None:
    if "known" not in world.people:
        post = world.post("A", "Chánh Thanh tra")
        world.add_person("known", "Bùi Thị Giàu", post, phone="0274 381 7597", staff_no="CB-0417")
    assert names_in(world.browser("admin_a").get("/nguoi-dung", tim=typed)) == ["Bùi Thị Giàu"]
    with world.installation.database.read() as tx:
        assert queries.list_people(tx, query=typed, place_id="", limit=9)[0] == 1


def test_the_unit_narrows_the_list(world: World) -> None:
    browser = world.browser("admin_a")
    page = browser.get("/nguoi-dung", noi=world.places["A.u"])
    assert names_in(page) == ["Trần Văn An"]
    assert "Nơi A.u" in told(page)
    assert names_in(browser.get("/nguoi-dung", noi=world.places["A.u"], tim="dang")) == []


@pytest.mark.parametrize("page", ["0", "-1", "abc", "٣", "1e9", "99999999999999999999", ""])
def test_odd_page_numbers_show_the_first_page(world: World, page: str) -> None:
    answer = world.browser("admin_a").get("/nguoi-dung", trang=page)
    assert answer.status_code == 200
    assert names_in(answer)


def test_a_page_beyond_the_last_leads_back(world: World) -> None:
    answer = world.browser("admin_a").get("/nguoi-dung", trang="40", tim="an")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/nguoi-dung?tim=an"


def test_english_for_who_asks(world: World) -> None:
    page = world.browser("admin_a").get("/nguoi-dung", lang="en")
    assert '<html lang="en">' in page.text
    assert "Full name" in page.text


@pytest.fixture(scope="module")
def crowd(world: World) -> int:
    """120 more people in the unit, in the projection alone: lists ask nothing else."""
    unit, agency = world.places["A.u"], world.places["A"]
    people = []
    for number in range(120):
        name = f"Hồ Văn {chr(ord('A') + number // 26)}{chr(ord('a') + number % 26)}"
        post = Post(new_id(), agency, unit, "Nhân viên")
        parts = split_name(name)
        people.append(
            (
                Person(new_id(), *parts, username=f"ho{number:03}", full_name=name, posts=(post,)),
                "1",
            )
        )
    with world.installation.database.write() as tx:
        fill_people(tx, people)
    return len(people)


def test_pages_hold_fifty_and_the_address_holds_the_question(world: World, crowd: int) -> None:
    browser, unit = world.browser("admin_a"), world.places["A.u"]
    seen: list[str] = []
    for number in ("1", "2", "3"):
        page = browser.get("/nguoi-dung", noi=unit, tim="ho", trang=number)
        seen += names_in(page)
        assert len(names_in(page)) == (20 if number == "3" else 50)
        assert f"{crowd} người" in told(page)
        assert ('rel="next"' in page.text) == (number != "3")
        assert ('rel="prev"' in page.text) == (number != "1")
        if number == "1":
            assert f"tim=ho&amp;noi={unit}&amp;trang=2" in page.text
    assert len(seen) == len(set(seen)) == crowd
    assert "51–100 trong 120" in told(browser.get("/nguoi-dung", noi=unit, tim="ho", trang="2"))


def test_a_page_costs_the_same_however_many_rows(world: World, crowd: int) -> None:
    browser, counts = world.browser("admin_a"), {}
    for name, query in {
        "full": {},
        "one": {"noi": world.places["A.u"], "tim": "tran"},
        "all of a unit": {"noi": world.places["A.u"]},
        "search": {"tim": "ho"},
        "nobody": {"tim": "zz"},
    }.items():
        with world.counting() as count:
            assert browser.get("/nguoi-dung", **query).status_code == 200
        counts[name] = count.numbers
    assert all(ldap == 0 for _, ldap in counts.values()), counts
    assert all(sql <= MOST_STATEMENTS for sql, _ in counts.values()), counts


def test_too_many_hits_are_said_to_be_too_many(
    world: World, crowd: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from directory.projection import search, sizes

    monkeypatch.setattr(sizes, "_REMEMBERED_S", 0)
    monkeypatch.setattr(search, "MOST_HITS", 60)
    monkeypatch.setattr(search, "MOST_SORTED", 60)
    monkeypatch.setattr(search, "FEW", 60)
    browser = world.browser("admin_a")
    page = browser.get("/nguoi-dung", tim="ho")
    assert "hơn 60 người" in told(page)
    assert "Gõ thêm họ tên" in told(page)
    assert len(names_in(page)) == 50
    assert len(names_in(browser.get("/nguoi-dung", tim="ho", trang="2"))) == 10
    assert browser.get("/nguoi-dung", tim="ho", trang="3").status_code == 303


def test_a_search_that_is_too_long_is_cut(world: World) -> None:
    page = world.browser("admin_a").get("/nguoi-dung", tim="an " * 3000)
    assert page.status_code == 200
    assert page.text.count("an an") < 50 * MOST_SEARCHED


def test_whoever_looks_after_the_province_chooses_among_its_agencies(world: World) -> None:
    """Its tops alone would say little."""
    world.add_operator("everywhere")
    page = world.browser("everywhere").get("/nguoi-dung").text
    offered = page.partition('name="noi"')[2].partition("</select>")[0]
    for name in ("A", "B"):
        assert f'value="{world.places[name]}"' in offered
    assert f'value="{world.places["A.u"]}"' not in offered
