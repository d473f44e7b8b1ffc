"""What the worker does for this storey: name, seconds between two runs, what to call."""

from __future__ import annotations

from collections.abc import Callable

from directory.database import single_use
from directory.installation import Installation
from idp.devices import store as devices
from idp.flows import store as flows
from idp.logout.backchannel import deliver
from idp.logout.dead_sessions import end_dead
from idp.oidc import token_families
from idp.sessions import store as sessions
from idp.signin import pauses, throttle


def purge(installation: Installation) -> None:
    """Forget what has expired: flows, single-use marks, counters, devices, old sessions, tokens."""
    for forget in (
        flows.trim,
        single_use.purge_expired,
        pauses.tell_turned_away,
        throttle.purge,
        devices.purge,
        sessions.purge,
        token_families.purge,
    ):
        with installation.database.write() as tx:
            forget(tx)


JOBS: list[tuple[str, float, Callable[[Installation], None]]] = [
    ("idp.logout.dead_sessions", 2.0, end_dead),
    ("idp.logout.backchannel", 1.0, deliver),
    ("idp.purge", 60.0, purge),
]
