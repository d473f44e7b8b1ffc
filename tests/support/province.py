"""Who and what is in an installation: agencies, people, the roles they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from directory.actor import Actor
from directory.agencies.service import add_agency
from directory.authz import grants
from directory.authz.grants import Approval, Grant
from directory.authz.permissions import ADMIN_APPLICATION, is_privileged, most_days_of
from directory.catalogue.agency import Agency
from directory.catalogue.person import Person, Post
from directory.clock import today
from directory.ids import new_id
from directory.installation import Installation
from directory.people.credentials import set_password
from directory.people.service import NewPerson, add_person, add_record
from directory.text import split_name
from tests.support.browser import PASSWORD
from tests.support.installation import OPERATOR


def a_department(installation: Installation, code: str = "STTTT", parent: str = "") -> Agency:
    """Add an agency."""
    name = f"Sở {code}"
    return add_agency(
        installation,
        OPERATOR,
        Agency(id=new_id(), name=name, code=code, type="DEPARTMENT", parent_id=parent),
    )


def person_of(username: str, full_name: str, *posts: Post, **facts: Any) -> Person:
    """A person whose name is taken apart as a service does it, not yet in the catalogue."""
    facts = {"id": new_id(), "username": username, "posts": posts} | facts
    return Person(facts.pop("id"), *split_name(full_name), full_name=full_name, **facts)


def an_active_person(installation: Installation, new: NewPerson) -> Person:
    """Add somebody who is active already, as an import does: no password, one change."""
    start = today().isoformat()
    post = Post(new_id(), new.agency_id, new.unit_id, new.title or "Nhân viên", start=start)
    person = person_of(
        new.username,
        new.full_name,
        post,
        id=new.id or new_id(),
        mail=new.mail.lower(),
        phone=new.phone,
        staff_no=new.staff_no,
        staff_category=new.staff_category,
    )
    return add_record(installation, OPERATOR, person)


def who_can_sign_in(installation: Installation, new: NewPerson, password: str = PASSWORD) -> Person:
    """Add somebody with a password."""
    person = add_person(installation, OPERATOR, new)
    set_password(installation, OPERATOR, person.id, password)
    return person


SECOND = Actor("os", "nguoi.thu.hai")  # whoever agrees, where two must


def give(installation: Installation, role: str, holder: str, agency: str, **more: Any) -> str:
    """Grant a person a role, of the console unless `application_id` says another."""
    given = {
        "application_id": ADMIN_APPLICATION,
        "role": role,
        "holder_kind": "person",
        "holder_id": holder,
        "agency_id": agency,
        "reason": "kiểm thử",
    }
    grant = Grant(**(given | more))
    if days := most_days_of(grant.application_id, grant.role) if not grant.end else None:
        grant = replace(grant, end=(today() + timedelta(days=days)).isoformat())
    privileged = is_privileged(grant.application_id, grant.role)
    with installation.database.write() as tx:
        return grants.add_grant(tx, OPERATOR, grant, Approval(SECOND) if privileged else None)


@dataclass
class World:
    """Places and people by the short names that tables of tests use: "A", its unit "A.u"."""

    installation: Installation
    places: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)

    def add_places(self, parents: Mapping[str, str]) -> None:
        """Add each place under its parent; a name that ends with ".u" is a unit."""
        for name, parent in parents.items():
            is_unit = name.endswith(".u")
            agency = Agency(
                id=new_id(),
                name=f"Nơi {name}",
                code="" if is_unit else name,
                kind="unit" if is_unit else "agency",
                parent_id=self.places.get(parent, ""),
            )
            add_agency(self.installation, OPERATOR, agency)
            self.places[name] = agency.id

    def post(self, place: str, title: str = "Chuyên viên", **facts: Any) -> Post:
        unit = self.places[place] if place.endswith(".u") else ""
        agency = self.places[place.partition(".")[0]]
        return Post(new_id(), agency, unit, title, **facts)

    def add_person(self, name: str, full_name: str, *posts: Post, **facts: Any) -> Person:
        facts = {"username": name.replace("_", ".")} | facts
        person = person_of(facts.pop("username"), full_name, *posts, **facts)
        add_record(self.installation, OPERATOR, person)
        self.people[name] = person.id
        return person

    def add_operator(self, name: str) -> None:
        """Somebody who looks after the province, by an account beside their own."""
        own = self.add_person(f"{name}_own", "Vũ Vận Hành", self.post("A"))
        self.add_person(name, "Vũ Vận Hành", self.post("A"), administrator_of=own.id)
        self.grant(name, "province_operator", "P")

    def grant(self, holder: str, role: str, place: str, **more: Any) -> str:
        return give(self.installation, role, self.people[holder], self.places[place], **more)

    def revoke(self, grant_id: str) -> None:
        with self.installation.database.write() as tx:
            grants.revoke_grant(tx, OPERATOR, grant_id, "thôi nhiệm vụ")
