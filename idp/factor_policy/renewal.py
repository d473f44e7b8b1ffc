"""May an application go on with what came of one factor? Asked where no browser is.

Applications renew tokens from servers and by themselves. Where the person is and on which device
nobody sees there: networks count at the sign-in, and what a device spared counts from then on.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from directory.clock import DAY, now_ms, today
from directory.process_cache import PerStore, ProcessCache
from directory.projection import queries
from idp.factor_policy.decision import find_requirement_unseen, grace_until, must_have
from idp.factor_policy.enforcement import has_any

_MOST_HELD = 10_000


@dataclass(frozen=True, slots=True)
class Renewing:
    """Somebody, with the versions of what is known of them and of their grants."""

    id: str
    version: int
    grant_version: int


_Versions = tuple[int, int, str]
_caches: PerStore[Engine, ProcessCache[str, tuple[_Versions, bool]]] = PerStore(
    lambda: ProcessCache(_MOST_HELD)
)


def may_renew(tx: Connection, person: Renewing, client_id: str, *, authorized_at: int) -> bool:
    """Whether one factor is enough now for what was authorized then (ms)."""
    if _administers(tx, person):
        return False
    requirement = find_requirement_unseen(tx, person.id, client_id)
    if not requirement.is_wanted:
        return True
    # Spared by a device was only what was authorized while the rules were there.
    is_judged = requirement.since <= authorized_at
    if is_judged and now_ms() < authorized_at + requirement.spared_days * DAY:
        return True
    if not requirement.grace_days or has_any(tx, person.id):
        return False
    # Who was not told yet is not given the time again with every renewal.
    untold_since = max(requirement.since, authorized_at)
    return bool(grace_until(tx, requirement, person.id, untold_since))


def _administers(tx: Connection, person: Renewing) -> bool:
    cache = _caches.of(tx.engine)
    versions = (person.version, person.grant_version, today().isoformat())
    held = cache.find(person.id)
    if held is not None and held[0] == versions:
        return held[1]
    found = queries.person(tx, person.id)
    administers = found is not None and must_have(tx, found)
    cache.put(person.id, (versions, administers))
    return administers
