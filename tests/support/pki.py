"""A small public key infrastructure: a root, an authority below it, and certificates of people."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from directory import clock

DAY = datetime.timedelta(days=1)
CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH
_numbers = itertools.count(0x4F00)


def now() -> datetime.datetime:
    return datetime.datetime.fromtimestamp(clock.now_s(), tz=datetime.UTC)


def name(common_name: str, number: str = "") -> x509.Name:
    """As those of the State's certification authority: the number of somebody's card is in it."""
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN")]
    if number:
        parts.append(x509.NameAttribute(NameOID.USER_ID, f"CCCD:{number}"))
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


@dataclass
class Issued:
    """A certificate with its key."""

    made: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.made.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def header(self) -> str:
        """As nginx writes it: `$ssl_client_escaped_cert`."""
        return quote(self.pem.decode(), safe="")

    @property
    def serial(self) -> str:
        return f"{self.made.serial_number:x}"


@dataclass
class Authority:
    """What issues certificates. `issued` by another one, or for itself."""

    issued: Issued
    revoked: list[int] = field(default_factory=list)

    @classmethod
    def root(cls, common_name: str = "Cơ quan chứng thực gốc (mẫu)") -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        made = _sign(name(common_name), key, name(common_name), key, _of_authority(key, key))
        return cls(Issued(made, key))

    def authority(self, common_name: str = "Chứng thư số chuyên dùng (mẫu)") -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        made = _sign(
            name(common_name), key, self.issued.made.subject, self.issued.key,
            _of_authority(key, self.issued.key),
        )  # fmt: skip
        return Authority(Issued(made, key))

    def issue(
        self,
        common_name: str = "Nguyễn Thị Thuỳ Dung",
        *,
        purposes: Sequence[x509.ObjectIdentifier] = (CLIENT,),
        begins: datetime.timedelta = -DAY,
        ends: datetime.timedelta = 400 * DAY,
        signs: bool = True,
        more: Sequence[tuple[x509.ExtensionType, bool]] = (),
        key: ec.EllipticCurvePrivateKey | None = None,
        curve: ec.EllipticCurve | None = None,
    ) -> Issued:
        key = key or ec.generate_private_key(curve or ec.SECP256R1())
        extensions: list[tuple[x509.ExtensionType, bool]] = [
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (_usage(digital_signature=signs, content_commitment=True), True),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(self.issued.key.public_key()),
             False),
            *more,
        ]  # fmt: skip
        if purposes:
            extensions.append((x509.ExtendedKeyUsage(purposes), False))
        made = _sign(
            name(common_name, "001234567890"), key, self.issued.made.subject, self.issued.key,
            extensions, begins, ends,
        )  # fmt: skip
        return Issued(made, key)

    def revocation_list(
        self,
        *,
        begins: datetime.timedelta = datetime.timedelta(),
        ends: datetime.timedelta | None = DAY,
        key: ec.EllipticCurvePrivateKey | None = None,
        more: Sequence[tuple[x509.ExtensionType, bool]] = (),
    ) -> bytes:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.issued.made.subject)
            .last_update(now() + begins)
            .next_update(now() + (ends or DAY))
        )
        for serial in self.revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(serial)
                .revocation_date(now() - DAY)
                .build()
            )
        for extension, critical in more:
            builder = builder.add_extension(extension, critical)
        signed = builder.sign(key or self.issued.key, hashes.SHA256())
        return signed.public_bytes(Encoding.DER)


def _of_authority(
    key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey
) -> list[tuple[x509.ExtensionType, bool]]:
    return [
        (x509.BasicConstraints(ca=True, path_length=None), True),
        (_usage(key_cert_sign=True, crl_sign=True), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False),
    ]


def _usage(**used: bool) -> x509.KeyUsage:
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
        "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    usage: dict[str, Any] = {each: used.get(each, False) for each in every}
    return x509.KeyUsage(**usage)


def _sign(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    extensions: Sequence[tuple[x509.ExtensionType, bool]],
    begins: datetime.timedelta = -2 * DAY,
    ends: datetime.timedelta = 3000 * DAY,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(next(_numbers))
        .not_valid_before(now() + begins)
        .not_valid_after(now() + ends)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(signer, hashes.SHA256())
