"""May this person use this application now, and what does it learn about them? Cached by version.

The status read of each request brings the versions of person and grants; while they, the
application and the day are the same, so are decision and claims, and no statement more is needed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.actor import Actor
from directory.authz.decisions import Decision, decide
from directory.authz.objects import OfApplication
from directory.authz.permissions import ApplicationPermission
from directory.clock import today
from directory.database.engine import Database
from directory.installation import Installation
from directory.process_cache import PerStore, ProcessCache
from idp.oidc.claims import Claims, read_claims
from idp.oidc.liveness import TokenContext

MAX_HELD = 10_000
# Which agencies an application is open to has no version: look again within 5 s.
_AGENCIES_FRESH_S = 4.0


@dataclass(frozen=True, slots=True)
class AccessGranted:
    """The decision, and every claim this application may see of the person."""

    decision: Decision
    claims: Claims


_Key = tuple[str, str]
_Versions = tuple[int, int, str, int, str, str]


_caches: PerStore[Database, ProcessCache[_Key, tuple[_Versions, AccessGranted]]] = PerStore(
    lambda: ProcessCache(MAX_HELD)
)


def read_access(
    installation: Installation, tx: Connection, client_id: str, standing: TokenContext
) -> AccessGranted:
    """The entry of the person in the application; no statement while nothing has changed."""
    cache = _caches.of(installation.database)
    key = (standing.person_id, client_id)
    day = today().isoformat()
    versions: _Versions = (
        standing.version,
        standing.grant_version,
        standing.access,
        standing.application_disabled_at,
        standing.post_id,
        day,
    )
    is_open_to_agencies = standing.access == "agencies"
    fresh_s = _AGENCIES_FRESH_S if is_open_to_agencies else math.inf
    held = cache.find(key, younger_than_s=fresh_s)
    if held is not None and held[0] == versions:
        return held[1]
    actor = Actor("person", standing.person_id)
    entry = AccessGranted(
        decide(tx, actor, ApplicationPermission.ENTER, OfApplication(client_id)),
        read_claims(tx, standing.person_id, client_id, standing.post_id, day),
    )
    cache.put(key, (versions, entry))
    return entry
