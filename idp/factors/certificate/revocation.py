"""Lists of revoked certificates (RFC 5280 section 5): read, checked, kept as serial numbers.

What counts is the newest complete list that the authority has signed itself. Where there is none,
or the one there is should have been followed by another, nobody is let in: an authority that is
silent may have something to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from sqlalchemy import Connection, delete, select, update

from directory import clock
from directory.clock import SECOND
from directory.database.engine import Database
from directory.database.upsert import upsert
from directory.errors import Invalid
from idp.factors.certificate.authorities import Authority
from idp.factors.certificate.errors import (
    CRL_FOREIGN,
    CRL_KIND,
    CRL_NOT_YET,
    CRL_OLDER,
    CRL_OVER,
    CRL_UNREADABLE,
)
from idp.factors.certificate.faults import NO_LIST, REVOKED
from idp.factors.certificate.reading import serial_text
from idp.factors.certificate.tables import certificate_authority, revoked_certificate

LARGEST = 32 * 1024 * 1024
_PEM = b"-----BEGIN X509 CRL-----"
_AT_ONCE = 2000
# Authorities publish one a day, and another in between when something happens.
_LOOKS_AGAIN_MS = clock.HOUR
_HASHES = ("sha256", "sha384", "sha512")

_columns = certificate_authority.c


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A list that the authority has signed, and that counts now. Times in ms."""

    this_update: int
    next_update: int
    serials: frozenset[str]


def fault_of(tx: Connection, issuer: Authority, serial: int) -> str:
    """Why a certificate of this issuer does not count; "" when its list is current without it."""
    if issuer.without_crl:
        return ""
    here = (
        revoked_certificate.c.authority_id == issuer.id,
        revoked_certificate.c.serial == serial_text(serial),
    )
    if tx.execute(select(revoked_certificate.c.serial).where(*here)).first():
        return REVOKED
    return "" if issuer.has_current_list else NO_LIST


def read(authority: Authority, content: bytes) -> RevocationList:
    """The list in a file. Raises Invalid: ``crl.unreadable``, ``crl.foreign``, ``crl.kind``,
    ``crl.not_yet``, ``crl.over``, ``crl.older``."""
    found = _parsed(content)
    if not _is_signed_by(found, authority):
        raise Invalid(CRL_FOREIGN, authority=authority.subject)
    if not _is_complete(found):
        raise Invalid(CRL_KIND)
    begins = int(found.last_update_utc.timestamp()) * SECOND
    ends = found.next_update_utc
    next_update = int(ends.timestamp()) * SECOND if ends else 0
    if begins > clock.now_ms() + clock.SKEW_MS:
        raise Invalid(CRL_NOT_YET, begins=clock.local(begins))
    if next_update <= clock.now_ms():
        raise Invalid(CRL_OVER, ended=clock.local(next_update) if next_update else "?")
    if authority.crl_this_update is not None and begins < authority.crl_this_update:
        raise Invalid(CRL_OLDER)
    try:
        serials = frozenset(serial_text(each.serial_number) for each in found)
    except ValueError as error:
        raise Invalid(CRL_UNREADABLE) from error
    return RevocationList(begins, next_update, serials)


def keep(database: Database, authority: Authority, taken: RevocationList) -> int:
    """It counts from now on; gives how many serials came.

    A list may have a hundred thousand lines and nobody waits for all of them at once: what is new
    is added piece by piece, and a certificate on it is revoked at once; then what is on it no more
    goes, and only then the dates are those of the new list.
    """
    with database.read() as tx:
        before = _serials_of(tx, authority.id)
    new = sorted(taken.serials - before)
    for piece in _pieces(new):
        with database.write() as tx:
            _add(tx, authority.id, piece)
    for piece in _pieces(sorted(before - taken.serials)):
        with database.write() as tx:
            _drop(tx, authority.id, piece)
    with database.write() as tx:
        _note(tx, authority.id, taken)
    return len(new)


def note_problem(tx: Connection, authority_id: str, code: str, due_at: int) -> None:
    """Why the last try to fetch one failed, and when to try again."""
    here = _columns.id == authority_id
    tx.execute(
        update(certificate_authority).where(here).values(crl_problem=code, crl_due_at=due_at)
    )


def _parsed(content: bytes) -> x509.CertificateRevocationList:
    try:
        if _PEM in content:
            found = x509.load_pem_x509_crl(content)
        else:
            found = x509.load_der_x509_crl(content)
        found.extensions  # noqa: B018 - read when it is asked for
    except Exception as error:  # whatever its parsers raise
        raise Invalid(CRL_UNREADABLE) from error
    return found


def _is_signed_by(found: x509.CertificateRevocationList, authority: Authority) -> bool:
    key, used = authority.certificate.public_key(), found.signature_hash_algorithm
    if found.issuer != authority.certificate.subject or used is None or used.name not in _HASHES:
        return False
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return False
    try:
        return found.is_signature_valid(key)
    except Exception:  # a kind of signature nobody knows
        return False


def _is_complete(found: x509.CertificateRevocationList) -> bool:
    """Not what changed since another list, nor of some certificates alone (RFC 5280 sections
    5.2.4 and 5.2.5): such a list says nothing of the others."""
    for each in found.extensions:
        if isinstance(each.value, x509.DeltaCRLIndicator):
            return False
        if isinstance(each.value, x509.IssuingDistributionPoint):
            point = each.value
            if point.indirect_crl or point.only_some_reasons or point.only_contains_ca_certs:
                return False
            if point.only_contains_attribute_certs:
                return False
        elif each.critical:
            return False
    return True


def _serials_of(tx: Connection, authority_id: str) -> set[str]:
    mine = revoked_certificate.c.authority_id == authority_id
    return set(tx.execute(select(revoked_certificate.c.serial).where(mine)).scalars())


def _pieces(serials: list[str]) -> Iterable[list[str]]:
    rest = iter(serials)
    return iter(lambda: list(islice(rest, _AT_ONCE)), [])


def _add(tx: Connection, authority_id: str, serials: list[str]) -> None:
    rows = [{"authority_id": authority_id, "serial": each} for each in serials]
    tx.execute(upsert(tx, revoked_certificate).on_conflict_do_nothing(), rows)


def _drop(tx: Connection, authority_id: str, serials: list[str]) -> None:
    """What an authority put on hold and took back."""
    mine = revoked_certificate.c.authority_id == authority_id
    gone = revoked_certificate.c.serial.in_(serials)
    tx.execute(delete(revoked_certificate).where(mine, gone))


def _note(tx: Connection, authority_id: str, taken: RevocationList) -> None:
    half = (taken.next_update - clock.now_ms()) // 2
    tx.execute(
        update(certificate_authority)
        .where(_columns.id == authority_id)
        .values(
            crl_this_update=taken.this_update,
            crl_next_update=taken.next_update,
            crl_taken_at=clock.now_ms(),
            crl_problem="",
            crl_due_at=clock.now_ms() + min(half, _LOOKS_AGAIN_MS),
        )
    )
