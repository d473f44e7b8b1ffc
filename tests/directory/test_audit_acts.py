"""One act, one line: what was asked for and its outcome, a sign-in and where it led, paged and
filtered by the line; and everything that goes over a budget told as a number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from admin_ui.components import VOCABULARY
from directory.actor import Actor, system
from directory.audit import budgets
from directory.audit.acts import Act, ActQuestion, list_acts, tell
from directory.audit.anonymous import record_anonymous
from directory.audit.jobs import tell_unrecorded
from directory.audit.kinds import Form, Kind, WordList
from directory.audit.log import UndeclaredEvent, foresee, record, record_foreseen
from directory.audit.reading import list_events
from directory.audit.tables import audit_event, audit_unrecorded
from directory.clock import DAY, now_ms
from directory.database.engine import Database
from directory.database.migrating import upgrade
from directory.people.events import PERSON_SUSPENDED
from idp.factors.password.events import SIGNIN_UNKNOWN_LOGIN
from idp.oidc.events import TOKEN_REFUSED
from tests.support.postgres import empty_database

ADMIN, WORKER = Actor("person", "admin", "a-1", "10.0.0.7", "r-1"), system("worker")


class Served:
    """As much of an installation as the worker's job asks for."""

    def __init__(self, database: Database) -> None:
        self.database = database


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with empty_database(tmp_path_factory.mktemp("sql")) as url:
        found = Database(url, synchronous="NORMAL")
        upgrade(found)
        yield found
        found.dispose()


@pytest.fixture
def database(store: Database) -> Database:
    with store.write() as tx:
        tx.execute(audit_event.delete())
        tx.execute(audit_unrecorded.delete())
    return store


def write(database: Database, kind: str, actor: Actor = ADMIN, **facts: Any) -> str:
    with database.write() as tx:
        given = {
            name: facts.pop(name)
            for name in ("subject", "agency", "part_of", "event_id")
            if name in facts
        }
        return record(tx, VOCABULARY.kinds[kind], actor, **given, **facts)


def change(database: Database, phone: str, outcome: str = "change.done") -> str:
    first = write(
        database,
        "person.change.requested",
        subject="person:x",
        intent="i",
        changes={"phone": phone},
        before={"phone": "0274 1"},
    )
    if outcome == "change.done":
        write(
            database,
            outcome,
            subject="person:x",
            part_of=first,
            intent="i",
            entry_csn="c",
            recovered=False,
        )
    elif outcome:
        write(
            database,
            outcome,
            subject="person:x",
            part_of=first,
            intent="i",
            reason="catalogue.changed_meanwhile",
        )
    return first


def acts(database: Database, limit: int = 50, **asked: Any) -> list[Act]:
    with database.read() as tx:
        return list_acts(tx, VOCABULARY, ActQuestion(**asked), limit=limit)


NAMES = {
    "person:admin": "Phạm Thanh Tâm",
    "person:x": "Nguyễn Thị Ngọc Hạnh",
    "client:a": "Quản lý văn bản",
    "client:b": "Một cửa",
}


@pytest.mark.both_engines
def test_a_change_is_one_line_whatever_came_of_it(database: Database) -> None:
    for outcome in ("change.done", "change.refused", ""):
        change(database, "0274 2", outcome)
    told = {act.state: tell(act, VOCABULARY, NAMES) for act in acts(database)}
    line = "Phạm Thanh Tâm sửa Nguyễn Thị Ngọc Hạnh: điện thoại 0274 1 → 0274 2"
    assert told == {
        "done": line,
        "refused": f"{line}; không ghi được: dữ liệu đã được người khác thay đổi",
        "open": f"{line} (chưa có kết quả)",
    }
    for state in told:
        assert [act.state for act in acts(database, state=state)] == [state]


@pytest.mark.both_engines
def test_a_suspension_is_told_by_its_own_words(database: Database) -> None:
    first = change(database, "0274 2")
    write(database, "person.suspended", subject="person:x", part_of=first, reason="nghỉ không phép")
    (act,) = acts(database)
    assert (
        tell(act, VOCABULARY, NAMES) == "Phạm Thanh Tâm khóa Nguyễn Thị Ngọc Hạnh: nghỉ không phép"
    )
    assert len(act.parts) == 2


