"""A local certificate authority and a server certificate for `--tls`.

For trying things out on one machine: the authority may vouch for loopback names alone (RFC 5280
§4.2.1.10), so that trusting `tls/ca.pem` in a browser endangers nothing else.
"""

from __future__ import annotations

import ipaddress
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from directory.clock import now_s

_CA_DAYS = 3650
_SERVER_DAYS = 365
_RENEW_DAYS = 30
_ADDRESSES = ("127.0.0.1", "127.0.0.2", "127.0.0.3", "::1")


def ensure_certificates(folder: Path) -> None:
    """`ca.pem`, `server.pem` and `server.key` (0600), made or renewed when < 30 days remain."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (_is_good(folder / "ca.pem") and _holds_key(folder / "ca.key")):
        _make_authority(folder)
    authority = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    server = folder / "server.pem"
    if not (_is_good(server) and _is_issued_by(server, authority) and _holds_key(_key_of(server))):
        _make_server(folder, authority)


def _key_of(certificate: Path) -> Path:
    return certificate.with_suffix(".key")


def _is_good(certificate: Path) -> bool:
    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
    except (OSError, ValueError):
        return False
    return found.not_valid_after_utc - _now() > timedelta(days=_RENEW_DAYS)


def _is_issued_by(certificate: Path, authority: x509.Certificate) -> bool:
    found = x509.load_pem_x509_certificate(certificate.read_bytes())
    try:
        found.verify_directly_issued_by(authority)
    except Exception:  # the library raises several unrelated kinds; each means "make a new one"
        return False
    return True


def _holds_key(path: Path) -> bool:
    try:
        serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError):
        return False
    return True


def _make_authority(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"Danh Muc local test CA {x509.random_serial_number() % 10**6:06d}")
    allowed: list[x509.GeneralName] = [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_network("127.0.0.0/8")),
        x509.IPAddress(ipaddress.ip_network("::1/128")),
    ]
    certificate = (
        _builder(name, name, key, _CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(allowed, None), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(folder / "ca.key", _pem(key), 0o600)
    _write(folder / "ca.pem", certificate.public_bytes(serialization.Encoding.PEM), 0o644)


def _make_server(folder: Path, authority: x509.Certificate) -> None:
    signer = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), password=None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise TypeError("the key of the local authority is not an elliptic curve key")
    key = ec.generate_private_key(ec.SECP256R1())
    names: list[x509.GeneralName] = [x509.DNSName("localhost")]
    names += [x509.IPAddress(ipaddress.ip_address(address)) for address in _ADDRESSES]
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    certificate = (
        _builder(_name("localhost"), authority.subject, key, _SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(issuer_key, critical=False)
        .sign(signer, hashes.SHA256())
    )
    _write(folder / "server.key", _pem(key), 0o600)
    _write(folder / "server.pem", certificate.public_bytes(serialization.Encoding.PEM), 0o644)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_now() - timedelta(hours=1))  # the clock may be set back a little
        .not_valid_after(_now() + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    fresh = path.with_suffix(path.suffix + ".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    fresh.chmod(mode)
    fresh.replace(path)


def _now() -> datetime:
    return datetime.fromtimestamp(now_s(), tz=UTC)
