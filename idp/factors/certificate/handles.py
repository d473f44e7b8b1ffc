"""Certificates of people, for whoever works in the console."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.actor import Actor
from directory.authz import errors
from directory.authz.denials import record_denial
from directory.authz.objects import InPlace, OfPerson
from directory.authz.places import list_agencies_within
from directory.authz.scopes import Scope, narrowed_to, scope_of
from directory.catalogue.errors import AGENCY_UNKNOWN
from directory.database.counting import Count
from directory.errors import AppError, Forbidden, NotFound
from directory.exports.notes import Export
from directory.installation import Installation
from directory.projection import queries
from directory.projection.queries import AgencyRow
from directory.sheets.writing import Listing
from idp.factors.certificate import listing, service, store
from idp.factors.certificate.errors import CERTIFICATE_UNKNOWN
from idp.factors.certificate.list_file import taken_away
from idp.factors.certificate.listing import ListedCertificate, Which
from idp.factors.certificate.permissions import CertificatePermission


@dataclass(frozen=True)
class CertificatesPage:
    """A page of certificates, how many there are, counted up to a limit, and the agencies to narrow
    them by."""

    certificates: Sequence[ListedCertificate]
    total: int
    places: Sequence[AgencyRow]


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

    def take_back(self, certificate_id: str) -> None:
        """The device is handed back. Raises NotFound for what is not there or out of scope."""
        with self._installation.database.read() as tx:
            found = store.find_ended(tx, certificate_id)
        if found is None:
            raise NotFound(CERTIFICATE_UNKNOWN)
        try:
            service.take_back(self._installation, self._actor, certificate_id)
        except Forbidden as error:
            about = OfPerson(found.person_id)
            record_denial(
                self._installation,
                self._actor,
                CertificatePermission.BIND,
                about.tag,
                str(error.params.get("reason", "")),
            )
            raise NotFound(CERTIFICATE_UNKNOWN) from error

    def _scope(self, tx: Connection) -> Scope:
        scope = scope_of(tx, self._actor, CertificatePermission.BIND)
        if scope.is_empty:
            raise Forbidden(
                errors.AUTHZ_DENIED, action=CertificatePermission.BIND, reason="no_role"
            )
        return scope

    def _unknown(self, place_id: str) -> AppError:
        record_denial(
            self._installation,
            self._actor,
            CertificatePermission.BIND,
            InPlace(place_id).tag,
            "out_of_scope",
        )
        return NotFound(AGENCY_UNKNOWN)
