"""What the console's own acts leave in the log: a refused save, many questions, many sessions."""

from __future__ import annotations

import pytest

from admin_ui.components import VOCABULARY
from directory.audit import budgets
from directory.audit.acts import Act, ActQuestion, list_acts
from directory.audit.reading import list_events
from directory.errors import Conflict
from directory.ids import new_id
from directory.people import service
from idp.logout.dead_sessions import end_dead
from idp.sessions import store as sessions
from tests.console.world import World
from tests.support.installation import OPERATOR


def acts_about(world: World, name: str) -> list[Act]:
    with world.installation.database.read() as tx:
        question = ActQuestion(who=(f"person:{world.people[name]}",))
        return list_acts(tx, VOCABULARY, question, limit=50)


def test_a_save_refused_by_a_conflict_is_told_with_what_was_asked(world: World) -> None:
    browser, path = world.browser("admin_a"), f"/nguoi-dung/{world.people['a1']}/sua"
    form = browser.form_of(path)
    service.change_person(
        world.installation, OPERATOR, world.people["a1"], {"phone": "0274 222 222"}
    )
    browser.post(path, form | {"phone": "0274 333 333"})
    refused = acts_about(world, "a1")[0]
    assert refused.state == "refused"
    assert refused.first.actor == f"person:{world.people['admin_a']}"
    assert refused.first.fields["changes"] == {"phone": "0274 333 333"}
    assert refused.first.fields["before"] == {"phone": "0274 222 222"}


def test_a_taken_value_is_told_too(world: World) -> None:
    with pytest.raises(Conflict):
        service.change_person(world.installation, OPERATOR, world.people["a2"], {"username": "a1"})
    assert acts_about(world, "a2")[0].state == "refused"


def test_asking_for_very_many_people_leaves_few_lines(world: World) -> None:
    browser = world.browser("admin_a")
    with world.installation.database.read() as tx:
        before = len(list_events(tx, kind="authz.denied", limit=1000))
    for _ in range(150):
        assert browser.get(f"/nguoi-dung/{new_id()}").status_code == 404
    with world.installation.database.read() as tx:
        after = len(list_events(tx, kind="authz.denied", limit=1000))
    assert after - before <= budgets.ACTOR_BURST + 5


def test_very_many_sessions_end_in_one_line_with_their_number(world: World) -> None:
    person = world.people["a3"]
    with world.installation.database.write() as tx:
        for _ in range(60):
            sessions.open_session(
                tx,
                person,
                amr=("pwd",),
                acr="1",
                address="10.0.0.1",
                user_agent="test",
                shared_computer=False,
            )
        living = len([sid for sid, whose in sessions.list_open(tx) if whose == person])
    service.suspend(world.installation, OPERATOR, person, "nghỉ")
    end_dead(world.installation)
    with world.installation.database.read() as tx:
        told = list_events(tx, kind="session", subject=f"person:{person}", limit=1000)
    many = [event for event in told if event.kind == "sessions.ended"]
    assert [event.fields["count"] for event in many] == [living]
    service.resume(world.installation, OPERATOR, person, "về")
