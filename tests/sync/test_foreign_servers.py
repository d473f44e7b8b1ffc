"""The same contract with every SCIM server that we did not write, by its profile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import requests

from directory.settings import Settings, read_settings
from sync.connectors.scim.client import ScimClient
from sync.connectors.scim.profiles import PROFILES
from sync.connectors.scim.resources import GROUP
from sync.connectors.scim.target import ScimTarget
from sync.engine.target import (
    Access,
    Account,
    Capability,
    Found,
    Gone,
    Refused,
    Taken,
    TargetDefinition,
)
from tests.sync.foreign.servers import SERVERS, Foreign
from tests.sync.scim_server import TOKEN

pytestmark = pytest.mark.without_sql

_GROUP, _OTHER = 'Văn thư "A"', "Lãnh đạo"


@pytest.fixture(scope="module", params=SERVERS)
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Foreign]:
    with SERVERS[request.param](tmp_path_factory.mktemp("foreign")) as found:
        yield found


@pytest.fixture
def foreign(running: Foreign) -> Foreign:
    """Empty."""
    running.empty()
    return running


@pytest.fixture
def settings(foreign: Foreign, tmp_path: Path) -> Settings:
    port = foreign.url.split("/")[2].rpartition(":")[2]
    allowed = {"DANHMUC_OUTBOUND_ALLOW": f"127.0.0.1/32:{port}"}
    return read_settings({"DANHMUC_STATE": str(tmp_path), **allowed})


@pytest.fixture
def target(foreign: Foreign, settings: Settings) -> ScimTarget:
    """As made for one turn, but that it asks for three accounts at once."""
    return a_turn(foreign, settings)


def a_turn(foreign: Foreign, settings: Settings) -> ScimTarget:
    definition = TargetDefinition("scim", foreign.url, foreign.profile, frozenset(Capability))
    profile = replace(PROFILES[foreign.profile], page_size=3)
    return ScimTarget(ScimClient(settings, Access(definition, TOKEN), profile))


def account(number: int = 1, **more: str) -> Account:
    attributes = {
        "userName": f"nguoi{number}",
        "displayName": f"Nguyễn Thị Ngọc Ánh {number}",
        "name.familyName": "Nguyễn",
        "name.givenName": "Ánh",
        "title": "Chuyên viên",
        "emails": f"nguoi{number}@binhduong.gov.vn",
        "enterprise.department": "Phòng Bưu chính, Viễn thông",
        "enterprise.organization": "STTTT",
    }
    attributes |= {name.replace("__", "."): value for name, value in more.items()}
    kept = {name: value for name, value in attributes.items() if value}
    return Account(f"01890000-0000-7000-8000-{number:012d}", kept)


def found_as(target: ScimTarget, wanted: Account) -> Found:
    (found,) = target.find(wanted)
    return found


def held_of(foreign: Foreign, found: Found) -> dict[str, object]:
    return {path: value for path, value in found.attributes.items() if path in foreign.keeps}


def sent_of(foreign: Foreign, wanted: Account) -> dict[str, object]:
    return {path: value for path, value in wanted.attributes.items() if path in foreign.keeps}


def test_it_says_what_it_is(target: ScimTarget) -> None:
    assert target.test().startswith("SCIM 2.0: ")


def test_an_account_is_made_read_changed_disabled_and_deleted(
    foreign: Foreign, target: ScimTarget
) -> None:
    first = account()
    remote_id = target.create(first)
    found = found_as(target, first)
    assert (found.remote_id, found.login, found.is_active) == (remote_id, "nguoi1", True)
    assert found.person_id == first.person_id
    assert held_of(foreign, found) == sent_of(foreign, first)
    moved = account(name__familyName="Lê", emails="moi@binhduong.gov.vn", title="Phó Trưởng phòng")
    target.update(remote_id, first, moved)
    assert held_of(foreign, found_as(target, moved)) == sent_of(foreign, moved)
    again = account(name__givenName="Bình", enterprise__department="Văn phòng")
    target.update(remote_id, None, again)  # what it holds is not known
    assert held_of(foreign, found_as(target, again)) == sent_of(foreign, again)
    target.disable(remote_id, again)
    assert not found_as(target, again).is_active
    target.update(remote_id, None, again)
    assert found_as(target, again).is_active
    target.delete(remote_id)
    assert target.find(again) == []
    for act in (
        partial(target.delete, remote_id),
        partial(target.disable, remote_id, again),
        partial(target.update, remote_id, first, again),
    ):
        with pytest.raises(Gone):
            act()


def test_what_is_not_wanted_any_more_is_removed(foreign: Foreign, target: ScimTarget) -> None:
    if not {"title", "enterprise.department"} <= foreign.keeps:
        return  # it keeps neither
    first, less = account(), account(title="", enterprise__department="")
    target.update(target.create(first), first, less)
    assert held_of(foreign, found_as(target, less)) == sent_of(foreign, less)


def test_a_name_that_is_taken_is_told_and_nobody_is_overwritten(target: ScimTarget) -> None:
    first = account()
    remote_id = target.create(first)
    another = replace(account(), person_id=account(2).person_id)
    with pytest.raises(Taken):
        target.create(another)
    assert found_as(target, another).person_id == first.person_id
    with pytest.raises(Taken):
        target.update(remote_id, None, another)
    assert found_as(target, first).person_id == first.person_id


def test_a_name_with_what_a_filter_is_made_of_finds_nobody_else(target: ScimTarget) -> None:
    target.create(account(1))
    for login in ('x" or userName pr or userName eq "', "nguoi1\\", "nguoi1)", "*"):
        assert target.find(replace(account(2), attributes={"userName": login})) == []


def all_of(target: ScimTarget) -> list[Found]:
    found: list[Found] = []
    place = ""
    for _ in range(50):
        page = target.list_accounts(place)
        found += page.found
        if page.following is None:
            return found
        place = page.following
    raise AssertionError("its list does not end")


def test_every_account_is_listed_once(target: ScimTarget) -> None:
    ids = [target.create(account(number)) for number in range(1, 9)]
    assert sorted(each.remote_id for each in all_of(target)) == sorted(ids)


def test_groups_are_joined_left_and_read(
    foreign: Foreign, settings: Settings, target: ScimTarget
) -> None:
    first, second, third = (target.create(account(number)) for number in (1, 2, 3))
    target.change_groups(first, (), [_GROUP, _OTHER])
    target.change_groups(second, (), [_GROUP])
    target.change_groups(second, (), [_GROUP])  # once more harms nobody
    target.change_groups(third, [_GROUP, "không có"], [])
    groups = {each.remote_id: each.groups for each in all_of(a_turn(foreign, settings))}
    assert groups == {first: (_OTHER, _GROUP), second: (_GROUP,), third: ()}
    later = a_turn(foreign, settings)
    later.change_groups(first, [_GROUP], [])
    later.change_groups(second, [_GROUP], [_OTHER])
    groups = {each.remote_id: each.groups for each in all_of(later)}
    assert groups == {first: (_OTHER,), second: (_OTHER,), third: ()}
    assert held_of(foreign, found_as(later, account())) == sent_of(foreign, account())


def test_many_who_join_and_leave_a_group_at_once_do_not_undo_each_other(
    foreign: Foreign, settings: Settings
) -> None:
    target = a_turn(foreign, settings)
    ids = [target.create(account(number)) for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda each: target.change_groups(each, (), [_GROUP]), ids))
        found = {each.remote_id: each.groups for each in all_of(a_turn(foreign, settings))}
        assert found == dict.fromkeys(ids, (_GROUP,))
        list(pool.map(lambda each: target.change_groups(each, [_GROUP], ()), ids[:6]))
    found = {each.remote_id: each.groups for each in all_of(a_turn(foreign, settings))}
    assert found == {**dict.fromkeys(ids[:6], ()), **dict.fromkeys(ids[6:], (_GROUP,))}


def test_who_leaves_a_group_that_was_made_twice_leaves_both(
    foreign: Foreign, settings: Settings
) -> None:
    target = a_turn(foreign, settings)
    first = target.create(account(1))
    members = [{"value": first}]
    group = {"schemas": [GROUP], "displayName": _GROUP, "members": members}
    try:
        target._client.post("/Groups", group)
        target._client.post("/Groups", group)
    except (Refused, Taken):
        return  # it has one of a name
    target.change_groups(first, [_GROUP], ())
    (found,) = all_of(a_turn(foreign, settings))
    assert found.groups == ()


def test_a_group_that_somebody_made_meanwhile_is_joined(
    foreign: Foreign, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = a_turn(foreign, settings)
    first, second = (target.create(account(number)) for number in (1, 2))
    late = a_turn(foreign, settings)
    finds = late._groups._find
    once: Iterator[list[str]] = iter([[]])
    monkeypatch.setattr(late._groups, "_find", lambda name: next(once, ...) and finds(name))
    target.change_groups(first, (), [_GROUP])
    late.change_groups(second, (), [_GROUP])
    monkeypatch.undo()
    groups = {each.remote_id: each.groups for each in all_of(a_turn(foreign, settings))}
    assert groups == {first: (_GROUP,), second: (_GROUP,)}


def test_somebody_who_was_faster_is_not_overwritten_unread(
    foreign: Foreign, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not foreign.has_etag:
        return
    target = a_turn(foreign, settings)
    first = account()
    remote_id = target.create(first)
    client, read = target._client, target._client.get
    hands = iter(("0901", "0902"))

    def get(path: str) -> tuple[dict[str, object], str]:
        found = read(path)
        if path.startswith("/Users") and (number := next(hands, None)):
            somebody(foreign, path, number)
        return found

    monkeypatch.setattr(client, "get", get)
    wanted = account(title="Trưởng phòng")
    target.update(remote_id, None, wanted)
    monkeypatch.undo()
    assert held_of(foreign, found_as(target, wanted)) == sent_of(foreign, wanted)
    kept, _ = target._client.get(f"/Users/{remote_id}")
    assert kept["nickName"] == "0902", "what somebody wrote meanwhile is still there"


def somebody(foreign: Foreign, path: str, number: str) -> None:
    """Somebody else changes the account past us."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"}
    there = requests.get(foreign.url + path, headers=headers, timeout=10).json()
    body = json.dumps({**there, "nickName": number})
    answer = requests.put(foreign.url + path, data=body, headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text
