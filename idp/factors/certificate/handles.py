"""Certificates of people, for whoever works in the console."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.actor import Actor
from directory.authz import errors
from directory.authz.decisions import decide_each
from directory.authz.denials import record_denial
from directory.authz.objects import InPlace, OfPerson
from directory.authz.permissions import Permission
from directory.authz.places import list_agencies_within
from directory.authz.scopes import Scope, narrowed_to, scope_of, scopes_of
from directory.catalogue.errors import AGENCY_UNKNOWN, PERSON_UNKNOWN
from directory.database.counting import Count
from directory.errors import AppError, Forbidden, NotFound
from directory.exports.notes import Export
from directory.installation import Installation
from directory.people.errors import PERSON_READ_ONLY
from directory.people.listing import MOST_ID_CHARS
from directory.people.permissions import PeoplePermission
from directory.projection import queries
from directory.projection.queries import AgencyRow, PersonRow
from directory.sheets.writing import Listing
from idp.factors.certificate import listing, service, store
from idp.factors.certificate.errors import CERTIFICATE_UNKNOWN
from idp.factors.certificate.list_file import taken_away
from idp.factors.certificate.listing import ListedCertificate, Which
from idp.factors.certificate.permissions import CertificatePermission
from idp.factors.certificate.reading import LONGEST
from idp.factors.certificate.store import Bound

__all__ = ["LONGEST", "CertificatesFor", "CertificatesPage", "ShownCertificates", "Which"]


@dataclass(frozen=True)
class CertificatesPage:
    """A page of certificates, how many there are, counted up to a limit, and the agencies to narrow
    them by."""

    certificates: Sequence[ListedCertificate]
    total: int
    places: Sequence[AgencyRow]


@dataclass(frozen=True)
class ShownCertificates:
    """Somebody to whom a certificate may be bound, and those they have."""

    person: PersonRow
    certificates: Sequence[Bound]


@dataclass(frozen=True)
class CertificatesFor:
    """Certificates of those to whom `actor` may bind some."""

    _installation: Installation
    _actor: Actor

    def counting(self, which: Which, most: int) -> Count:
        """How many there are, counted up to `most`. Raises Forbidden without any power."""
        with self._installation.database.read() as tx:
            return listing.counting(self._scope(tx), which, most)

    def page(
        self, which: Which, place_id: str, number: int, size: int, most: int
    ) -> CertificatesPage:
        """A page of them, of one place or of all. Raises as `counting`, and NotFound for a place
        out of scope."""
        with self._installation.database.read() as tx:
            scope = self._scope(tx)
            narrowed = narrowed_to(tx, scope, place_id)
            if narrowed is not None:
                return CertificatesPage(
                    listing.list_some(tx, narrowed, which, size, (number - 1) * size),
                    listing.count(tx, narrowed, which, most),
                    list_agencies_within(tx, scope),
                )
        raise self._unknown(place_id)

    def take_away(self, which: Which, place_id: str, export: Export) -> Listing:
        """All of them, or of a place, as a file, noted first. Raises as `page`."""
        with self._installation.database.read() as tx:
            narrowed = narrowed_to(tx, self._scope(tx), place_id)
            place = queries.agency(tx, place_id) if narrowed and place_id else None
        if narrowed is None:
            raise self._unknown(place_id)
        return taken_away(self._installation, self._actor, export, narrowed, place, which)

    def show(self, person_id: str) -> ShownCertificates:
        """Raises NotFound for somebody out of scope, Forbidden for somebody over whom the actor has
        no power, or themselves."""
        about = OfPerson(person_id[:MOST_ID_CHARS])
        with self._installation.database.read() as tx:
            actions = (PeoplePermission.READ, CertificatePermission.BIND)
            may = decide_each(tx, self._actor, scopes_of(tx, self._actor, actions), about)
            person = queries.person(tx, about.id) if may[PeoplePermission.READ].allowed else None
            held = store.list_of(tx, about.id) if person else []
        if person is None:
            self._denied(PeoplePermission.READ, about, "out_of_scope")
            raise NotFound(PERSON_UNKNOWN)
        decision = may[CertificatePermission.BIND]
        reason = "own_record" if person.id == self._actor.id else decision.reason
        if not decision.allowed or person.id == self._actor.id:
            self._denied(CertificatePermission.BIND, about, reason)
            raise Forbidden(
                PERSON_READ_ONLY,
                action=CertificatePermission.BIND,
                object=str(about),
                reason=reason,
            )
        return ShownCertificates(person, held)

    def bind(self, person_id: str, content: bytes, reason: str) -> None:
        """Bind the certificate of a file. Raises as `show` and `service.bind`."""
        shown = self.show(person_id)
        service.bind(self._installation, self._actor, shown.person.id, content, reason)

    def take_back(self, certificate_id: str) -> None:
        """The device is handed back. Raises NotFound for what is not there or out of scope."""
        with self._installation.database.read() as tx:
            found = store.find_ended(tx, certificate_id)
        if found is None:
            raise NotFound(CERTIFICATE_UNKNOWN)
        try:
            service.take_back(self._installation, self._actor, certificate_id)
        except Forbidden as error:
            reason = str(error.params.get("reason", ""))
            self._denied(CertificatePermission.BIND, OfPerson(found.person_id), reason)
            raise NotFound(CERTIFICATE_UNKNOWN) from error

    def _scope(self, tx: Connection) -> Scope:
        scope = scope_of(tx, self._actor, CertificatePermission.BIND)
        if scope.is_empty:
            raise Forbidden(
                errors.AUTHZ_DENIED, action=CertificatePermission.BIND, reason="no_role"
            )
        return scope

    def _unknown(self, place_id: str) -> AppError:
        self._denied(CertificatePermission.BIND, InPlace(place_id), "out_of_scope")
        return NotFound(AGENCY_UNKNOWN)

    def _denied(self, action: Permission, about: InPlace | OfPerson, reason: str) -> None:
        record_denial(self._installation, self._actor, action, about.tag, reason)
