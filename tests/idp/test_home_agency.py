"""People in every relation of time to their posts × every kind of event about them: filed under the
agency whose people they are today, and nobody else is told to be asked."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from directory.actor import Actor
from directory.agencies.service import change_agency
from directory.audit.tables import audit_event
from directory.catalogue.agency import Agency
from directory.catalogue.person import Person, Post, PostKind, person_dn
from directory.clock import today
from directory.ids import new_id
from directory.ldap.accounts import ldap_uris
from directory.people import credentials, service
from directory.projection import queries
from directory.text import split_name
from sync.feed import brake
from sync.feed.polling import poll
from tests.support.browser import PASSWORD
from tests.support.idp_app import IdpApp, running_idp
from tests.support.installation import OPERATOR
from tests.support.province import a_department
from tests.support.sessions import end_all

_DAYS = {n: (today() + timedelta(days=n)).isoformat() for n in (-400, -30, -1, 0, 1, 30)}
_ELSEWHERE = Actor("person", new_id(), "somewhere-else")


@dataclass
class World:
    idp: IdpApp
    old: Agency
    new: Agency

    def post(self, agency: Agency, kind: PostKind = "main", start: int = 0, end: int = 0) -> Post:
        begins, ends = _DAYS.get(start or 99, ""), _DAYS.get(end or 99, "")
        return Post(new_id(), agency.id, "", "Chuyên viên", kind, begins, ends)

    def person(self, relation: str) -> tuple[Person, str]:
        """Somebody in this relation, and the agency whose they are."""
        old, new = self.old, self.new
        posts, home = {
            "held": ([self.post(new)], new),
            "moved": (
                [self.post(old, start=-400, end=-1), replace(self.post(new), start=_DAYS[0])],
                new,
            ),
            "moves tomorrow": (
                [replace(self.post(old, start=-400), end=_DAYS[0]), self.post(new, start=1)],
                old,
            ),
            "ended": ([self.post(new, start=-400, end=-1)], new),
            "ended twice": (
                [self.post(old, start=-30, end=-30), self.post(new, start=-400, end=-1)],
                new,
            ),
            "to come": ([self.post(new, start=1), self.post(old, start=30)], new),
            "overlapping": ([self.post(old, start=-400), self.post(new, start=-30)], new),
            "second post elsewhere": (
                [self.post(old, "concurrent", start=-400), self.post(new, start=-1)],
                new,
            ),
            "seconded": ([self.post(old, "seconded", start=-400), self.post(new)], new),
        }[relation]
        name = f"n{new_id()[:12]}"
        person = Person(
            new_id(),
            *split_name("Lê Văn An"),
            username=name,
            full_name="Lê Văn An",
            posts=tuple(posts),
        )
        service.add_record(self.idp.installation, _ELSEWHERE_OPERATOR, person)
        credentials.set_password(self.idp.installation, _ELSEWHERE_OPERATOR, person.id, PASSWORD)
        return person, home.id

    def filed(self, person_id: str) -> dict[str, set[str]]:
        """The agencies the events about a person are filed under, by kind."""
        columns = audit_event.c
        query = select(columns.kind, columns.agency).where(columns.subject == f"person:{person_id}")
        found: dict[str, set[str]] = {}
        with self.idp.installation.database.read() as tx:
            for kind, agency in tx.execute(query):
                found.setdefault(kind, set()).add(agency)
        return found

    def by_hand(self, person_id: str, lines: str) -> None:
        dn = person_dn(person_id, self.idp.installation.settings.suffix)
        subprocess.run(
            [
                "ldapmodify",
                "-Q",
                "-Y",
                "EXTERNAL",
                "-H",
                ldap_uris(self.idp.installation.settings)[0],
            ],
            input=f"dn: {dn}\n{lines}\n",
            text=True,
            check=True,
            capture_output=True,
        )


# Whoever acts has an agency of their own, under which nothing about others may land.
_ELSEWHERE_OPERATOR = replace(OPERATOR, agency_id="the-actors-own")
RELATIONS = (
    "held",
    "moved",
    "moves tomorrow",
    "ended",
    "ended twice",
    "to come",
    "overlapping",
    "second post elsewhere",
    "seconded",
)
_KINDS = {
    "person.add.requested",
    "person.change.requested",
    "change.done",
    "person.password.change_requested",
    "person.password.set",
    "person.password.cleared",
    "person.suspended",
    "person.resumed",
    "signin.succeeded",
    "signin.refused",
    "session.ended",
    "catalogue.out_of_band",
    "catalogue.unreadable",
    "catalogue.vanished",
}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_idp() as idp:
        old, new = a_department(idp.installation, "CU"), a_department(idp.installation, "MOI")
        for agency, phone in ((old, "0274 111 111"), (new, "0274 222 222")):
            change_agency(idp.installation, OPERATOR, agency.id, {"phone": phone})
        idp.person()  # somebody always stays: the catalogue is never emptied
        poll(idp.installation)
        yield World(idp, old, new)


@pytest.mark.parametrize("relation", RELATIONS)
def test_events_are_filed_where_the_person_is_at_home(world: World, relation: str) -> None:
    idp, (person, home) = world.idp, world.person(relation)
    with idp.installation.database.write() as tx:
        brake.accept_losses(tx)  # those of the other relations, who are gone by now
    actor: Any = _ELSEWHERE_OPERATOR
    service.change_person(idp.installation, actor, person.id, {"phone": "0274 1"})
    browser = idp.browser()
    browser.answer(browser.open_sign_in(), person.username, "sai mật khẩu rồi nhé")
    browser.sign_in(person)
    with idp.installation.database.write() as tx:
        for sid in end_all(tx, person.id, actor, "signed_out"):
            assert sid
    poll(idp.installation)
    world.by_hand(
        person.id, "changetype: modify\nreplace: telephoneNumber\ntelephoneNumber: 0274 2"
    )
    poll(idp.installation)
    service.suspend(idp.installation, actor, person.id, "xác minh")
    browser.answer(browser.open_sign_in(), person.username, PASSWORD)
    service.resume(idp.installation, actor, person.id, "xong")
    credentials.clear_password(idp.installation, actor, person.id, "lộ")
    world.by_hand(person.id, "changetype: modify\nadd: dmPost\ndmPost: {broken")
    poll(idp.installation)
    world.by_hand(person.id, "changetype: delete")
    poll(idp.installation)
    filed = world.filed(person.id)
    assert set(filed) >= _KINDS
    assert {kind: where for kind, where in filed.items() if where != {home}} == {}


@pytest.mark.parametrize("relation", RELATIONS)
def test_whoever_is_turned_away_is_sent_to_their_own_agency(world: World, relation: str) -> None:
    from idp.flows import pages

    person, home = world.person(relation)
    with world.idp.app.app_context(), world.idp.installation.database.read() as tx:
        row = queries.person(tx, person.id)
        assert row is not None
        contact = pages.contact_of(tx, row)
    assert contact["phone"] == ("0274 222 222" if home == world.new.id else "0274 111 111")
