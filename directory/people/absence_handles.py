"""Absences of people as far as an actor may note them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.access.unknown import unknown
from directory.actor import Actor
from directory.authz.decisions import decide_each
from directory.authz.denials import record_denial
from directory.authz.errors import AUTHZ_DENIED
from directory.authz.objects import OfPerson
from directory.authz.scopes import scopes_of
from directory.catalogue.errors import PERSON_UNKNOWN
from directory.errors import Forbidden
from directory.installation import Installation
from directory.people import absences
from directory.people.absence_kinds import KINDS as KINDS
from directory.people.absences import Absence
from directory.people.listing import MOST_ID_CHARS
from directory.people.permissions import PeoplePermission
from directory.projection import queries
from directory.projection.queries import PersonRow

_ACTIONS = (PeoplePermission.READ, PeoplePermission.SUSPEND)


@dataclass(frozen=True)
class AbsencesOf:
    """When a person is away, the latest first. `may_note`: whether the actor may say so."""

    person: PersonRow
    absences: Sequence[Absence]
    may_note: bool


@dataclass(frozen=True)
class AbsencesFor:
    """Absences as far as `actor` may see and note them. All of it raises NotFound for people who
    are not the actor's to know."""

    _installation: Installation
    _actor: Actor

    def may_note(self, person: PersonRow) -> bool:
        """Whether the actor may say that somebody whom they see is away."""
        action = PeoplePermission.SUSPEND
        with self._installation.database.read() as tx:
            scopes = scopes_of(tx, self._actor, (action,))
            may = decide_each(tx, self._actor, scopes, OfPerson(person.id))
        return may[action].allowed and person.status != "left"

    def of_person(self, person_id: str) -> AbsencesOf:
        """Those of one person."""
        about = OfPerson(person_id[:MOST_ID_CHARS])
        with self._installation.database.read() as tx:
            may = decide_each(tx, self._actor, scopes_of(tx, self._actor, _ACTIONS), about)
            person = queries.person(tx, about.id) if may[PeoplePermission.READ].allowed else None
            if person is not None:
                found = absences.list_of(tx, about.id)
                allowed = may[PeoplePermission.SUSPEND].allowed and person.status != "left"
                return AbsencesOf(person, found, allowed)
        raise unknown(self._installation, self._actor, PeoplePermission.READ, about, PERSON_UNKNOWN)

    def show_for_change(self, person_id: str) -> AbsencesOf:
        """As `of_person`. Raises Forbidden for people the actor may only look at."""
        shown = self.of_person(person_id)
        self._require(shown.person.id)
        return shown

    def note(self, person_id: str, kind: str, start: str, end: str, basis: str) -> Absence:
        """As `directory.people.absences.note`."""
        known = self._require(person_id)
        return self._installation.database.retrying(
            lambda tx: absences.note(tx, self._actor, known, kind, start, end, basis)
        )

    def end(self, person_id: str, absence_id: str) -> Absence:
        """As `directory.people.absences.end`."""
        known = self._require(person_id)

        def work(tx: Connection) -> Absence:
            return absences.end(tx, self._actor, known, absence_id[:MOST_ID_CHARS])

        return self._installation.database.retrying(work)

    def _require(self, person_id: str) -> str:
        about = OfPerson(person_id[:MOST_ID_CHARS])
        with self._installation.database.read() as tx:
            may = decide_each(tx, self._actor, scopes_of(tx, self._actor, _ACTIONS), about)
        if not may[PeoplePermission.READ].allowed:
            raise unknown(
                self._installation, self._actor, PeoplePermission.READ, about, PERSON_UNKNOWN
            )
        action, noting = PeoplePermission.SUSPEND, may[PeoplePermission.SUSPEND]
        if not noting.allowed:
            record_denial(self._installation, self._actor, action, about.tag, noting.reason)
            raise Forbidden(AUTHZ_DENIED, action=action, reason=noting.reason)
        return about.id
