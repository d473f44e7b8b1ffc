"""Our changes, other people's, wrong passwords, polls in any order: the others' are told."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from directory.audit.tables import audit_event
from directory.errors import Conflict
from directory.people.credentials import check_password
from directory.people.service import change_person
from sync.feed.full_scan import reconcile
from sync.feed.polling import poll
from tests.support.installation import OPERATOR
from tests.sync.outsider import Fed

pytestmark = pytest.mark.both_engines

# LDAP attribute → the field of ours that writes it.
FIELDS = {"telephoneNumber": "phone", "employeeNumber": "staff_no", "preferredLanguage": "language"}


class Story:
    """What must be told: attribute by attribute, the value we stand for and the value there is."""

    def __init__(self, fed: Fed, seed: int) -> None:
        self.fed = fed
        self.dice = random.Random(seed)
        self.person = fed.someone_known(phone="0274 0", staff_no=f"s{seed}-{time.time_ns()}")
        entry = fed.entry(self.person.id)
        self.there = {name: entry.all(name) for name in FIELDS}
        self.ours = dict(self.there)
        self.told: list[tuple[dict[str, list[str]], dict[str, list[str]]]] = []

    def step(self) -> None:
        self.dice.choice((self.we_change, self.they_change, self.wrong_password, self.poll))()

    def value(self, name: str) -> str:
        if name == "preferredLanguage":
            return self.dice.choice(("vi", "en"))
        if name == "employeeNumber":
            return f"s{self.dice.randrange(1000)}-{self.person.username}"
        return f"0274 {self.dice.randrange(1000)}"

    def we_change(self) -> None:
        name = self.dice.choice(list(FIELDS))
        value = self.value(name)
        change_person(self.fed.installation, OPERATOR, self.person.id, {FIELDS[name]: value})
        if self.there[name] != (value,):  # saying what is there already is no change
            self.there[name] = self.ours[name] = (value,)

    def they_change(self) -> None:
        name = self.dice.choice(list(FIELDS))
        value = self.value(name)
        self.fed.replace(self.person.id, name, value)
        self.there[name] = (value,)

    def wrong_password(self) -> None:
        check_password(self.fed.installation, self.person.id, "không phải")

    def poll(self) -> None:
        poll(self.fed.installation)
        changed = [name for name in sorted(FIELDS) if self.ours[name] != self.there[name]]
        if changed:
            before = {name: list(self.ours[name]) for name in changed}
            self.told.append((before, {name: list(self.there[name]) for name in changed}))
        self.ours = dict(self.there)


@pytest.mark.parametrize("seed", range(4))
def test_exactly_what_others_did_is_told(fed: Fed, seed: int) -> None:
    story = Story(fed, seed)
    for _ in range(40):
        story.step()
    story.poll()
    assert story.told  # the dice brought some
    assert fed.reports(story.person.id) == story.told


def test_a_busy_hour_of_our_own_raises_no_alarm(fed: Fed) -> None:
    """Writers at full speed, a feed that polls all the time, a comparison beside it."""
    people = [fed.someone() for _ in range(6)]
    stop = threading.Event()
    failures: list[BaseException] = []
    edits: dict[str, int] = dict.fromkeys((person.id for person in people), 0)

    def keep(act: Callable[..., object], *args: object) -> None:
        while not stop.is_set():
            try:
                act(*args)
            except Conflict as error:
                if error.code not in ("change.in_progress", "catalogue.changed_meanwhile"):
                    failures.append(error)
            except BaseException as error:
                failures.append(error)

    def edit(person_id: str) -> None:
        number = edits[person_id] + 1
        change_person(fed.installation, OPERATOR, person_id, {"phone": f"0274 {number}"})
        edits[person_id] = number

    jobs = [threading.Thread(target=keep, args=(edit, person.id)) for person in people[:4]]
    jobs += [threading.Thread(target=keep, args=(edit, people[0].id))]  # two on one
    jobs += [
        threading.Thread(target=keep, args=(check_password, fed.installation, people[1].id, "no"))
    ]
    jobs += [threading.Thread(target=keep, args=(poll, fed.installation))]
    jobs += [threading.Thread(target=keep, args=(reconcile, fed.installation, OPERATOR))]
    for job in jobs:
        job.start()
    time.sleep(4)
    stop.set()
    for job in jobs:
        job.join()
    assert failures == []
    assert sum(edits.values()) > 10
    poll(fed.installation)
    with fed.installation.database.read() as tx:
        subjects = [f"person:{person.id}" for person in people]
        query = select(func.count()).where(
            audit_event.c.kind == "catalogue.out_of_band", audit_event.c.subject.in_(subjects)
        )
        assert tx.execute(query).scalar_one() == 0
    for person in people:
        assert fed.changes(person.id)
        assert fed.row(person.id).phone == fed.entry(person.id).one("telephoneNumber")
    assert reconcile(fed.installation, OPERATOR, dry_run=True).counts == {}
