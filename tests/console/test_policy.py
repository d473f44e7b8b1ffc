"""Every route of the console × every kind of visitor × people here, there and nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from flask import Blueprint

from admin_ui.components import COMPONENTS, REGISTRATION, REQUEST_KINDS, VOCABULARY
from admin_ui.console import policy
from admin_ui.console.app import SCREENS, create_app
from admin_ui.console.application_forms import (
    AddressForm,
    ApplicationForm,
    DescriptionForm,
    EntryForm,
    OpeningForm,
)
from admin_ui.console.code_forms import CodeClosingForm, CodeForm, CodeListForm
from admin_ui.console.connector_forms import DefinitionForm, NewForm
from admin_ui.console.give_form import GiveForm
from admin_ui.console.notice_form import NoticeForm
from admin_ui.console.person_form import PersonForm
from admin_ui.console.position_forms import ClosingForm, NameForm, NewPositionForm
from admin_ui.console.release_forms import ReleaseForm
from admin_ui.console.role_forms import RoleForm
from admin_ui.console.screen import Screen
from admin_ui.console.views import people
from admin_ui.console.views.absences import AbsenceForm
from admin_ui.console.views.application_removal import RemovalForm
from admin_ui.console.views.application_trials import TrialForm
from admin_ui.console.views.applications import StateForm
from admin_ui.console.views.connector_changes import SecondForm
from admin_ui.console.views.connector_matching import PairForm
from admin_ui.console.views.grant_bulk import BulkForm
from admin_ui.console.views.grant_changes import RenewalForm, WithdrawalForm
from admin_ui.console.views.requests import ApprovalForm, RefusalForm
from admin_ui.console.views.sign_outs import ReasonForm
from admin_ui.console.views.slips import SlipForm
from admin_ui.console.views.standing import StandingForm
from admin_ui.console.views.viewing import ViewingForm
from directory.authz.permissions import AuditPermission
from directory.people.permissions import PeoplePermission
from tests.console.policy_table import COLUMNS, TABLE
from tests.console.world import World
from web.forms import ChangeForm
from web.health.checks import ready_checks

pytestmark = pytest.mark.only_on_sqlite(
    "who may open which page is decided on either in test_decisions"
)

_SEEN = dict.fromkeys((field.name for field in PersonForm({}, {})), "")
_SEEN |= {"phone": "0274 100 100", "title": "Chuyên viên"}
_FIELDS = {**_SEEN, **{f"seen_{name}": value for name, value in _SEEN.items()}}
_EXPORT = {"dang": "csv", "ly-do": "thử"}  # the log may have grown long
# The end of an address → the form that is sent to it; all others want that of a person.
_FORMS: Mapping[str, type[ChangeForm]] = {
    "/ung-dung/dang-ky/web": ApplicationForm,
    "/ung-dung/dang-ky/web/dia-chi": ApplicationForm,
    "/ai-duoc-vao": EntryForm,
    "/dia-chi": AddressForm,
    "/trang-thai": StateForm,
    "/xoa": RemovalForm,
    "/thu-dang-nhap": TrialForm,
    "/khoa-bi-mat": ChangeForm,
    "/mo-khoa": StandingForm,
    "/khoa": StandingForm,
    "/vang-mat": AbsenceForm,
    "/ket-thuc": ChangeForm,
    "/phieu": SlipForm,
    "/doi-bieu-tuong": ChangeForm,
    "/de-nghi-mo": OpeningForm,
    "/khai-bao-vai-tro": RoleForm,
    "/du-lieu/sua": ReleaseForm,
    "/vai-tro/xem/sua": RoleForm,
    "/gia-han": RenewalForm,
    "/thu-hoi": WithdrawalForm,
    "/hang-loat/xem": BulkForm,
    "/vi-tri/them": NewPositionForm,
    "/dong": ClosingForm,
    "/quyen/cap": GiveForm,
    "/quyen/cap/xem": GiveForm,
    "/phe-duyet": ApprovalForm,
    "/tu-choi": RefusalForm,
    "/rut": ChangeForm,
    "/thong-bao/them": NoticeForm,
    "/thong-bao/khong-co": NoticeForm,
    "/go": ChangeForm,
    "/xem-nhu": ViewingForm,
    "/de-nghi": SecondForm,
    "/bo-qua": SecondForm,
    "/ket-noi/dang-ky": NewForm,
    "/ket-noi/dang-ky/du-lieu": DefinitionForm,
    "/dinh-nghia/sua": DefinitionForm,
    "/ghep/khong-phai": PairForm,
}


_CODE_FORMS: Mapping[str, type[ChangeForm]] = {
    "them": CodeForm,
    "sua": CodeForm,
    "het-hieu-luc": CodeClosingForm,
    "giao": CodeListForm,
    "tep": ChangeForm,
    "xem": ChangeForm,
}


def fields_of(path: str) -> dict[str, str]:
    if path.endswith("/xuat") or "/xuat-" in path:
        return _EXPORT
    form = next((form for end, form in _FORMS.items() if path.endswith(end)), None)
    if form is None and path.startswith("/ung-dung") and path.endswith("/sua"):
        form = DescriptionForm
    if path.startswith("/vi-tri") and path.endswith("/sua"):
        form = NameForm
    if form is None and path.startswith("/ket-noi"):
        if path.endswith(("/ghep", "/rut-lai")):
            return {"person": "x", "account": "x"}
        return {"sua": ""} if path.endswith("/doc-lai") else {}
    if path.startswith("/danh-muc"):
        form = _CODE_FORMS[path.rpartition("/")[2]]
    if path.startswith("/phien") or (path.endswith("/go") and "/chung-thu/" in path):
        form = ReasonForm
    if form is None:
        return _FIELDS
    names = [field.name for field in form({}, {})]
    return {**dict.fromkeys(names, ""), **{f"seen_{name}": "" for name in names}}


def _lines() -> Iterator[tuple[str, str, str, list[int]]]:
    for line in filter(None, TABLE.splitlines()):
        method, path, person, *statuses = line.split()
        assert len(statuses) == len(COLUMNS), line
        yield method, path, person, [int(status) for status in statuses]


def _status(world: World, actor: str, method: str, path: str, person: str) -> int:
    browser = world.browser(actor)
    who = (actor or "a1") if person == "self" else person
    things = {**world.people, **world.applications, **world.grants, **world.positions}
    things |= world.connectors
    path = path.format(things.get(who, ""))
    if method == "GET":
        return browser.get(path).status_code
    form = {"csrf_token": world.token_of(browser), **fields_of(path)}
    return browser.post(path, form).status_code


@pytest.mark.parametrize(
    ("method", "path", "person", "statuses"),
    list(_lines()),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_line_of_the_table_holds(
    world: World, method: str, path: str, person: str, statuses: list[int]
) -> None:
    found = [_status(world, actor, method, path, person) for actor in COLUMNS]
    assert dict(zip(COLUMNS, found, strict=True)) == dict(zip(COLUMNS, statuses, strict=True))


def test_the_table_names_every_route(world: World) -> None:
    named = {(method, path.replace("{}", "x").partition("?")[0]) for method, path, _, _ in _lines()}
    routes = set()
    adapter = world.app.url_map.bind("localhost")
    for rule in world.app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert any(
                method == its
                and adapter.test(path, its)
                and adapter.match(path, its)[0] == rule.endpoint
                for its, path in named
            ), f"{method} {rule} is not in the table"
            routes.add(rule.endpoint)
    assert routes == set(policy.policy_of(SCREENS))


def test_a_route_without_a_policy_stops_the_start(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(screen: Screen) -> None:
        others = tuple(s for s in SCREENS if s.blueprint.name != screen.blueprint.name)
        monkeypatch.setattr("admin_ui.console.app.SCREENS", (*others, screen))
        create_app(
            world.installation,
            VOCABULARY,
            REGISTRATION,
            REQUEST_KINDS,
            ready_checks(COMPONENTS),
            expiries=(),
        )

    start(people.SCREEN)
    rows = people.SCREEN.policy
    short = {name: row for name, row in rows.items() if name != "save"}
    with pytest.raises(policy.RouteWithoutPolicy, match=r"no policy: \['people\.save'\]"):
        start(replace(people.SCREEN, policy=short))
    with pytest.raises(policy.RouteWithoutPolicy, match=r"no route: \['people\.gone'\]"):
        start(replace(people.SCREEN, policy={**rows, "gone": PeoplePermission.READ}))

    added = Blueprint("added", __name__)
    added.add_url_rule("/moi", "page", lambda: "x")
    with pytest.raises(policy.RouteWithoutPolicy, match=r"added\.page"):
        start(Screen(added, {}))


def test_what_is_in_every_page_is_compiled_before_the_first(world: World) -> None:
    made = create_app(world.installation, VOCABULARY, REGISTRATION, REQUEST_KINDS, (), expiries=())
    assert made.jinja_env.cache is not None
    compiled = {name for _, name in made.jinja_env.cache}
    assert compiled >= {"kit/page.html", "kit/ui.html", "console/page.html"}


def test_whoever_sees_an_entry_of_the_menu_may_come_where_it_leads(world: World) -> None:
    adapter = world.app.url_map.bind("localhost")
    for screen in SCREENS:
        if screen.menu is not None:
            endpoint, _ = adapter.match(screen.menu.url)
            assert policy.policy_of(SCREENS)[endpoint] == screen.menu.permission
            assert endpoint.startswith(f"{screen.blueprint.name}.")


def test_the_menu_has_what_one_may_and_says_where_one_is(world: World) -> None:
    urls = {actor: _menu(world, actor, "/nguoi-dung") for actor in ("inspector", "admin_a")}
    everywhere = ("/hom-nay", "/nguoi-dung", "/quyen", "/ung-dung", "/danh-muc", "/tim")
    more = ("/yeu-cau", "/ket-noi", "/phien", "/nhat-ky")
    assert urls["inspector"] == {url: url == "/nguoi-dung" for url in everywhere}
    assert urls["admin_a"] == {url: url == "/nguoi-dung" for url in (*everywhere, *more)}
    for path, entry in (("/nhat-ky", "/nhat-ky"), ("/ung-dung/dang-ky", "/ung-dung")):
        found = _menu(world, "admin_a", path)
        assert found == {url: url == entry for url in (*everywhere, *more)}


def _menu(world: World, actor: str, path: str) -> dict[str, bool]:
    """The pages of the console that the menu leads to, each with whether it is marked as open."""
    page = world.browser(actor).get(path).text
    links = re.findall(r'<a class="menu__link" href="(/[^"]*)"( aria-current="page")?', page)
    return {url: bool(current) for url, current in links}


_FROM_ELSEWHERE = (
    {"Origin": "https://evil.example"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
)


# What whoever looks after one agency may not do.
_OF_THE_PROVINCE = {"privileged.take_away", "viewing.begin"}


def test_every_form_wants_its_token_and_comes_from_here(world: World) -> None:
    """Without token, from elsewhere, as JSON, and by GET."""
    browser = world.browser("admin_a")
    token = world.token_of(browser)
    unsafe = [
        rule
        for rule in world.app.url_map.iter_rules()
        if (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}
    ]
    assert len(unsafe) >= 3
    for rule in unsafe:
        if rule.endpoint == "signin.receive_logout_token":
            continue  # proves itself by a signature; see test_sign_in
        path = _path_of(world, rule.rule)
        refused = [
            browser.post(path, {"csrf_token": "", **_FIELDS}),
            browser.post(path, {"csrf_token": "x" * 43, **_FIELDS}),
            *(
                browser.post(path, {"csrf_token": token, **_FIELDS}, **headers)
                for headers in _FROM_ELSEWHERE
            ),
            browser.http.post(world.url + path, json={"csrf_token": token}),
            browser.post(path, '{"phone":"1"}', **{"Content-Type": "text/plain"}),
        ]
        assert [each.status_code for each in refused] == [403] * len(refused), rule
    assert browser.get("/dang-xuat").status_code == 405
    assert browser.get("/nguoi-dung").status_code == 200, "still signed in"
    # A browser that says nothing about where it comes from is not from elsewhere.
    world.add_person("auditor", "Phạm Giám Sát", world.post("A"))
    world.grant("auditor", "auditor", "P")
    of_province = world.browser("auditor")
    for rule in sorted(unsafe, key=lambda rule: rule.endpoint == "signin.leave"):
        # Notices, shared lists and the rules for two factors are kept by the province: their own
        # tests.
        its = ("notices.", "factor_policy.", "code_lists.", "code_sheets.")
        is_theirs = not rule.endpoint.startswith(its) or rule.endpoint.endswith(".take_away")
        if rule.endpoint != "signin.receive_logout_token" and is_theirs:
            whose = of_province if rule.endpoint in _OF_THE_PROVINCE else browser
            path = _path_of(world, rule.rule)
            form = {"csrf_token": world.token_of(whose), **fields_of(path)}
            answer = whose.post(path, form, Origin="null")
            assert answer.status_code not in (401, 403), rule


def _path_of(world: World, rule: str) -> str:
    """An address of the rule that the administrator of A may use."""
    there = {"person_id": world.people["a1"], "application_id": world.applications["of_a"]}
    there |= {"kind_path": "web", "name": "xem", "grant_id": world.grants["held_a"], "form": "csv"}
    there["absence_id"] = world.applications["no_app"]
    there |= {"word": "chuc-danh", "code": "CT"}
    there |= {"position_id": world.positions["pos_a"]}
    there["certificate_id"] = world.applications["no_app"]
    there["request_id"] = there["notice_id"] = world.applications["no_app"]
    return re.sub(r"<(?:any\('(.*?)'.*?\):)?(\w+)>", lambda m: m[1] or there[m[2]], rule)


def test_a_refusal_is_in_the_audit_log(world: World) -> None:
    from directory.audit.reading import list_events

    world.browser("inspector").get("/nhat-ky")
    world.browser("admin_a").get(f"/nguoi-dung/{world.people['b1']}")
    with world.installation.database.read() as tx:
        events = list_events(tx, kind="authz.denied", limit=2)
    assert events[0].actor == f"person:{world.people['admin_a']}"
    assert world.people["b1"] in events[0].fields["object"]
    assert events[1].fields["action"] == AuditPermission.READ
    assert events[1].fields["reason"] == "no_role"
