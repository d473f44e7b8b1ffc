"""What a device with passkeys would do: makes keys, and signs what a browser hands it.

Written from Web Authentication sections 5.8.1 (client data), 6.1 (authenticator data) and 6.5
(attestation, here "none"), so that tests can also do what no browser lets happen.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from directory.installation import Installation
from idp.factors.passkey import ceremony, store

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text_of(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Device:
    """One passkey, and the browser before it. `count` None: it does not count."""

    origin: str
    rp_id: str = ""
    count: int | None = None
    flags: int = PRESENT | VERIFIED
    handle: bytes = b""
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def __post_init__(self) -> None:
        self.rp_id = self.rp_id or urlsplit(self.origin).hostname or ""

    @property
    def name(self) -> str:
        return text_of(self.credential_id)

    @property
    def cose_key(self) -> bytes:
        point = self.key.public_key().public_numbers()
        x, y = (each.to_bytes(32, "big") for each in (point.x, point.y))
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def make(self, options: dict[str, Any], **changes: Any) -> str:
        """The answer to ``navigator.credentials.create``."""
        padded = options["user"]["id"] + "=="
        self.handle = base64.urlsafe_b64decode(padded)
        attested = b"\0" * 16 + len(self.credential_id).to_bytes(2, "big") + self.credential_id
        data = self._data(ATTESTED) + attested + self.cose_key
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client_data = self._client_data("webauthn.create", options["challenge"])
        return self._answer(clientDataJSON=client_data, attestationObject=statement, **changes)

    def sign(self, options: dict[str, Any], **changes: Any) -> str:
        """The answer to ``navigator.credentials.get``."""
        if self.count is not None:
            self.count += 1
        data = self._data()
        client_data = self._client_data("webauthn.get", options["challenge"])
        signed = data + hashlib.sha256(client_data).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        parts = {
            "clientDataJSON": client_data,
            "authenticatorData": data,
            "signature": signature,
            "userHandle": self.handle,
        }
        return self._answer(**parts | changes)

    def _data(self, more: int = 0) -> bytes:
        count = (self.count or 0).to_bytes(4, "big")
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([self.flags | more]) + count

    def _client_data(self, kind: str, challenge: str) -> bytes:
        data = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(data).encode()

    def _answer(self, **parts: bytes | None) -> str:
        response = {name: text_of(part) for name, part in parts.items() if part is not None}
        answer = {"id": self.name, "rawId": self.name, "type": "public-key", "response": response}
        return json.dumps(answer)


def give_passkey(installation: Installation, person_id: str, **device: Any) -> Device:
    """A device with a passkey of a person."""
    made = Device(installation.settings.issuer, **device)
    made.handle = ceremony.user_handle(installation.keyring, person_id)
    with installation.database.write() as tx:
        store.add(
            tx,
            person_id,
            "Máy tính",
            credential_id=made.name,
            public_key=made.cose_key,
            sign_count=made.count or 0,
            transports=("internal",),
        )
    return made
