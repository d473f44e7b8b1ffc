"""What the log tells of a wrong try, beside that it was wrong: pauses that began, and guessing."""

from __future__ import annotations

from sqlalchemy import Connection

from directory import clock
from directory.audit.log import person_tag, record
from directory.catalogue.person import home_agency
from directory.projection.queries import PersonRow
from idp.throttle.events import (
    SIGNIN_ADDRESS_PAUSED,
    SIGNIN_DEVICE_PAUSED,
    SIGNIN_PAUSED,
    SIGNIN_SPRAY,
    SIGNIN_UNKNOWN_PAUSED,
)
from idp.throttle.store import Counter, Failure
from web.current import actor_here


def record_consequences(
    tx: Connection,
    failure: Failure,
    *,
    person: PersonRow | None,
    login_hash: str,
    is_known_device: bool,
) -> None:
    """`person`: who was meant, None for a name nobody has."""
    for counter, until in failure.paused:
        _record_pause(tx, counter, until, person, login_hash, is_known_device=is_known_device)
    if failure.sprayed:
        record(tx, SIGNIN_SPRAY, actor_here(), count=failure.sprayed)


def _record_pause(
    tx: Connection,
    counter: Counter,
    until: int,
    person: PersonRow | None,
    login_hash: str,
    *,
    is_known_device: bool,
) -> None:
    if counter.kind == "address":
        network = counter.subject or ""
        record(tx, SIGNIN_ADDRESS_PAUSED, actor_here(), network=network, until=until)
        return
    kind = SIGNIN_PAUSED if person else SIGNIN_UNKNOWN_PAUSED
    if is_known_device:
        kind = SIGNIN_DEVICE_PAUSED
    record(
        tx,
        kind,
        actor_here(),
        subject=person_tag(person.id) if person else "",
        agency=home_agency(person, clock.today().isoformat()) if person else "",
        login_hash=login_hash,
        until=until,
    )
