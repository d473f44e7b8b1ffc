"""Passwords: what is set works, what is refused is said, and the log tells what became of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from admin_ui.operations.seed import registration
from directory.actor import Actor
from directory.audit.log import person_tag
from directory.audit.reading import list_events
from directory.catalogue.person import Person, Post
from directory.errors import Forbidden, Invalid, NotFound, Unavailable
from directory.ids import new_id
from directory.ldap.bind import BindResult
from directory.people import credentials, service
from directory.projection import queries
from tests.support.installation import OPERATOR, RunningInstallation
from tests.support.province import a_department

_PASSWORD, _OTHER = "ba con ngựa trắng 7", "bốn con ngựa đen 88"


@pytest.fixture(scope="module")
def person_id(running: RunningInstallation) -> str:
    installation = running.installation
    post = Post(new_id(), a_department(installation, "SKHCN").id, "", "Chuyên viên")
    person = Person(
        new_id(), "Lê", "Thị", "Minh", username="minhlt", full_name="Lê Thị Minh", posts=(post,)
    )
    service.add_record(installation, OPERATOR, person)
    return person.id


def _told(running: RunningInstallation, person_id: str) -> list[str]:
    with running.installation.database.read() as tx:
        events = list_events(tx, subject=person_tag(person_id), newest_first=False)
    return [e.kind for e in events if e.kind.startswith("person.password.")]


def _sessions_valid_after(running: RunningInstallation, person_id: str) -> int:
    with running.installation.database.read() as tx:
        status = queries.person_status(tx, person_id)
    assert status is not None
    return status.sessions_valid_after


def test_set_cleared_and_told(running: RunningInstallation, person_id: str) -> None:
    installation, before = running.installation, len(_told(running, person_id))
    since = _sessions_valid_after(running, person_id)
    credentials.set_password(installation, OPERATOR, person_id, _PASSWORD)
    assert credentials.check_password(installation, person_id, _PASSWORD) is BindResult.ACCEPTED
    assert _sessions_valid_after(running, person_id) > since
    credentials.clear_password(installation, OPERATOR, person_id, "mất điện thoại")
    assert credentials.check_password(installation, person_id, _PASSWORD) is BindResult.REJECTED
    asked = "person.password.change_requested"
    told = _told(running, person_id)[before:]
    assert told == [asked, "person.password.set", asked, "person.password.cleared"]


def test_a_password_that_a_demo_makes_and_the_policy_refuses_is_made_anew(
    running: RunningInstallation, person_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One in some hundreds: else a demo in some dozens would not start."""
    made = iter(["dao-cam-song-Sao-2979", "minh-le-thi-Minh-2026", "sen-lua-bien-Tre-4821"])
    monkeypatch.setattr(registration, "_passphrase", lambda: next(made))
    password = registration.set_passphrase(running.installation, OPERATOR, person_id)
    assert password in ("dao-cam-song-Sao-2979", "sen-lua-bien-Tre-4821")
    found = credentials.check_password(running.installation, person_id, password)
    assert found is BindResult.ACCEPTED
    made = iter(["minh-le-thi-Minh-2026", "sen-lua-bien-Tre-4821"])
    password = registration.set_passphrase(running.installation, OPERATOR, person_id)
    assert password == "sen-lua-bien-Tre-4821"


def test_what_ldap_did_not_take_is_not_told_as_done(
    running: RunningInstallation, person_id: str
) -> None:
    """Whoever reads the log sees that it was asked for, and no outcome; sessions end all the
    same, for it may have been taken."""
    installation, before = running.installation, len(_told(running, person_id))
    since = _sessions_valid_after(running, person_id)
    running.kill_slapd()
    try:
        changes: tuple[Callable[[], None], ...] = (
            lambda: credentials.set_password(installation, OPERATOR, person_id, _OTHER),
            lambda: credentials.clear_password(installation, OPERATOR, person_id, "thử"),
        )
        for change in changes:
            with pytest.raises(Unavailable):
                change()
    finally:
        running.start_slapd()
    assert _told(running, person_id)[before:] == ["person.password.change_requested"] * 2
    assert _sessions_valid_after(running, person_id) > since


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("ngắn quá", "password.too_short"),
        ("x" * 257, "password.too_long"),
        ("xin chào minhlt nhé", "password.contains_username"),
        ("aaaabbbbccccdddd", "password.too_simple"),
        ("ba con ngựa\ntrắng 7", "password.characters"),
        ("ba con ngựa\0trắng 7", "password.characters"),
    ],
)
def test_the_policy_refuses(
    running: RunningInstallation, person_id: str, password: str, code: str
) -> None:
    before = _told(running, person_id)
    with pytest.raises(Invalid) as refused:
        credentials.set_password(running.installation, OPERATOR, person_id, password)
    assert (refused.value.code, refused.value.params["field"]) == (code, "password")
    assert _told(running, person_id) == before


def test_nobody_sets_the_password_of_others(running: RunningInstallation, person_id: str) -> None:
    stranger = Actor("person", new_id())
    with pytest.raises(Forbidden):
        credentials.set_password(running.installation, stranger, person_id, _PASSWORD)
    with pytest.raises(Forbidden):
        credentials.clear_password(running.installation, stranger, person_id, "thử")
    with pytest.raises(NotFound):
        credentials.set_password(running.installation, OPERATOR, new_id(), _PASSWORD)


def test_a_person_sets_their_own(running: RunningInstallation, person_id: str) -> None:
    credentials.set_password(running.installation, Actor("person", person_id), person_id, _PASSWORD)
    assert (
        credentials.check_password(running.installation, person_id, _PASSWORD)
        is BindResult.ACCEPTED
    )
    with running.installation.database.read() as tx:
        newest = list_events(tx, subject=person_tag(person_id), kind="person.password.set")[0]
    assert newest.fields["by_self"] is True
