"""An installation and somebody who changes its catalogue past it, with LDAP's own tools."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import select

from directory.audit.reading import Event, list_events
from directory.catalogue.agency import Agency
from directory.catalogue.person import Person, person_dn
from directory.installation import Installation
from directory.ldap.accounts import ldap_uris
from directory.ldap.entries import Entry
from directory.people.service import NewPerson
from directory.projection import queries
from directory.projection.queries import PersonRow
from sync.feed.polling import poll
from sync.feed.tables import catalogue_event
from tests.support.installation import RunningInstallation
from tests.support.province import an_active_person

_numbers = count()


@dataclass
class Fed:
    """An installation with a feed, its agency, and a hand that changes LDAP past it."""

    running: RunningInstallation
    agency: Agency

    @property
    def installation(self) -> Installation:
        return self.running.installation

    def someone(self, **more: Any) -> Person:
        """A new person, made by the service."""
        number = next(_numbers)
        new = NewPerson(
            username=f"feed{number}",
            full_name=f"Nguyễn Văn Hùng {number}",
            agency_id=self.agency.id,
            **more,
        )
        return an_active_person(self.installation, new)

    def someone_known(self, **more: Any) -> Person:
        """As `someone`, and the feed has seen them."""
        person = self.someone(**more)
        poll(self.installation)
        return person

    def dn(self, person_id: str) -> str:
        return person_dn(person_id, self.installation.settings.suffix)

    def entry(self, person_id: str, *attributes: str) -> Entry:
        found = self.installation.ldap.read(self.dn(person_id), attributes or ("*", "entryCSN"))
        assert found is not None
        return found

    def ldapmodify(self, ldif: str) -> None:
        """The real tool, as the manager of the directory."""
        run_ldapmodify(ldap_uris(self.installation.settings)[0], ldif)

    def replace(self, person_id: str, attribute: str, *values: str) -> None:
        """Replace an attribute by hand, leaving the intent mark alone."""
        lines = "\n".join(f"{attribute}: {value}" for value in values)
        self.ldapmodify(
            f"dn: {self.dn(person_id)}\nchangetype: modify\nreplace: {attribute}\n{lines}\n"
        )

    def delete(self, person_id: str) -> None:
        self.ldapmodify(f"dn: {self.dn(person_id)}\nchangetype: delete\n")

    def audit(self, kind: str, person_id: str) -> Sequence[Event]:
        """Audit events of `kind` about a person, oldest first."""
        with self.installation.database.read() as tx:
            return list_events(
                tx, kind=kind, subject=f"person:{person_id}", newest_first=False, limit=1000
            )

    def reports(self, person_id: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """(before, after) of every change from outside that was reported about a person."""
        events = self.audit("catalogue.out_of_band", person_id)
        return [(event.fields["before"], event.fields["after"]) for event in events]

    def changes(self, entry_id: str) -> list[str]:
        """What the events for connectors say of an entry, in order."""
        columns = catalogue_event.c
        query = select(columns.change).where(columns.entry_id == entry_id)
        with self.installation.database.read() as tx:
            return list(tx.execute(query.order_by(columns.sequence)).scalars())

    def row(self, person_id: str) -> PersonRow:
        with self.installation.database.read() as tx:
            found = queries.person(tx, person_id)
        assert found is not None
        return found


def run_ldapmodify(uri: str, ldif: str) -> None:
    done = subprocess.run(
        ["ldapmodify", "-Q", "-Y", "EXTERNAL", "-H", uri],
        input=ldif,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
