"""May this person use this application now, and what does it learn about them? Cached by version.

The status read of each request brings the versions of person and grants; while they, the
application and the day are the same, so are decision and claims, and no statement more is needed.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

from directory.actor import Actor
from directory.authz.decisions import Decision, decide
from directory.authz.objects import OfApplication
from directory.authz.permissions import ApplicationPermission
from directory.clock import today
from directory.database.engine import Database
from directory.installation import Installation
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


class _AccessCache:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[_Key, tuple[_Versions, float, AccessGranted]] = OrderedDict()

    def find(self, key: _Key, versions: _Versions) -> AccessGranted | None:
        held = self._held.get(key)
        if held is None or held[0] != versions:
            return None
        is_open_to_agencies = versions[2] == "agencies"
        if is_open_to_agencies and time.monotonic() - held[1] >= _AGENCIES_FRESH_S:
            return None
        return held[2]

    def put(self, key: _Key, versions: _Versions, entry: AccessGranted) -> None:
        with self._lock:
            self._held[key] = (versions, time.monotonic(), entry)
            self._held.move_to_end(key)
            if len(self._held) > MAX_HELD:
                self._held.popitem(last=False)


_caches: WeakKeyDictionary[Database, _AccessCache] = WeakKeyDictionary()
_caches_lock = threading.Lock()


def read_access(
    installation: Installation, tx: Connection, client_id: str, standing: TokenContext
) -> AccessGranted:
    """The entry of the person in the application; no statement while nothing has changed."""
    entries = _access_cache(installation)
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
    held = entries.find(key, versions)
    if held is not None:
        return held
    actor = Actor("person", standing.person_id)
    entry = AccessGranted(
        decide(tx, actor, ApplicationPermission.ENTER, OfApplication(client_id)),
        read_claims(tx, standing.person_id, client_id, standing.post_id, day),
    )
    entries.put(key, versions, entry)
    return entry


def _access_cache(installation: Installation) -> _AccessCache:
    found = _caches.get(installation.database)
    if found is None:
        with _caches_lock:
            found = _caches.setdefault(installation.database, _AccessCache())
    return found
