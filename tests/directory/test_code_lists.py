"""Shared lists of codes: whose they are, what is said of a code, and that none is given again."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from admin_ui.components import VOCABULARY
from directory.access.code_list_sheet import MOST_LINES, codes_of, read
from directory.access.code_lists import CodeListsFor, CodeQuestion
from directory.audit.acts import ActQuestion, list_acts
from directory.audit.reading import list_events
from directory.audit.sentences import sentence
from directory.authz import code_lists, codes
from directory.authz.code_lists import LISTS, set_list
from directory.authz.codes import CodeValue, put_codes
from directory.clock import today
from directory.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from directory.people import service as people
from directory.people.service import NewPerson
from tests.directory.test_requests import World, build_world
from tests.support.installation import OPERATOR, running_installation

pytestmark = pytest.mark.both_engines

_YESTERDAY = (today() - timedelta(days=1)).isoformat()
_TOMORROW = (today() + timedelta(days=1)).isoformat()


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_installation() as running:
        yield build_world(running.installation)


def put(world: World, *values: CodeValue, who: Any = OPERATOR) -> int:
    with world.installation.database.write() as tx:
        return len(put_codes(tx, who, values[0].list, values))


def find(world: World, name: str, code: str) -> CodeValue | None:
    with world.installation.database.read() as tx:
        return codes.find_code(tx, name, code)


def refused(world: World, *values: CodeValue) -> str:
    with pytest.raises(AppError) as error:
        put(world, *values)
    return error.value.code


def told(world: World) -> str:
    with world.installation.database.read() as tx:
        event = list_events(tx, limit=1)[0]
    return sentence(event, VOCABULARY, {}, "vi")


def test_each_change_is_a_version_and_a_line_of_the_log(world: World) -> None:
    rank = CodeValue("rank", "01.003", "Chuyên viên", basis="TT 2/2021/TT-BNV")
    before = version(world, "rank")
    assert put(world, rank) == 1
    assert "ghi mã 01.003 (Chuyên viên) vào danh mục ngạch, chức danh nghề nghiệp" in told(world)
    assert put(world, rank) == 0 and version(world, "rank") == before + 1
    assert put(world, replace(rank, name_vi="Chuyên  viên chính", precedence=2)) == 1
    assert version(world, "rank") == before + 2
    said = told(world)
    assert "tên Chuyên viên → Chuyên viên chính" in said and "thứ tự 0 → 2" in said
    found = find(world, "rank", "01.003")
    assert found is not None and (found.version, found.name_vi) == (
        before + 2,
        "Chuyên viên chính",
    )


def version(world: World, name: str) -> int:
    with world.installation.database.read() as tx:
        return code_lists.state_of(tx, name).version


def test_what_is_over_stays_as_it_is_and_its_code_is_given_to_nothing_else(world: World) -> None:
    value = CodeValue("field", "cu", "Lĩnh vực cũ")
    put(world, value)
    with world.installation.database.write() as tx:
        closed = codes.close_code(tx, OPERATOR, "field", "cu", _TOMORROW, "QĐ 5")
    # As long as the day is not over, it may still be another.
    put(world, replace(closed, valid_to=_YESTERDAY))
    for wanted in (
        replace(value, name_vi="Lĩnh vực mới"),
        value,
        replace(closed, valid_to=_TOMORROW),
    ):
        assert refused(world, wanted) == "code.over"
    with world.installation.database.write() as tx, pytest.raises(Conflict, match=r"code\.over"):
        codes.close_code(tx, OPERATOR, "field", "cu", _TOMORROW)
    found = find(world, "field", "cu")
    assert found is not None and (found.name_vi, found.valid_to) == ("Lĩnh vực cũ", _YESTERDAY)
    # Its name is free, since nobody can mistake the two.
    put(world, CodeValue("field", "cu-2", "Lĩnh vực cũ"))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (CodeValue("title", "có dấu", "Tên"), "code.form"),
        (CodeValue("title", "", "Tên"), "code.form"),
        (CodeValue("title", "x" * 65, "Tên"), "code.form"),
        (CodeValue("title", "x", "  "), "code.name"),
        (CodeValue("title", "x", "a" * 301), "code.long"),
        (CodeValue("title", "x", "Tên", valid_from="31/12/2026"), "input.date"),
        (CodeValue("title", "x", "Tên", "", "2026-02-02", "2026-02-01"), "code.dates"),
        (CodeValue("title", "x", "Tên", precedence=-1), "code.precedence"),
        (CodeValue("title", "x", "Tên", parent="y"), "code.nothing_above"),
        (CodeValue("procedure", "x", "Tên", parent="khong-co"), "code.above"),
        (CodeValue("admin-unit", "x", "Tên", parent="x"), "code.circle"),
        (CodeValue("khac", "x", "Tên"), "code.list"),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_a_sentence(world: World, value: CodeValue, code: str) -> None:
    assert refused(world, value) == code
    assert find(world, value.list, value.code) is None


def test_no_two_of_one_name_where_the_name_tells_them_apart(world: World) -> None:
    put(world, CodeValue("title", "GD", "Giám đốc"))
    assert refused(world, CodeValue("title", "GD2", "GIÁM ĐỐC")) == "code.same_name"
    two = CodeValue("title", "TP", "Trưởng phòng"), CodeValue("title", "TP2", "Trưởng  phòng")
    assert refused(world, *two) == "code.same_name"
    assert find(world, "title", "TP") is None, "all or none"
    # Communes of one name are many.
    put(world, CodeValue("admin-unit", "25", "Tân Bình"), CodeValue("admin-unit", "26", "Tân Bình"))
    deputy = CodeValue("title", "PGD", "Phó giám đốc")
    assert put(world, deputy, CodeValue("title", "GD", "Phó giám đốc 2"))


def test_units_may_be_turned_round_together_but_never_stand_in_a_circle(world: World) -> None:
    first = [
        CodeValue("admin-unit", "79", "Thành phố"),
        CodeValue("admin-unit", "79.1", "Phường", parent="79"),
        CodeValue("admin-unit", "79.1.1", "Khu phố", parent="79.1"),
    ]
    put(world, *first)
    assert refused(world, replace(first[0], parent="79.1.1")) == "code.circle"
    put(world, replace(first[1], parent="79.1.1"), replace(first[2], parent="79"))


def test_a_list_is_kept_by_its_owner_and_the_province(world: World) -> None:
    value = CodeValue("procedure", "1.001", "Đăng ký")
    with pytest.raises(Forbidden):
        put(world, value, who=world.actor("admin"))
    with world.installation.database.write() as tx:
        with pytest.raises(Forbidden):
            set_list(tx, world.actor("admin"), "procedure", world.places["A"], False)
        with pytest.raises(NotFound):
            set_list(tx, OPERATOR, "procedure", "00000000-0000-4000-8000-000000000000", False)
        set_list(tx, world.actor("province"), "procedure", world.places["A"], True)
        assert not code_lists.state_of(tx, "procedure").is_closed, "nothing is typed there"
    assert put(world, value, who=world.actor("admin"))
    for who in ("other", "auditor", "hr"):
        with pytest.raises(Forbidden):
            put(world, replace(value, name_vi="Khác"), who=world.actor(who))
    assert put(world, replace(value, name_vi="Đăng ký kinh doanh"), who=world.actor("province"))


def test_only_listed_titles_where_the_list_is_closed(world: World) -> None:
    put(world, CodeValue("title", "CV", "Chuyên viên tổng hợp"))
    installation = world.installation
    person = world.people[world.newcomer()]
    people.change_person(installation, OPERATOR, person, {"title": "Người giữ kho"})
    with installation.database.write() as tx:
        set_list(tx, OPERATOR, "title", "", True)
    try:
        # What stands there stays, whatever else is changed.
        people.change_person(installation, OPERATOR, person, {"phone": "0274 382 2222"})
        for wrong in ("Thủ kho", "Chuyên viên"):
            with pytest.raises(Invalid, match=r"title\.unlisted"):
                people.change_person(installation, OPERATOR, person, {"title": wrong})
            with pytest.raises(Invalid, match=r"title\.unlisted"):
                people.move_person(installation, OPERATOR, person, world.post("B", title=wrong))
            with pytest.raises(Invalid, match=r"title\.unlisted"):
                new = NewPerson(
                    username="la.moi", full_name="Lê Mới", agency_id=world.places["A"], title=wrong
                )
                people.add_person(installation, OPERATOR, new)
        changed = people.change_person(
            installation, OPERATOR, person, {"title": "CHUYÊN VIÊN  tổng hợp"}
        )
        assert people.title_of(changed) == "Chuyên viên tổng hợp"
        with installation.database.write() as tx:
            codes.close_code(tx, OPERATOR, "title", "CV", _YESTERDAY)
        with pytest.raises(Invalid, match=r"title\.unlisted"):
            people.change_person(
                installation,
                OPERATOR,
                world.people[world.newcomer()],
                {"title": "Chuyên viên tổng hợp"},
            )
    finally:
        with installation.database.write() as tx:
            set_list(tx, OPERATOR, "title", "", False)


def test_of_two_that_change_one_code_the_second_sees_the_first(world: World) -> None:
    put(world, CodeValue("field", "dua", "Đua"))
    lists = CodeListsFor(world.installation, world.actor("province"))
    seen = lists.show("field", "dua").value.version

    def change(name: str) -> str:
        try:
            lists.change("field", "dua", {"name_vi": name}, seen)
        except Conflict as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(change, ("Đua một", "Đua hai")))
    assert outcomes == ["code.changed_meanwhile", "done"]

    def add(name: str) -> str:
        try:
            lists.add(CodeValue("field", "moi", name))
        except Conflict as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(add, ("Mới một", "Mới hai"))) == ["code.exists", "done"]


def test_a_sheet_says_what_is_new_what_changes_and_what_is_wrong(world: World) -> None:
    put(
        world,
        CodeValue("rank", "S1", "Một", "One", basis="QĐ 1", precedence=3),
        CodeValue("rank", "S2", "Hai"),
        CodeValue("rank", "S3", "Ba", valid_to=_YESTERDAY),
    )
    pasted = (
        "Mã\tTên\tThứ tự\tCó hiệu lực từ\tHết hiệu lực\n"
        "S1\tMột mới\t\t\t\n"
        "S2\tHai\t\t\t\n"
        "S3\tBa\t\t\t31/12/2099\n"
        "S4\tBốn\thai\t\t\n"
        "S5\tNăm\t5\t01/02/2026\t\n"
        "S5\tNăm nữa\t\t\t\n"
        "S6\tHai\t\t\t\n"
        "S7\tBảy\t\t32/13/2026\t\n"
    )
    lines = sheet_of(world, pasted)
    assert [(line.row, line.act) for line in lines] == [
        (2, "change"), (3, "same"), (4, "fault"), (5, "fault"), (6, "add"), (7, "fault"),
        (8, "fault"), (9, "fault"),
    ]  # fmt: skip
    assert lines[0].differences == [("name_vi", "Một", "Một mới")]
    assert lines[0].value and lines[0].value.name_en == "One", "an empty cell leaves it"
    codes_told = [line.problems[0].code for line in lines if line.problems]
    assert codes_told == [
        "code.over", "code.precedence", "line.twice", "code.same_name", "cell.date",
    ]  # fmt: skip


def sheet_of(world: World, pasted: str, name: str = "rank") -> Any:
    with world.installation.database.read() as tx:
        return codes_of(tx, LISTS[name], read(b"", pasted)).lines


def test_a_list_that_was_taken_away_is_sent_back_and_changes_nothing(world: World) -> None:
    put(world, CodeValue("rank", "R1", "Ngạch thử", "Rank", "2020-01-01", _TOMORROW, "QĐ 9"))
    headings = "Mã\tTên\tTên tiếng Anh\tThứ tự\tCó hiệu lực từ\tHết hiệu lực\tCăn cứ\n"
    day = "/".join(reversed(_TOMORROW.split("-")))
    lines = sheet_of(world, f"{headings}R1\tNgạch thử\tRank\t\t01/01/2020\t{day}\tQĐ 9\n")
    assert [line.act for line in lines] == ["same"]


def test_a_list_of_all_communes_is_put_on_at_once(world: World) -> None:
    rows = "\n".join(f"C{n:05}\tXã {n}" for n in range(MOST_LINES))
    lines = sheet_of(world, rows, "admin-unit")
    assert {line.act for line in lines} == {"add"}
    before = version(world, "admin-unit")
    lists = CodeListsFor(world.installation, world.actor("province"))
    assert lists.put_all("admin-unit", [line.value for line in lines]) == MOST_LINES
    assert version(world, "admin-unit") == before + 1
    with world.installation.database.read() as tx:
        (act,) = list_acts(tx, VOCABULARY, ActQuestion(), limit=1)
    assert act.first.kind == "codes.put" and act.first.fields["added"] == MOST_LINES
    page = lists.page(CodeQuestion("admin-unit", "xa 4999"))
    assert [each.code for each in page.codes] == ["C04999"]
    with pytest.raises(Invalid, match=r"bulk\.too_many"):
        sheet_of(world, f"{rows}\nC99999\tThừa", "admin-unit")
