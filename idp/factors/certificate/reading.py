"""Certificates as they come in: from a file, or in the header that a proxy writes."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from directory.clock import SECOND
from directory.text import clean

LONGEST = 16 * 1024
_LONGEST_NAME = 200
_PEM = b"-----BEGIN CERTIFICATE-----"
_PEM_END = b"-----END CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is kept of a certificate. `subject`: its common name alone, since the rest of such
    names holds national ids. `serial`, `fingerprint`, `spki`: hex; times in ms."""

    fingerprint: str
    issuer: str
    serial: str
    spki: str
    subject: str
    not_before: int
    not_after: int


def find_in_header(value: str) -> x509.Certificate | None:
    """The one certificate in the value of a header: PEM with percent signs (nginx, Apache), or the
    byte sequence of RFC 9440 (HAProxy). A header that came twice has a comma, and is none."""
    if not value.isascii() or len(value) > LONGEST or "," in value:
        return None
    if len(value) > 2 and value[0] == value[-1] == ":":
        try:
            return _of_der(base64.b64decode(value[1:-1], validate=True))
        except binascii.Error:
            return None
    return find_in_file(unquote_to_bytes(value))


def find_in_file(content: bytes) -> x509.Certificate | None:
    """The one certificate in a file, PEM or DER; None for none, for several, for anything else."""
    if len(content) > LONGEST:
        return None
    if _PEM not in content:
        return _of_der(content)
    if content.count(_PEM) != 1:
        return None
    inner = content.partition(_PEM)[2].partition(_PEM_END)
    if not inner[1]:
        return None
    try:
        return _of_der(base64.b64decode(b"".join(inner[0].split()), validate=True))
    except binascii.Error:
        return None


def facts_of(certificate: x509.Certificate) -> Facts:
    """What is kept of it, as people read it."""
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Facts(
        fingerprint=fingerprint_of(certificate),
        issuer=name_of(certificate.issuer),
        serial=serial_text(certificate.serial_number),
        spki=hashlib.sha256(key).hexdigest(),
        subject=name_of(certificate.subject),
        not_before=int(certificate.not_valid_before_utc.timestamp()) * SECOND,
        not_after=int(certificate.not_valid_after_utc.timestamp()) * SECOND,
    )


def fingerprint_of(certificate: x509.Certificate) -> str:
    """SHA-256 of the whole of it, as hex."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def serial_text(serial: int) -> str:
    """As lists of revoked certificates are looked up in."""
    return f"{serial:x}"


def name_of(name: x509.Name) -> str:
    """The common name, else the organisation: never what numbers somebody."""
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in name.get_attributes_for_oid(kind):
            if text := clean(str(attribute.value))[:_LONGEST_NAME]:
                return text
    return "?"


def _of_der(der: bytes) -> x509.Certificate | None:
    """Everything that is looked at later is read once here: it is parsed when it is asked for."""
    try:
        found = x509.load_der_x509_certificate(der)
        found.extensions  # noqa: B018
        facts_of(found)
    except Exception:  # whatever its parsers raise over hostile bytes: it is no certificate
        return None
    return found