@pytest.mark.both_engines
def test_a_sign_in_names_where_it_led_and_an_end_who_was_told(database: Database) -> None:
    about: dict[str, Any] = {
        "methods": "pwd",
        "shared_computer": False,
        "renewed": False,
        "new_device": False,
        "application": "a",
    }
    for session in ("s1", "s2"):
        write(database, "signin.succeeded", subject="person:admin", session=session, **about)
    write(database, "application.entered", subject="client:b", part_of="s1", session="s1", scope="")
    write(database, "session.ended", WORKER, subject="person:admin", session="s1", reason="idle")
    write(database, "logout.notified", WORKER, subject="client:b", part_of="s1", session="s1")
    write(database, "application.entered", subject="client:a", session="s2", scope="")
    assert [tell(act, VOCABULARY, NAMES) for act in reversed(acts(database))] == [
        "Phạm Thanh Tâm đăng nhập từ 10.0.0.7 và vào Một cửa",
        "Phạm Thanh Tâm đăng nhập từ 10.0.0.7 để vào Quản lý văn bản",
        "Phiên đăng nhập của Phạm Thanh Tâm kết thúc: lâu không sử dụng (đã báo cho Một cửa)",
        "Phạm Thanh Tâm vào ứng dụng Quản lý văn bản",
    ]


@pytest.mark.both_engines
def test_pages_stay_the_same_while_outcomes_come(database: Database) -> None:
    firsts = [change(database, str(number), "") for number in range(30)]
    with database.read() as tx:
        before = firsts and list_acts(tx, VOCABULARY, ActQuestion(), limit=10)[-1].first.id
    for first in firsts:
        write(
            database,
            "change.done",
            subject="person:x",
            part_of=first,
            intent="i",
            entry_csn="c",
            recovered=True,
        )
    seen, after = [], ""
    while page := acts(database, limit=10, before=after):
        assert all(act.state == "done" for act in page)
        seen += [act.first.id for act in page]
        after = page[-1].first.id
    assert sorted(seen) == sorted(firsts) and len(set(seen)) == 30
    assert seen[9] == before


@pytest.mark.both_engines
def test_days_people_and_groups_narrow_the_log(database: Database) -> None:
    change(database, "0274 2")
    write(database, "key.rotated", Actor("os", "root"), kid="k", alg="ES256")
    now = now_ms()
    assert len(acts(database, since=now - DAY, until=now + DAY)) == 2
    assert acts(database, since=now + DAY) == [] == acts(database, until=now - DAY)
    assert [act.first.kind for act in acts(database, who=("person:x",))] == [
        "person.change.requested"
    ]
    assert [act.first.kind for act in acts(database, who=("os:root",))] == ["key.rotated"]
    assert acts(database, who=()) == []
    assert [act.first.kind for act in acts(database, group="system")] == ["key.rotated"]
    assert all(kind.groups for kind in VOCABULARY.kinds.values())


def rows(database: Database) -> int:
    with database.read() as tx:
        count = select(func.count()).select_from
        return sum(tx.execute(count(t)).scalar_one() for t in (audit_event, audit_unrecorded))


COUNTED = [kind for kind in VOCABULARY.kinds.values() if kind.counted]


