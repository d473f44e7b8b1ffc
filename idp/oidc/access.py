"""May this person use this application now, and what does it learn about them? Cached by version.

The status read of each request brings the versions of person, grants and release; while they, the
application and the day are the same, so are decision and claims, and no statement more is needed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.authz.decisions import Decision
from directory.clock import today
from directory.database.engine import Database
from directory.installation import Installation
from directory.process_cache import PerStore, ProcessCache
from directory.release.register import released
from idp.oidc.claims import Claims, agency_of, keep_released, read_claims
from idp.oidc.liveness import TokenContext

MAX_HELD = 10_000
# Which agencies an application is open to has no version: look again within 5 s.
_AGENCIES_FRESH_S = 4.0


@dataclass(frozen=True, slots=True)
class AccessGranted:
    """The decision, and every claim this application may see of the person. `agency_id`: of the
    agency they act for, for the log; empty when they hold no post."""

    decision: Decision
    claims: Claims
    agency_id: str


_Key = tuple[str, str]
_Versions = tuple[int, int, str, int | None, int, str, str]


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
        standing.release_version,
        standing.post_id,
        day,
    )
    is_open_to_agencies = standing.access == "agencies"
    fresh_s = _AGENCIES_FRESH_S if is_open_to_agencies else math.inf
    held = cache.find(key, younger_than_s=fresh_s)
    if held is not None and held[0] == versions:
        return held[1]
    may_leave = released(tx, client_id, standing.person_id)
    claims = read_claims(tx, standing.person_id, client_id, standing.post_id, day)
    entry = AccessGranted(
        may_leave.decision, keep_released(claims, may_leave.attributes), agency_of(claims)
    )
    cache.put(key, (versions, entry))
    return entry
