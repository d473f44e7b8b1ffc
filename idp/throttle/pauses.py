"""What an operator may see and do about pauses of the sign-in: list them, lift them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from sqlalchemy import Connection

from directory.actor import Actor, network_of, system
from directory.audit.log import person_tag, record
from directory.authz.decisions import require
from directory.authz.objects import InPlace, OfPerson
from directory.catalogue.errors import PERSON_UNKNOWN
from directory.errors import Conflict, Invalid, NotFound
from directory.installation import Installation
from directory.people.errors import PERSON_STATUS, standing_words
from directory.people.permissions import PeoplePermission
from directory.projection import queries
from idp.throttle import store as throttle
from idp.throttle.errors import THROTTLE_ADDRESS
from idp.throttle.events import (
    PERSON_UNLOCKED,
    SIGNIN_ADDRESS_TURNED_AWAY,
    SIGNIN_ADDRESS_UNPAUSED,
    SIGNIN_TURNED_AWAY,
    SIGNIN_UNKNOWN_TURNED_AWAY,
    SIGNIN_UNKNOWN_UNPAUSED,
)
from idp.throttle.permissions import SignInPermission
from idp.throttle.store import Kind, Pause


@dataclass(frozen=True, slots=True)
class Paused:
    """One pause. `person`: whom it stops, None for a network or for a name nobody has."""

    kind: Kind
    person: queries.PersonRow | None
    network: str
    until: int
    failures: int
    turned_away: int


def list_pauses(installation: Installation, actor: Actor) -> list[Paused]:
    """Every pause at this moment, what ends last first."""
    with installation.database.read() as tx:
        require(tx, actor, SignInPermission.UNPAUSE, InPlace(""))
        return [_paused(tx, pause) for pause in throttle.list_pauses(tx)]


def unlock_person(installation: Installation, actor: Actor, person_id: str) -> bool:
    """End every pause of a person. False when there was none: nothing changed.

    Raises NotFound, and Conflict(``person.status``) for who may not sign in anyway.
    """
    with installation.database.write() as tx:
        require(tx, actor, PeoplePermission.UNLOCK, OfPerson(person_id))
        person = queries.person(tx, person_id)
        if person is None:
            raise NotFound(PERSON_UNKNOWN)
        if person.status == "left":
            raise Conflict(PERSON_STATUS, status=standing_words(person.status))
        return _unlock(tx, installation, actor, person_id)


def unpause_network(installation: Installation, actor: Actor, address: str) -> bool:
    """End the pause of an address, or of the network it stands for. False when there was none.

    Raises Invalid(``throttle.address``) for what is no address.
    """
    network = _network(address)
    with installation.database.write() as tx:
        require(tx, actor, SignInPermission.UNPAUSE, InPlace(""))
        return _unpause(tx, actor, network)


def lift_all(installation: Installation, actor: Actor) -> int:
    """End every pause there is; gives how many people, addresses and names had one."""
    with installation.database.write() as tx:
        require(tx, actor, SignInPermission.UNPAUSE, InPlace(""))
        paused = [pause.counter for pause in throttle.list_pauses(tx)]
        people = {one.subject for one in paused if one.kind != "address" and one.subject}
        networks = {one.subject for one in paused if one.kind == "address" and one.subject}
        nobody = [one.key_hash for one in paused if one.subject is None]
        lifted = throttle.lift(tx, key_hashes=nobody)
        if lifted:
            record(tx, SIGNIN_UNKNOWN_UNPAUSED, actor, count=len(lifted))
            _tell(tx, actor, lifted)
        ended = sum(_unlock(tx, installation, actor, person_id) for person_id in sorted(people))
        ended += sum(_unpause(tx, actor, network) for network in sorted(networks))
    return ended + len(lifted)


def _unlock(tx: Connection, installation: Installation, actor: Actor, person_id: str) -> bool:
    # By name as well: a counter tells whom the last try was for, and names pass from hand to hand.
    domain = installation.settings.mail_domain
    names = [throttle.typed_name(login, domain) for login in queries.list_logins(tx, person_id)]
    hashes = [throttle.login_hash(installation.keyring, name) for name in names]
    lifted = throttle.lift(tx, subject=person_id, key_hashes=hashes)
    if lifted:
        agency = queries.home_agency_of(tx, person_id)
        record(tx, PERSON_UNLOCKED, actor, subject=person_tag(person_id), agency=agency)
        _tell(tx, actor, lifted)
    return bool(lifted)


def _unpause(tx: Connection, actor: Actor, network: str) -> bool:
    lifted = throttle.lift(tx, subject=network)
    if lifted:
        record(tx, SIGNIN_ADDRESS_UNPAUSED, actor, network=network)
        _tell(tx, actor, lifted)
    return bool(lifted)


def tell_turned_away(tx: Connection) -> None:
    """One event for each wait that is over, with the number of tries it turned away."""
    _tell(tx, system("throttle"), throttle.take_turned_away(tx))


def _tell(tx: Connection, actor: Actor, ended: Sequence[Pause]) -> None:
    for pause in ended:
        counter, count = pause.counter, pause.turned_away
        if not count:
            continue
        if counter.kind == "address":
            record(tx, SIGNIN_ADDRESS_TURNED_AWAY, actor, network=counter.subject, count=count)
            continue
        if not counter.subject:
            record(tx, SIGNIN_UNKNOWN_TURNED_AWAY, actor, count=count)
            continue
        subject, agency = person_tag(counter.subject), queries.home_agency_of(tx, counter.subject)
        record(tx, SIGNIN_TURNED_AWAY, actor, subject=subject, agency=agency, count=count)


def _paused(tx: Connection, pause: Pause) -> Paused:
    kind, subject = pause.counter.kind, pause.counter.subject or ""
    person = queries.person(tx, subject) if subject and kind != "address" else None
    network = subject if kind == "address" else ""
    return Paused(kind, person, network, pause.until, pause.failures, pause.turned_away)


def _network(address: str) -> str:
    """The network an address stands for; a network may be given as the list shows it."""
    text = address.strip()
    try:
        first = ip_network(text).network_address if "/" in text else ip_address(text)
        return network_of(str(first))
    except ValueError:
        raise Invalid(THROTTLE_ADDRESS, field="address", value=text) from None