@pytest.mark.parametrize("kind", COUNTED, ids=lambda kind: kind.name)
def test_one_actor_leaves_few_rows_of_a_kind_and_the_number_of_the_rest(
    database: Database, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    many = 300
    fields = dict.fromkeys(kind.fields, "")
    for actor, most in (
        (ADMIN, budgets.ACTOR_BURST + 10),
        (Actor("anonymous", address="2001:db8::7"), budgets.NETWORK_BURST + 10),
    ):
        with database.write() as tx:
            for _ in range(many):
                record(tx, kind, actor, subject="client:a", **fields)
        with database.read() as tx:
            one_by_one = len(list_events(tx, limit=many, kinds=(kind.name,)))
        assert 0 < one_by_one <= most
        monkeypatch.setattr(budgets, "_QUIET_MS", -1)
        tell_unrecorded(Served(database))  # type: ignore[arg-type]
        with database.read() as tx:
            (told,) = list_events(tx, limit=9, kind="events.unrecorded")
        assert told.fields["count"] == many - one_by_one == told.fields["of_kinds"][kind.name]
        assert (told.subject or told.fields["network"]) in ("person:admin", "2001:db8::/64")
        assert rows(database) <= most + 1
        with database.write() as tx:
            tx.execute(audit_event.delete())


@pytest.mark.both_engines
def test_what_changes_rights_or_people_is_never_only_counted(database: Database) -> None:
    kept = [kind for kind in VOCABULARY.kinds.values() if kind.counted is None]
    assert {
        "grant.added",
        "grant.revoked",
        "person.suspended",
        "person.password.set",
        "person.change.requested",
        "change.done",
        "signin.paused",
    } <= {kind.name for kind in kept}
    for kind in kept:
        fields = dict.fromkeys(kind.fields, "")
        with database.write() as tx:
            for _ in range(60):
                record(tx, kind, ADMIN, subject="person:x", **fields)
    assert rows(database) == 60 * len(kept)


@pytest.mark.both_engines
def test_naming_an_application_gives_no_budget_of_ones_own(database: Database) -> None:
    with database.write() as tx:
        for number in range(700):
            actor = Actor("client", f"public-{number % 50}", address="10.9.9.9")
            record_anonymous(
                tx,
                TOKEN_REFUSED,
                actor,
                subject=f"client:public-{number % 50}",
                grant_type="refresh_token",
                error="invalid_grant",
                reason="",
                parameter="",
                received="",
            )
    assert rows(database) <= budgets.NETWORK_BURST + 15


@pytest.mark.both_engines
def test_very_many_networks_have_one_budget_together(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "STRANGERS_BURST", 200)
    with database.write() as tx:
        for number in range(1000):
            actor = Actor("anonymous", address=f"2001:db8:{number:x}::1")
            record(tx, SIGNIN_UNKNOWN_LOGIN, actor, login_hash="", application="")
    assert rows(database) <= 220


@pytest.mark.both_engines
def test_entering_one_application_often_does_not_hide_another(database: Database) -> None:
    for client in ["client:a"] * 100 + ["client:b"]:
        write(database, "application.entered", subject=client, session="s", scope="")
    assert acts(database)[0].first.subject == "client:b"


@pytest.mark.both_engines
def test_a_number_is_told_once_quiet_or_after_ten_minutes(
    database: Database, tmp_path: Path
) -> None:
    now = now_ms()
    instants = {
        "quiet": (now - 120_000, now - 61_000),
        "busy": (now - 60_000, now - 1),
        "long": (now - 601_000, now - 1),
        "future": (now + DAY, now + DAY),
    }
    with database.write() as tx:
        for who, (first, last) in instants.items():
            tx.execute(
                audit_unrecorded.insert().values(
                    who=who, kind="token.refused", agency="", number=7, first_at=first, last_at=last
                )
            )
    tell_unrecorded(Served(database))  # type: ignore[arg-type]
    with database.read() as tx:
        told = {event.fields["network"] for event in list_events(tx, kind="events.unrecorded")}
    assert told == {"quiet", "long", "future"}


def record_as_before(database: Database, kind: str, fields: Mapping[str, object]) -> None:
    """An event as another version recorded it: nothing holds it to its declaration."""
    with database.write() as tx:
        about = {"subject": "person:x", "agency": "a-1"}
        record_foreseen(tx, (kind, fields), ADMIN, **about)


def first_value(form: Form) -> object:
    """Something that a field holds and a sentence tells."""
    if isinstance(form, WordList):
        return next(iter(VOCABULARY.words_of(form)))
    values: dict[str, object] = {
        "count": 2,
        "flag": True,
        "seconds": 1.5,
        "instant": now_ms(),
        "last_day": "2026-12-31",
        "changes": {"phone": "2"},
        "difference": {"title": ["Văn thư"]},
        "kinds": {"token.refused": 2},
        "network": "10.0.0.7",
        "ldap_account": "cn=quan-tri,dc=x",
    }
    return values.get(form, "a")


@pytest.mark.both_engines
def test_a_stored_event_that_lacks_a_field_is_told_without_it(database: Database) -> None:
    """A kind may gain a field: what every version before it recorded stays readable."""
    lacking: list[tuple[Kind, str]] = []
    for kind in VOCABULARY.kinds.values():
        whole = {name: first_value(form) for name, form in kind.fields.items()}
        if "after" in whole:
            whole["before"] = {}
        for name in whole:
            record_as_before(
                database, kind.name, {other: whole[other] for other in whole if other != name}
            )
            lacking.append((kind, name))
    found = acts(database, limit=len(lacking), unfolds=True)
    assert len(found) == len(lacking)
    for act, (kind, name) in zip(reversed(found), lacking, strict=True):
        for language, template in (("vi", kind.vi), ("en", kind.en)):
            told = tell(act, VOCABULARY, NAMES, language)  # type: ignore[arg-type]
            always = re.sub(r"\[[^\]]*\]", "", template)
            assert ("–" in told) == (f"{{{name}}}" in always), (kind.name, name, told)
            assert "{" not in told and "[" not in told


@pytest.mark.both_engines
def test_a_kind_of_another_version_is_told_in_general_terms(database: Database) -> None:
    write(database, "person.unlocked", subject="person:x")
    with database.write() as tx:
        body = tx.execute(select(audit_event.c.body)).scalar_one()
        made = body.replace(b"person.unlocked", b"factor.of_tomorrow")
        tx.execute(audit_event.update().values(kind="factor.of_tomorrow", body=made))
    (act,) = acts(database)
    assert act.state == "done"
    assert tell(act, VOCABULARY, NAMES).startswith("Một sự việc mà phiên bản này chưa có lời kể")


@pytest.mark.both_engines
def test_an_event_is_held_to_its_declaration_when_it_is_foreseen(database: Database) -> None:
    with pytest.raises(UndeclaredEvent):
        foresee(PERSON_SUSPENDED, {})
    with pytest.raises(UndeclaredEvent), database.write() as tx:
        record(tx, PERSON_SUSPENDED, ADMIN, reason="x", more="y")
    assert rows(database) == 0
