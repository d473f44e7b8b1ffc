"""Whether a certificate counts: who issued it, when, for what, how strong, and not revoked.

The chain is built from the authorities that the operators added and from nothing that comes with
the request (RFC 5280 section 6, by the verifier of `cryptography`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)
from sqlalchemy import Connection

from directory import clock
from directory.clock import SECOND
from idp.factors.certificate import authorities, revocation
from idp.factors.certificate.authorities import Authority
from idp.factors.certificate.faults import (
    CHAIN,
    EXPIRED,
    NOT_YET,
    PURPOSE,
    UNKNOWN_AUTHORITY,
    WEAK,
)
from idp.factors.certificate.reading import facts_of

_LEAST_RSA_BITS = 2048
_CURVES = ("secp256r1", "secp384r1", "secp521r1")
_HASHES = ("sha256", "sha384", "sha512")
_E = TypeVar("_E", bound=x509.ExtensionType)

# Certificates of people here have no alternative name: whose one is, is told by who bound it. For
# what they are is looked at below, where it can be said.
_OF_PEOPLE = (
    ExtensionPolicy.webpki_defaults_ee()
    .may_be_present(x509.SubjectAlternativeName, Criticality.AGNOSTIC, None)
    .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, None)
)
_OF_AUTHORITIES = ExtensionPolicy.webpki_defaults_ca()


@dataclass(frozen=True, slots=True)
class Verdict:
    """`fault`: why it does not count, "" when it does. `authority_id`: who has issued it."""

    fault: str
    authority_id: str = ""


def judge(tx: Connection, certificate: x509.Certificate) -> Verdict:
    """Look at everything; what somebody can do something about is told first."""
    known = authorities.list_all(tx)
    issuer = authorities.issuer_among(certificate, known)
    if issuer is None:
        return Verdict(UNKNOWN_AUTHORITY)
    fault = _fault_of(certificate, issuer) or _fault_of_chain(tx, certificate, known)
    return Verdict(fault, issuer.id)


def is_strong(certificate: x509.Certificate) -> bool:
    """Whether its key and its signature are of those that are held to be safe."""
    key, used = certificate.public_key(), certificate.signature_hash_algorithm
    if used is None or used.name not in _HASHES:
        return False
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= _LEAST_RSA_BITS
    return isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES


def find_chain(
    certificate: x509.Certificate, known: Sequence[Authority]
) -> Sequence[x509.Certificate]:
    """From the certificate to a root of ours; nothing if there is no valid one at this moment."""
    roots = [each.certificate for each in known if each.is_root]
    if not roots:
        return ()
    builder = PolicyBuilder().store(Store(roots)).time(_now())
    builder = builder.extension_policies(ca_policy=_OF_AUTHORITIES, ee_policy=_OF_PEOPLE)
    between = [each.certificate for each in known if not each.is_root]
    try:
        return builder.build_client_verifier().verify(certificate, between).chain
    except (VerificationError, ValueError):
        return ()


def may_issue(certificate: x509.Certificate) -> bool:
    """Whether it is an authority's, which signs certificates and lists of those it revoked."""
    basic = _extension(certificate, x509.BasicConstraints)
    usage = _extension(certificate, x509.KeyUsage)
    if basic is None or not basic.ca:
        return False
    return usage is not None and usage.key_cert_sign and usage.crl_sign


def is_authority_valid(certificate: x509.Certificate, known: Sequence[Authority]) -> bool:
    """Whether it is valid at this moment, and a root or issued by an authority of ours."""
    facts = facts_of(certificate)
    if not facts.not_before <= clock.now_ms() < facts.not_after:
        return False
    if certificate.issuer != certificate.subject:
        return authorities.issuer_among(certificate, known) is not None
    try:
        certificate.verify_directly_issued_by(certificate)
    except Exception:  # whatever is wrong with its signature
        return False
    return True


def _fault_of(certificate: x509.Certificate, issuer: Authority) -> str:
    facts, now = facts_of(certificate), clock.now_ms()
    if now >= facts.not_after + SECOND:  # RFC 5280 section 4.1.2.5: the last second counts
        return EXPIRED
    if now < facts.not_before:
        return NOT_YET
    if not is_strong(certificate):
        return WEAK
    return "" if _is_for_signing_in(certificate) and _has_policy(certificate, issuer) else PURPOSE


def _fault_of_chain(
    tx: Connection, certificate: x509.Certificate, known: Sequence[Authority]
) -> str:
    chain = find_chain(certificate, known)
    if not chain:
        return CHAIN
    for each in chain[:-1]:
        issuer = authorities.issuer_among(each, known)
        if issuer is None:
            return CHAIN
        if fault := revocation.fault_of(tx, issuer, each.serial_number):
            return fault
    return ""


def _now() -> datetime:
    return datetime.fromtimestamp(clock.now_s(), tz=UTC)


def _is_for_signing_in(certificate: x509.Certificate) -> bool:
    """Of a person and not of an authority, for signatures that TLS makes, and where it says for
    what programs: for clients (RFC 5280 sections 4.2.1.3, 4.2.1.9 and 4.2.1.12)."""
    basic = _extension(certificate, x509.BasicConstraints)
    usage = _extension(certificate, x509.KeyUsage)
    purposes = _extension(certificate, x509.ExtendedKeyUsage)
    if basic is not None and basic.ca:
        return False
    if usage is not None and not usage.digital_signature:
        return False
    return purposes is None or ExtendedKeyUsageOID.CLIENT_AUTH in purposes


def _has_policy(certificate: x509.Certificate, issuer: Authority) -> bool:
    if not issuer.policies:
        return True
    told = _extension(certificate, x509.CertificatePolicies)
    named = {each.policy_identifier.dotted_string for each in told or ()}
    return bool(named & set(issuer.policies))


def _extension(certificate: x509.Certificate, kind: type[_E]) -> _E | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
