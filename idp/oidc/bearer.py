"""Reading access tokens: the signature once per token, whether it still counts every time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.clock import now_s
from directory.database.engine import Database
from directory.database.single_use import was_used
from directory.installation import Installation
from directory.process_cache import PerStore, ProcessCache
from idp.clients.model import Client
from idp.clients.registry import find_client
from idp.keys import jose
from idp.keys.jose import Refused
from idp.keys.store import key_set, verify_own
from idp.oidc.access import read_access
from idp.oidc.claims import Claims
from idp.oidc.liveness import TokenContext, is_alive, read_family
from idp.oidc.token_families import Family
from idp.oidc.tokens import ACCESS_TYP

MAX_HELD = 10_000
# The mark of a token that has no family: one of a client for itself that it gave back.
REVOKED = "revoked-token"


@dataclass(frozen=True, slots=True)
class LiveToken:
    """An access token that counts at this moment. `family` and `standing` are None, and `about`
    empty, for a token of a client for itself."""

    claims: Claims
    client: Client
    family: Family | None
    standing: TokenContext | None
    about: Claims

    @property
    def scope(self) -> str:
        return str(self.claims.get("scope", ""))


_caches: PerStore[Database, ProcessCache[tuple[str, bytes], Claims]] = PerStore(
    lambda: ProcessCache(MAX_HELD)
)


def _verified(installation: Installation, token: str) -> Claims:
    """Held by token and published keys: when these change, one of them may be revoked."""
    cache = _caches.of(installation.database)
    key = (key_set(installation).etag, hashlib.sha256(token.encode()).digest())
    if (held := cache.find(key)) is not None:
        return held
    claims = verify_own(installation, token, ACCESS_TYP).claims
    cache.put(key, claims)
    return claims


def verify_access_token(installation: Installation, token: str) -> Claims:
    """The claims of an access token of ours that has not expired. Raises `Refused`."""
    claims = _verified(installation, token)
    jose.check_times(claims, now_s())
    if claims.get("iss") != installation.settings.issuer:
        raise Refused("not our issuer")
    if claims["iat"] < key_set(installation).epoch_s:
        raise Refused("issued before the revocation epoch")
    return claims


def find_live_token(installation: Installation, tx: Connection, token: str) -> LiveToken:
    """The token if everything behind it still holds: client, person, session, family, entry.

    Raises `Refused`. One statement while client and claims are cached.
    """
    claims = verify_access_token(installation, token)
    client = find_client(installation, tx, claims["client_id"])
    if client is None:
        raise Refused("client unknown or disabled")
    if "family" not in claims:
        if was_used(tx, REVOKED, claims["jti"]):
            raise Refused("revoked")
        return LiveToken(claims, client, None, None, {})
    found = read_family(tx, claims["family"])
    if found is None or not is_alive(*found):
        raise Refused("family revoked or ended")
    entry = read_access(installation, tx, client.id, found[1])
    if not entry.decision.allowed:
        raise Refused("the person may not enter the application")
    return LiveToken(claims, client, *found, entry.claims)
