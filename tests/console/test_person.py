"""One person: the page, the form, and what becomes of a change."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from sqlalchemy import select, update

from admin_ui.console import kept_forms
from admin_ui.console.tables import console_kept_form
from admin_ui.console.views import people
from directory import clock
from directory.audit.reading import list_events
from directory.catalogue.facts import FACTS, Fact
from directory.catalogue.person import Person, person_dn
from directory.ldap.entries import Change
from directory.people import service
from directory.projection import queries
from tests.console.world import World, told
from tests.support.installation import OPERATOR, RunningInstallation

MOST_STATEMENTS = 25
_serial = iter(range(1000))


@pytest.fixture
def person(world: World) -> Person:
    """A fresh person of the unit of A."""
    name = f"fresh{next(_serial)}"
    return world.add_person(name, "Nguyễn Thị Mới", world.post("A.u"), phone="0274 100 100")


def path_of(person: Person) -> str:
    return f"/nguoi-dung/{person.id}"


def test_the_page_tells_who_where_and_what_happened(world: World, person: Person) -> None:
    browser = world.browser("admin_a")
    with world.counting() as count:
        page = browser.get(path_of(person))
    assert page.status_code == 200
    for words in ("Nguyễn Thị Mới", "Chuyên viên", "Nơi A.u", "0274 100 100", "Đang hoạt động"):
        assert words in told(page)
    assert "thêm Nguyễn Thị Mới" in told(page)
    assert count.numbers[0] <= MOST_STATEMENTS, count.sql
    assert count.numbers[1] == 0


def test_history_is_for_those_who_may_read_the_log(world: World, person: Person) -> None:
    for actor, may in (("admin_a", True), ("hr_officer", False), ("inspector", False)):
        page = world.browser(actor).get(path_of(person))
        assert page.status_code == 200
        assert ("Lịch sử" in page.text) is may, actor
        assert ("/nhat-ky" in page.text) is may, actor


def test_phone_and_title_reach_ldap_projection_and_log(world: World, person: Person) -> None:
    browser = world.browser("admin_a")
    form = browser.form_of(path_of(person) + "/sua")
    answer = browser.post(
        path_of(person) + "/sua", form | {"phone": " 0274  382 1234 ", "title": "Phó Trưởng phòng"}
    )
    assert answer.status_code == 303
    assert answer.headers["Location"] == path_of(person)
    entry = world.installation.ldap.read(
        person_dn(person.id, world.installation.settings.suffix), ["*"]
    )
    assert entry is not None
    assert entry.one("telephoneNumber") == "0274 382 1234"
    assert entry.one("title") == "Phó Trưởng phòng"
    with world.installation.database.read() as tx:
        row = queries.person(tx, person.id)
        events = list_events(tx, subject=f"person:{person.id}", limit=2)
    assert row is not None
    assert (row.phone, row.posts[0].title) == ("0274 382 1234", "Phó Trưởng phòng")
    assert row.posts[0].unit_id == world.places["A.u"]
    assert [event.kind for event in events] == ["change.done", "person.change.requested"]
    assert events[1].actor == f"person:{world.people['admin_a']}"
    page = browser.get(path_of(person))
    assert "Đã lưu." in told(page)
    assert "ở lần đăng nhập kế tiếp" in told(page), "what applications are told of"
    assert "→ 0274 382 1234, chức vụ Chuyên viên → Phó Trưởng phòng" in told(page)
    assert "Đã lưu." not in told(browser.get(path_of(person))), "said once"
    assert "→ 0274 382 1234" in told(browser.get("/nhat-ky"))
    edit = path_of(person) + "/sua"
    browser.post(edit, browser.form_of(edit) | {"phone": "0274 382 1235"})
    text = told(browser.get(path_of(person)))
    assert "Đã lưu." in text
    assert "ở lần đăng nhập kế tiếp" not in text


@pytest.mark.parametrize("fact", [f for f in FACTS if f.on_form], ids=lambda fact: fact.name)
def test_a_fact_of_the_form_is_asked_for_checked_and_shown(
    world: World, person: Person, fact: Fact
) -> None:
    browser, path = world.browser("admin_a"), path_of(person)
    form = browser.form_of(path + "/sua")
    page = browser.get(path + "/sua").text
    assert f'<label class="field__label" for="{fact.name}">{fact.heading.vi}' in page
    assert fact.hint is not None and fact.hint.vi in page
    assert re.search(rf'id="{fact.name}"[^>]*aria-describedby="{fact.name}-hint"', page)
    answer = browser.save(path + "/sua", form | {fact.name: "x" * (fact.longest + 1)})
    assert f'<a href="#{fact.name}">' in answer.text and fact.refused.said is not None
    assert fact.refused.said.vi in told(answer)
    assert re.search(
        rf'aria-describedby="{fact.name}-hint {fact.name}-error" aria-invalid="true"', answer.text
    )
    value = "0274 555 001" if fact.kind == "phone" else "Chữ mới"
    assert browser.post(path + "/sua", form | {fact.name: value}).status_code == 303
    assert getattr(service.read_person(world.installation, person.id), fact.name) == value
    shown = told(browser.get(path))
    assert f"{fact.heading.vi} {value}" in shown
    assert f"{fact.label.vi} " in shown and f"→ {value}" in shown, "the log tells it"


def test_one_form_is_one_change_all_or_nothing(world: World, person: Person) -> None:
    browser = world.browser("admin_a")
    form = browser.form_of(path_of(person) + "/sua")
    answer = browser.save(path_of(person) + "/sua", form | {"phone": "1234", "title": "x" * 201})
    assert "Nhập chức vụ" in answer.text
    assert 'value="1234"' in answer.text and "x" * 201 in answer.text, "nothing typed is lost"
    assert service.read_person(world.installation, person.id) == person


def test_nothing_different_is_no_change(world: World, person: Person) -> None:
    browser = world.browser("admin_a")
    form = browser.form_of(path_of(person) + "/sua")
    with world.counting() as count:
        assert browser.post(path_of(person) + "/sua", form).status_code == 303
    assert count.ldap == []
    assert "Không có gì thay đổi" in told(browser.get(path_of(person)))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("phone", "không có số", "Số điện thoại chỉ gồm"),
        ("phone", "12", "Số điện thoại chỉ gồm"),
        ("phone", "---", "Số điện thoại chỉ gồm"),
        ("phone", "+(..) -", "Số điện thoại chỉ gồm"),
        ("title", "", "Nhập chức vụ"),
        ("title", "   ", "Nhập chức vụ"),
        ("title", "---", "Nhập chức vụ"),
        ("title", "12 / 3", "Nhập chức vụ"),
    ],
)
def test_a_mistake_is_told_at_its_field(
    world: World, person: Person, field: str, value: str, message: str
) -> None:
    browser = world.browser("admin_a")
    form = browser.form_of(path_of(person) + "/sua")
    answer = browser.save(path_of(person) + "/sua", form | {field: value})
    assert f'<a href="#{field}">' in answer.text
    assert message in answer.text
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', answer.text)
    assert "Chưa lưu" in answer.text.partition("</title>")[0]
    assert service.read_person(world.installation, person.id) == person


def test_a_conflict_shows_what_the_other_changed(world: World, person: Person) -> None:
    first, second = world.browser("admin_a"), world.browser("hr_officer")
    path = path_of(person) + "/sua"
    form, late = first.form_of(path), second.form_of(path)
    assert first.post(path, form | {"phone": "0274 222 222"}).status_code == 303
    answer = second.save(path, late | {"phone": "0274 333 333", "title": "Trưởng phòng"})
    text = told(answer)
    assert "Phạm Admin A đã cập nhật hồ sơ này lúc" in text
    for words in ("0274 100 100", "0274 222 222", "0274 333 333"):
        assert words in text
    assert 'value="0274 333 333"' in answer.text and 'value="Trưởng phòng"' in answer.text
    assert service.read_person(world.installation, person.id).phone == "0274 222 222"
    again = {name: value for name, value in late.items() if name not in ("phone", "title")}
    again |= {"seen_phone": "0274 222 222", "phone": "0274 333 333", "title": "Trưởng phòng"}
    assert f'name="seen_phone" value="{again["seen_phone"]}"' in answer.text
    assert second.post(path, again).status_code == 303
    now = service.read_person(world.installation, person.id)
    assert (now.phone, now.posts[0].title) == ("0274 333 333", "Trưởng phòng")


def test_every_fault_is_told_in_one_pass(world: World, person: Person) -> None:
    browser = world.browser("admin_a")
    path = path_of(person) + "/sua"
    answer = browser.save(path, browser.form_of(path) | {"phone": "---", "title": " "})
    for field in ("phone", "title"):
        assert f'<a href="#{field}">' in answer.text
        assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', answer.text)


def test_an_untouched_form_tells_what_somebody_else_changed(world: World, person: Person) -> None:
    first, second = world.browser("admin_a"), world.browser("hr_officer")
    path = path_of(person) + "/sua"
    form, late = first.form_of(path), second.form_of(path)
    assert first.post(path, form | {"phone": "0274 222 222"}).status_code == 303
    page = second.save(path, late)
    for words in ("Phạm Admin A đã cập nhật", "0274 100 100", "0274 222 222", "chưa sửa gì"):
        assert words in told(page)
    assert 'name="phone" type="tel" value="0274 222 222"' in page.text, "the form follows"
    assert second.post(path, late | {"seen_phone": "0274 222 222", "phone": "0274 222 222"})
    assert service.read_person(world.installation, person.id).phone == "0274 222 222"


def test_going_back_over_a_fault_sends_nothing_again(world: World, person: Person) -> None:
    """Whatever a form is answered with, the page that shows it came by GET and can be reloaded."""
    browser, other = world.browser("admin_a"), world.browser("hr_officer")
    path = path_of(person) + "/sua"
    form = browser.form_of(path)
    shown = browser.post(path, form | {"phone": "---"}).headers["Location"]
    for _ in range(2):
        assert 'value="---"' in browser.get(shown).text
    assert "---" not in other.get(shown).text, "kept for who typed it"
    elsewhere = shown.replace(person.id, world.people["a1"])
    assert 'value="---"' not in browser.get(elsewhere).text, "kept for its page"


def test_a_form_that_an_earlier_version_kept_has_the_new_fields_too(
    world: World, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = {"phone": "---", "title": "Chuyên viên"}
    kept = kept_forms.KeptForm(typed, typed | {"phone": ""}, [{"field": "phone", "message": "sai"}])
    monkeypatch.setattr(people, "find_kept", lambda: kept)
    page = world.browser("admin_a").get(path_of(person) + "/sua").text
    assert 'name="phone" type="tel" value="---"' in page
    assert re.search(r'name="academic_title" type="text" value=""', page)


def test_kept_forms_are_few_and_end(world: World, person: Person) -> None:
    browser = world.browser("admin_a")
    path = path_of(person) + "/sua"
    form = browser.form_of(path)
    pages = [
        browser.post(path, form | {"phone": f"+{'-' * number}"}).headers["Location"]
        for number in range(1, kept_forms.MOST_PER_SESSION + 3)
    ]
    kept = [page for page in pages if "Chưa lưu" in browser.get(page).text]
    assert len(kept) == kept_forms.MOST_PER_SESSION and kept[-1] == pages[-1]
    with world.installation.database.write() as tx:
        tx.execute(update(console_kept_form).values(expires_at=clock.now_ms()))
    assert not [page for page in pages if "Chưa lưu" in browser.get(page).text]
    browser.post(path, form | {"phone": "---"})
    with world.installation.database.read() as tx:
        assert len(tx.execute(select(console_kept_form)).all()) == 1, "the ended are gone"


def test_changes_of_different_fields_do_not_meet(world: World, person: Person) -> None:
    first, second = world.browser("admin_a"), world.browser("hr_officer")
    path = path_of(person) + "/sua"
    form, late = first.form_of(path), second.form_of(path)
    assert first.post(path, form | {"phone": "0274 222 222"}).status_code == 303
    assert second.post(path, late | {"title": "Trưởng phòng"}).status_code == 303
    now = service.read_person(world.installation, person.id)
    assert (now.phone, now.posts[0].title) == ("0274 222 222", "Trưởng phòng")


@pytest.mark.parametrize(
    "extra",
    [
        "is_admin",
        "roles",
        "agency_id",
        "unit_id",
        "email_verified",
        "sub",
        "id",
        "username",
        "status",
        "password_hash",
        "created_at",
        "posts",
        "dmPost",
    ],
)
def test_fields_nobody_asked_for_are_refused(world: World, person: Person, extra: str) -> None:
    """Power is not smuggled in beside a phone number."""
    browser = world.browser("admin_a")
    path = path_of(person) + "/sua"
    form = browser.form_of(path)
    answer = browser.post(path, form | {"phone": "0274 999 999", extra: world.places["B"]})
    assert answer.status_code == 422
    assert service.read_person(world.installation, person.id) == person


def test_doubled_missing_and_endless_fields_are_refused(world: World, person: Person) -> None:
    browser = world.browser("admin_a")
    path = path_of(person) + "/sua"
    form = browser.form_of(path)
    missing = {name: value for name, value in form.items() if name != "seen_phone"}
    doubled: dict[str, str | list[str]] = {**form, "phone": ["1111", "2222"]}
    endless = form | {"phone": "1" * 2000}
    wrong: tuple[Mapping[str, str | list[str]], ...] = (missing, doubled, endless)
    for data in wrong:
        assert browser.post(path, data).status_code == 422
    assert service.read_person(world.installation, person.id) == person


def test_a_form_after_the_session_keeps_what_was_typed(world: World, person: Person) -> None:
    browser = world.browser("admin_a")
    path = path_of(person) + "/sua"
    form = browser.form_of(path) | {"phone": "0274 <b>777"}
    browser.http.cookies.pop("dmc_session")
    answer = browser.post(path, form)
    assert answer.status_code == 401
    assert "Phiên làm việc đã hết hạn" in answer.text
    assert 'name="phone" value="0274 &lt;b&gt;777"' in answer.text
    assert answer.text.count('name="csrf_token"') == 1


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=alert(1)>",
        "Cán bộ {{7*7}}",
        "javascript:alert(1)",
        "</title><script>x</script>",
    ],
)
def test_markup_in_names_and_titles_is_text(world: World, text: str) -> None:
    """Names refuse angle brackets; titles take them and show them as they are."""
    post = world.post("A", text)
    username = f"ma{next(_serial)}"
    world.add_person(username, "Lý Văn Ma", post, phone="0274 100 100")
    browser, person_id = world.browser("admin_a"), world.people[username]
    for path in (
        f"/nguoi-dung/{person_id}",
        f"/nguoi-dung/{person_id}/sua",
        "/nguoi-dung?tim=ly+ma",
    ):
        page = browser.get(path).text
        assert "<img" not in page and "<script>" not in page and ">49<" not in page
        assert "javascript:alert(1)" not in re.findall(r'href="([^"]*)"', page)
    form = browser.form_of(f"/nguoi-dung/{person_id}/sua")
    browser.post(f"/nguoi-dung/{person_id}/sua", form | {"title": text + " 2"})
    for path in (f"/nguoi-dung/{person_id}", "/nhat-ky"):
        page = browser.get(path).text
        assert "<img" not in page and "<script>" not in page


def test_markup_in_questions_is_text(world: World) -> None:
    browser = world.browser("admin_a")
    for path in ("/nguoi-dung?tim=", "/nhat-ky?nguoi=", "/nhat-ky?loai=", "/nhat-ky?truoc="):
        page = browser.get(path + '"><script>alert(1)</script>').text
        assert "<script>" not in page


def test_a_leaver_without_posts_is_shown_and_has_no_title(world: World) -> None:
    left = world.add_person("gone", "Lê Đã Nghỉ", world.post("A"))
    service.retire(world.installation, OPERATOR, left.id, "nghỉ hưu")
    browser = world.browser("admin_a")
    assert "Đã thôi việc" in told(browser.get(path_of(left)))


def test_with_the_catalogue_away_nothing_typed_is_lost(
    world: World, person: Person, running: RunningInstallation
) -> None:
    browser = world.browser("admin_a")
    path = path_of(person) + "/sua"
    form = browser.form_of(path)
    running.kill_slapd()
    try:
        answer = browser.save(path, form | {"phone": "0274 555 555"})
    finally:
        running.start_slapd()
    assert "Danh mục người dùng hiện chưa trả lời" in answer.text
    assert 'value="0274 555 555"' in answer.text
    assert "<title>Chưa lưu" in answer.text
    assert service.read_person(world.installation, person.id) == person
    # The form that came back is a whole form: sending it is all that is left to do.
    assert browser.post(path, form | {"phone": "0274 555 555"}).status_code == 303
    assert service.read_person(world.installation, person.id).phone == "0274 555 555"


@pytest.mark.parametrize("typed", ["0274 1111111", "0912 222222", "0274 3333333"])
def test_two_numbers_of_another_tool_are_shown_and_one_is_chosen(
    world: World, person: Person, typed: str
) -> None:
    browser, path = world.browser("admin_a"), path_of(person) + "/sua"
    dn = person_dn(person.id, world.installation.settings.suffix)
    both = ("0274 1111111", "0912 222222")
    world.installation.ldap.modify(dn, [Change("replace", "telephoneNumber", both)])
    refused = browser.post(path, browser.form_of(path) | {"phone": typed})
    again = refused.headers["Location"]
    page = browser.get(again)
    assert all(number in told(page) for number in both)
    assert "chưa lưu" in told(page).lower() or "không lưu" in told(page).lower()
    saved = browser.post(path, browser.form_of(again) | {"phone": typed})
    assert saved.headers["Location"] == path_of(person)
    entry = world.installation.ldap.read(dn, ["telephoneNumber"])
    assert entry is not None and entry.all("telephoneNumber") == (typed,)


def test_a_form_is_never_shown_again_without_a_sentence(world: World) -> None:
    with world.app.test_request_context("/"), pytest.raises(ValueError, match="sentence"):
        kept_forms.show_again("/x", kept_forms.KeptForm({}, {}))


def test_why_somebody_may_not_be_changed_is_said_alike_on_page_and_by_address(
    world: World,
) -> None:
    browser = world.browser("admin_a")
    own = f"/nguoi-dung/{world.people['admin_a']}"
    for page in (browser.get(own), browser.get(own + "/sua")):
        assert "hồ sơ của chính Anh/Chị" in told(page)
        assert "cơ quan giữ vị trí chính" not in told(page)
