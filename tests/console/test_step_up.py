"""What wants a factor of the last minutes: which actions, and the way back to them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape

import pytest
import requests
from sqlalchemy import select, update

from admin_ui.console import step_up
from admin_ui.console.app import SCREENS
from admin_ui.console.tables import console_kept_form, console_session
from directory import clock
from directory.authz.grants import find_standing
from directory.ids import new_id
from idp.sessions.tables import sessions
from tests.console.test_policy import fields_of
from tests.console.world import World, told
from tests.support.browser import Browser, own_form

pytestmark = pytest.mark.only_on_sqlite("how rows of kept forms are read is asked in test_person")

# Of everything that changes something, written by hand from what each does: `always`, or in which
# cases. Whoever adds a page that takes what is sent says here whether a browser left open will do.
WEIGHTY: Mapping[str, str] = {
    "applications.make_ldap_password": "always",
    "applications.rotate_secret": "always",
    "application_removal.remove": "always",
    "slips.issue": "always",
    "certificate_binding.bind": "always",
    "certificate_binding.remove": "always",
    "certificates.take_away_ending": "long lists",
    "certificates.take_away_hand_back": "long lists",
    "grant_bulk.carry_out": "always",
    "giving.give": "roles of the administration",
    "grant_changes.renew": "roles of the administration",
    "grant_changes.withdraw": "roles of the administration",
    "requests.approve": "what two decide",
    "sign_outs.end": "always",
    "standing.suspend": "always",
    "standing.resume": "always",
    "factor_policy.put": "always",
    "factor_policy.remove": "always",
    "factor_policy.put_network": "always",
    "factor_policy.remove_network": "always",
} | dict.fromkeys(
    (
        f"{screen}.take_away"
        for screen in (
            "people", "grants", "positions", "privileged", "requests", "applications", "roles",
            "releases", "connectors", "connector_lists", "events", "short_agencies",
            "unused_accounts", "code_lists",
        )
    ),
    "long lists",
)  # fmt: skip
LIGHT = {
    "application_changes.describe_new",
    "application_changes.register", "application_changes.save",
    "application_changes.send_opening", "application_changes.set_logo",
    "application_trials.begin", "applications.set_state",
    "certificates.take_back",
    "absences.end", "absences.note",
    "code_lists.add", "code_lists.assign", "code_lists.change", "code_lists.end",
    "code_sheets.carry_out", "code_sheets.read", "connector_changes.pause",
    "connector_matching.confirm", "connector_matching.confirm_certain",
    "connector_matching.refuse", "connector_matching.take_back",
    "connector_changes.read", "connector_changes.replay_person", "connector_changes.resume",
    "connector_changes.retry", "connector_changes.retry_person", "connector_changes.ask_second",
    "connector_changes.skip_person", "connector_changes.test",
    "connector_definition.chosen", "connector_definition.put", "connector_definition.save",
    "connector_definition.set_up",
    "giving.describe", "grant_bulk.choose", "grant_bulk.read",
    "notices.change", "notices.put_up", "notices.take_down",
    "people.save", "positions.add", "positions.close", "positions.rename",
    "releases.save", "requests.refuse", "requests.withdraw",
    "roles.declare", "roles.save", "roles.set_state",
    "slips.revoke",
    "signin.leave", "signin.receive_logout_token", "viewing.begin", "viewing.end",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _operator(world: World) -> Iterator[None]:
    own = world.add_person("op_own", "Vũ Vận Hành", world.post("A"))
    world.add_person("op", "Vũ Vận Hành", world.post("A"), administrator_of=own.id)
    world.grant("op", "province_operator", "P")
    yield


def age(world: World, who: str, *, minutes: int = 6, acr: str = "2") -> None:
    """The last factor of their sessions was proved so long ago."""
    with world.installation.database.write() as tx:
        mine = sessions.c.person_id == world.people[who]
        then = clock.now_s() - minutes * 60
        tx.execute(update(sessions).where(mine).values(auth_time=then, acr=acr))


def send(world: World, browser: Browser, path: str, **form: str) -> requests.Response:
    """Send what the page at `path` would, with these values."""
    return browser.post(path, {"csrf_token": world.token_of(browser), **fields_of(path), **form})


def is_asked(answer: requests.Response) -> bool:
    return answer.status_code == 303 and answer.headers["Location"].startswith(step_up.PATH)


def test_each_page_that_takes_something_says_which_it_is(world: World) -> None:
    posted = {
        rule.endpoint for rule in world.app.url_map.iter_rules() if "POST" in (rule.methods or ())
    }
    declared = {f"{s.blueprint.name}.{view}" for s in SCREENS for view in s.step_up}
    assert declared == set(WEIGHTY)
    assert posted == set(WEIGHTY) | LIGHT


@pytest.mark.parametrize("endpoint", [each for each, when in WEIGHTY.items() if when == "always"])
def test_what_always_is_weighty_waits(world: World, endpoint: str) -> None:
    path = {
        "applications.make_ldap_password": f"/ung-dung/{world.applications['of_a']}/ldap/mat-khau",
        "applications.rotate_secret": f"/ung-dung/{world.applications['of_a']}/khoa-bi-mat",
        "application_removal.remove": f"/ung-dung/{world.applications['of_a']}/xoa",
        "grant_bulk.carry_out": "/quyen/hang-loat/xem?nhap=x",
        "slips.issue": f"/nguoi-dung/{world.people['a1']}/phieu",
        "certificate_binding.bind": f"/nguoi-dung/{world.people['a1']}/chung-thu",
        "certificate_binding.remove": f"/nguoi-dung/{world.people['a1']}/chung-thu/x/go",
        "standing.suspend": f"/nguoi-dung/{world.people['a1']}/khoa",
        "standing.resume": f"/nguoi-dung/{world.people['a1']}/mo-khoa",
        "sign_outs.end": f"/phien?noi={world.places['A']}",
        "factor_policy.put": "/xac-thuc-hai-lop/them/vai-tro",
        "factor_policy.remove": "/xac-thuc-hai-lop/bo",
        "factor_policy.put_network": "/xac-thuc-hai-lop/vung-mang",
        "factor_policy.remove_network": "/xac-thuc-hai-lop/vung-mang/xoa",
    }[endpoint]
    browser = world.browser("op")
    assert not is_asked(send(world, browser, path))
    age(world, "op")
    assert is_asked(send(world, browser, path))


@pytest.mark.parametrize(
    "path",
    ["/nguoi-dung/xuat", "/quyen/xuat", "/vi-tri/xuat", "/dac-quyen/xuat", "/yeu-cau/so/xuat",
     "/ung-dung/xuat", "/ket-noi/xuat", "/nhat-ky/xuat", "/hom-nay/don-vi-thieu-nguoi/xuat",
     "/hom-nay/chua-su-dung/xuat", "/ung-dung/thong-tin-cung-cap/xuat"],
)  # fmt: skip
def test_a_long_list_waits_and_a_short_one_goes(world: World, path: str) -> None:
    """A list of more than 200 lines is given with a reason alone."""
    browser = world.browser("op")
    age(world, "op")
    assert send(world, browser, path, dang="csv", **{"ly-do": ""}).status_code in (200, 303)
    assert is_asked(send(world, browser, path, dang="csv", **{"ly-do": " "}))


def test_one_factor_is_not_enough_though_it_be_new(world: World) -> None:
    path = f"/ung-dung/{world.applications['of_a']}/khoa-bi-mat"
    browser = world.browser("op")
    age(world, "op", minutes=0, acr="1")
    assert is_asked(send(world, browser, path))
    age(world, "op", minutes=0)
    assert not is_asked(send(world, browser, path))


def test_of_roles_those_of_the_administration(world: World) -> None:
    see = world.applications["of_a"]
    own = world.grant("a1", "agency_admin", "A")
    browser = world.browser("op")
    age(world, "op")
    withdrawal = send(world, browser, f"/quyen/{own}/thu-hoi", reason="nghỉ")
    assert is_asked(withdrawal)
    assert is_asked(send(world, browser, f"/quyen/{own}/gia-han", end="2099-01-01", reason="x"))
    role = {"holder": f"person:{world.people['a2']}", "agency": world.places["A"]}
    path = "/quyen/cap/xem"
    assert is_asked(send(world, browser, path, **role, role="danh-muc:hr_officer"))
    assert not is_asked(send(world, browser, path, **role, role=f"{see}:xem"))
    back = send(world, browser, f"{path}?lui=1", **role, role="danh-muc:hr_officer")
    assert not is_asked(back)
    with world.installation.database.read() as tx:
        assert find_standing(tx, own) is not None


def test_what_is_not_there_for_them_answers_as_ever(world: World) -> None:
    """Whoever may not know of it is not asked for a factor on its account."""
    browser = world.browser("admin_b")
    age(world, "admin_b")
    answers = [
        send(world, browser, f"/quyen/{each}/thu-hoi", reason="x")
        for each in (world.grants["held_a"], new_id())
    ]
    assert [each.status_code for each in answers] == [404, 404]
    asked = send(world, browser, f"/yeu-cau/{new_id()}/phe-duyet")
    assert asked.status_code == 404


def test_what_was_sent_is_kept_and_sent_with_one_press(world: World) -> None:
    browser, held = world.browser("op"), world.grant("a1", "help_desk", "A")
    age(world, "op")
    path, reason = f"/quyen/{held}/thu-hoi", "Lý do “dài” <b>& ký tự</b>"
    page = browser.open(send(world, browser, path, reason=reason).headers["Location"])
    assert "Xác nhận lại là Anh/Chị" in told(page)
    assert "Thu hồi một vai trò quản trị" in told(page)
    assert reason not in unescape(page.text), "shown to whoever found the browser open"
    (anew,) = re.findall(r'href="(/dang-nhap\?[^"]+)"', page.text)
    asked = browser.get(unescape(anew)).headers["Location"]
    assert "max_age=240" in asked
    with world.installation.database.read() as tx:
        stored = tx.execute(select(console_kept_form.c.body)).scalars().all()
    assert all(reason.encode() not in body for body in stored)
    age(world, "op", minutes=0)  # proved anew
    ready = browser.get(page.url)
    assert "Sẵn sàng thực hiện" in told(ready)
    with world.installation.database.read() as tx:
        assert find_standing(tx, held) is not None, "nothing is done by coming back"
    done = browser.submit(ready, own_form(ready))
    assert "Đã thu hồi" in told(browser.follow(done)), told(browser.follow(done))
    with world.installation.database.read() as tx:
        assert find_standing(tx, held) is None


def test_nobody_else_comes_to_what_was_kept(world: World) -> None:
    browser = world.browser("op")
    age(world, "op")
    path = f"/ung-dung/{world.applications['of_a']}/khoa-bi-mat"
    page = browser.open(send(world, browser, path).headers["Location"])
    for other in (world.browser("op"), world.browser("admin_a")):
        gone = other.get(page.url)
        assert gone.status_code == 303 and gone.headers["Location"] == "/"
        assert "chờ quá lâu" in told(other.follow(gone))
    with world.installation.database.read() as tx:
        assert tx.execute(select(console_session.c.sid)).first() is not None


def test_in_english(world: World) -> None:
    browser = world.browser("op")
    age(world, "op")
    path = f"/ung-dung/{world.applications['of_a']}/khoa-bi-mat"
    page = browser.get(send(world, browser, path).headers["Location"] + "&lang=en")
    assert "Confirm that it is you" in told(page)
    assert "Make a new secret for an application" in told(page)
