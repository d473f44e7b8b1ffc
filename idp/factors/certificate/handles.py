"""Certificates of people, for whoever works in the console."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from directory import clock
from directory.actor import Actor
from directory.authz import errors
from directory.authz.decisions import decide, decide_each
from directory.authz.denials import record_denial
from directory.authz.objects import InPlace, OfPerson
from directory.authz.permissions import Permission
from directory.authz.places import list_agencies_within
from directory.authz.scopes import Scope, narrowed_to, scope_of, scopes_of
from directory.catalogue.errors import AGENCY_UNKNOWN, PERSON_UNKNOWN
from directory.database.counting import Count
from directory.errors import AppError, Forbidden, Invalid, NotFound
from directory.exports.notes import Export
from directory.installation import Installation
from directory.people.errors import PERSON_READ_ONLY, PERSON_REASON
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
from idp.factors.held import Factor
from idp.factors.permissions import FactorPermission

__all__ = [
    "LONGEST",
    "CertificatesFor",
    "CertificatesPage",
    "ShownCertificate",
    "ShownCertificates",
    "Which",
]


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
    certificates: Sequence[ShownCertificate]


@dataclass(frozen=True)
class ShownCertificate:
    """One of somebody's. `standing`: ``left`` when its person did, ``over``, ``soon`` when it ends
    within 30 days, else empty. `bound_by`: the name of another person who has bound it."""

    bound: Bound
    standing: str
    bound_by: str


@dataclass(frozen=True)
class CertificatesFor:
    """Certificates of those to whom `actor` may bind some, or whose factors they may take away."""

    _installation: Installation
    _actor: Actor
    _factors: Sequence[Factor]

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

    def of_person(self, person_id: str) -> Sequence[ShownCertificate]:
        """Those of somebody else, for whoever may take them away; none for others."""
        with self._installation.database.read() as tx:
            held = store.list_all_of(tx, person_id)
            if not held or person_id == self._actor.id:
                return ()
            if not decide(tx, self._actor, FactorPermission.RESET, OfPerson(person_id)).allowed:
                return ()
            return _shown(tx, held)

    def show_one(self, person_id: str, certificate_id: str) -> tuple[PersonRow, ShownCertificate]:
        """One that can be taken away. Raises as `show`, and NotFound where it is not theirs."""
        person = self._open(person_id, FactorPermission.RESET)
        with self._installation.database.read() as tx:
            found = store.find(tx, person.id, certificate_id)
            if found is None:
                raise NotFound(CERTIFICATE_UNKNOWN)
            return person, _shown(tx, [found])[0]

    def remove(self, person_id: str, certificate_id: str, reason: str) -> None:
        """It is nobody's any more. Raises as `show_one` and `service.remove`, and Invalid without a
        reason."""
        if not reason.strip():
            self.show_one(person_id, certificate_id)
            raise Invalid(PERSON_REASON, field="reason")
        acting = (self._installation, self._actor, self._factors)
        try:
            service.remove(*acting, person_id[:MOST_ID_CHARS], certificate_id, reason)
        except Forbidden:
            self._open(person_id, FactorPermission.RESET)
            raise

    def show(self, person_id: str) -> ShownCertificates:
        """Raises NotFound for somebody out of scope, Forbidden for somebody over whom the actor has
        no power, or themselves."""
        person = self._open(person_id, CertificatePermission.BIND)
        with self._installation.database.read() as tx:
            return ShownCertificates(person, _shown(tx, store.list_of(tx, person.id)))

    def _open(self, person_id: str, action: Permission) -> PersonRow:
        about = OfPerson(person_id[:MOST_ID_CHARS])
        with self._installation.database.read() as tx:
            actions = (PeoplePermission.READ, action)
            may = decide_each(tx, self._actor, scopes_of(tx, self._actor, actions), about)
            person = queries.person(tx, about.id) if may[PeoplePermission.READ].allowed else None
        if person is None:
            self._denied(PeoplePermission.READ, about, "out_of_scope")
            raise NotFound(PERSON_UNKNOWN)
        decision = may[action]
        reason = "own_record" if person.id == self._actor.id else decision.reason
        if not decision.allowed or person.id == self._actor.id:
            self._denied(action, about, reason)
            raise Forbidden(
                PERSON_READ_ONLY,
                action=action,
                object=str(about),
                reason=reason,
            )
        return person

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


def _shown(tx: Connection, held: Sequence[Bound]) -> Sequence[ShownCertificate]:
    others = {each.made_by for each in held if each.made_by and each.made_by != each.person_id}
    names = queries.list_names(tx, others)
    return [
        ShownCertificate(each, _standing(each), names.get(each.made_by or "", ("", ""))[0])
        for each in held
    ]


def _standing(bound: Bound) -> str:
    now = clock.now_ms()
    if bound.ended_at is not None:
        return "left"
    if bound.not_after <= now:
        return "over"
    return "soon" if bound.not_after <= now + listing.SOON_MS else ""
