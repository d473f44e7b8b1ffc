"""The keys as a process holds them: parsed once, looked at again every few seconds."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Row, bindparam, func, select

from directory.clock import SECOND, SKEW_MS, now_ms
from directory.database.engine import Database
from directory.errors import Unavailable
from directory.installation import Installation
from directory.process_cache import PerStore
from directory.sealed import KeyRing
from idp.keys.errors import KEYS_MISSING
from idp.keys.jose import (
    Algorithm,
    SigningKey,
    Verified,
    VerifyingKey,
    load_public_jwk,
    load_signing_key,
    verify,
)
from idp.keys.tables import SIGNING_KEY, revocation_epoch, signing_key
from idp.lifetimes import RETIRED_KEY_MS

# A key revoked anywhere is dead in every process after this long (promised: 5 s).
FRESH_S = 4.0
# Read together with the keys: no statement more, and as fresh as they are.
# One that lies ahead was written by a clock that was wrong: nothing issued now would count.
_epoch = (
    select(func.coalesce(func.max(revocation_epoch.c.at), 0))
    .where(revocation_epoch.c.at <= bindparam("latest", type_=BigInteger))
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class KeySet:
    """All usable keys at one moment. `jwks` is the published set as ready bytes.

    `epoch_s`: access tokens issued before this second are dead, whoever they were for.
    """

    signers: Mapping[Algorithm, SigningKey]
    published: Mapping[str, VerifyingKey]
    # Retired keys no longer published still vouch for an id_token_hint (RP-initiated logout §2).
    remembered: Mapping[str, VerifyingKey]
    jwks: bytes
    etag: str
    epoch_s: int


class KeyStore:
    """The current `KeySet` of one installation, shared by all threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parsed: dict[str, SigningKey] = {}
        self._set: KeySet | None = None
        self._read_at = 0.0

    def keys(self, installation: Installation) -> KeySet:
        """The keys, at most `FRESH_S` seconds old. Raises `Unavailable` when none was ever made."""
        held = self._set
        if held is not None and time.monotonic() - self._read_at < FRESH_S:
            return held
        with self._lock:
            if self._set is not None and time.monotonic() - self._read_at < FRESH_S:
                return self._set
            return self._refresh(installation)

    def forget(self) -> None:
        """Read again at next use: this process changed the keys."""
        self._read_at = 0.0
        self._set = None

    def _refresh(self, installation: Installation) -> KeySet:
        with installation.database.read() as tx:
            rows = tx.execute(
                select(signing_key, _epoch.label("epoch"))
                .where(signing_key.c.status != "revoked")
                .order_by(signing_key.c.created_at, signing_key.c.kid),
                {"latest": now_ms() + SKEW_MS},
            ).all()
        remembered = {row.kid: load_public_jwk(json.loads(row.public_jwk)) for row in rows}
        shown = [row for row in rows if _is_published(row.status, row.retired_at)]
        signers = {
            row.alg: self._signer(installation.keyring, row)
            for row in rows
            if row.status == "current"
        }
        if not signers:
            raise Unavailable(KEYS_MISSING, detail="no current signing key")
        documents = [json.loads(row.public_jwk) for row in shown]
        jwks = json.dumps({"keys": documents}, separators=(",", ":")).encode()
        self._set = KeySet(
            signers=signers,
            published={row.kid: remembered[row.kid] for row in shown},
            remembered=remembered,
            jwks=jwks,
            etag=hashlib.sha256(jwks).hexdigest()[:32],
            # Rounded up: `iat` counts whole seconds, and that second began before the epoch.
            epoch_s=-(-rows[0].epoch // SECOND),
        )
        self._read_at = time.monotonic()
        return self._set

    def _signer(self, keyring: KeyRing, row: Row[Any]) -> SigningKey:
        key = self._parsed.get(row.kid)
        if key is None:
            private = keyring.open(SIGNING_KEY, row.kid, row.private_sealed)
            key = self._parsed[row.kid] = load_signing_key(row.alg, private)
        return key


def _is_published(status: str, retired_at: int | None) -> bool:
    if status != "retired" or retired_at is None:
        return True
    # No longer than that, also when a clock that stood ahead wrote it.
    return now_ms() - RETIRED_KEY_MS < retired_at <= now_ms() + SKEW_MS


_stores: PerStore[Database, KeyStore] = PerStore(KeyStore)


def key_store(installation: Installation) -> KeyStore:
    """The key store of an installation, one for the whole process."""
    return _stores.of(installation.database)


def key_set(installation: Installation) -> KeySet:
    """The keys of the installation now. Raises `Unavailable`."""
    return key_store(installation).keys(installation)


def signer(installation: Installation, alg: Algorithm) -> SigningKey:
    """The key that signs with `alg` now."""
    return key_set(installation).signers[alg]


def verify_own(installation: Installation, token: str, typ: str, *, hint: bool = False) -> Verified:
    """The claims of a token that we signed, of exactly this `typ`. Raises `jose.Refused`.

    Dates and claims are the caller's to check. `hint`: keys retired long ago count too.
    """
    keys = key_set(installation)
    known = keys.remembered if hint else keys.published

    def find_key(kid: str, _alg: Algorithm) -> VerifyingKey | None:
        return known.get(kid)

    return verify(token, find_key, typ=frozenset({typ.lower()}), algorithms=("ES256", "RS256"))
