"""Looking for guessing, and what an alarm sets off."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from directory import clock
from directory.actor import network_of, system
from directory.audit.log import record
from directory.authz.keepers import list_keepers
from directory.authz.permissions import SECURITY_OFFICER
from directory.installation import Installation
from directory.messages.sending import send
from idp.sessions import store as sessions
from idp.spray import alarms
from idp.spray.events import SPRAY_OVER, SPRAY_SUSPECTED
from idp.spray.messages import SPRAY_ALARM
from idp.spray.signs import SIGNS, Suspicion, judge
from idp.throttle import misses
from idp.throttle.permissions import SignInPermission

# An alarm stands until nothing was seen for so long: whoever makes a pause of some minutes is not
# told as another one.
QUIET_MS = 30 * clock.MINUTE
_BY_ITSELF = system("spray")


def watch(installation: Installation) -> None:
    """The worker's job: what is suspected now begins an alarm, or goes on with one that stands."""
    with installation.database.read() as tx:
        found = misses.read(tx)
        opened = sessions.list_addresses(tx, clock.now_ms() - misses.WINDOW_MS)
    suspected = judge(found, _by_network(opened), len(opened))
    with installation.database.write() as tx:
        for each in suspected:
            _suspect(tx, installation, each)
        for alarm in alarms.end_quiet(tx, clock.now_ms() - QUIET_MS):
            record(
                tx,
                SPRAY_OVER,
                _BY_ITSELF,
                sign=alarm.sign,
                network=alarm.network,
                count=alarm.names,
            )


def _suspect(tx: Connection, installation: Installation, found: Suspicion) -> None:
    if not alarms.begin_or_go_on(tx, found):
        return
    record(
        tx, SPRAY_SUSPECTED, _BY_ITSELF, sign=found.sign, network=found.network, count=found.names
    )
    for each in list_keepers(tx, (SECURITY_OFFICER,), SignInPermission.UNPAUSE):
        send(
            tx,
            installation,
            SPRAY_ALARM,
            each,
            at=clock.now_ms(),
            sign=SIGNS[found.sign],
            names=found.names,
            network=found.network or "–",
        )


def _by_network(addresses: list[str]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for address in addresses:
        network = network_of(address)
        found[network] = found.get(network, 0) + 1
    return found
