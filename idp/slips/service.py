"""Giving slips, taking them back, and telling who has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from directory.actor import Actor, system
from directory.audit.log import person_tag, record
from directory.authz.decisions import require
from directory.authz.objects import InPlace, OfPerson
from directory.authz.permissions import ADMIN_APPLICATION, is_privileged
from directory.authz.roles import reach
from directory.catalogue.errors import PERSON_UNKNOWN
from directory.clock import today
from directory.errors import Conflict, Invalid, NotFound
from directory.installation import Installation
from directory.people.errors import standing_words
from directory.projection import queries
from directory.projection.queries import PersonRow
from directory.requests import service as requests
from directory.settings import Settings
from directory.text import clean
from idp import paths, printed_codes
from idp.slips import store
from idp.slips.errors import SLIP_REASON, SLIP_STANDING, SLIP_TWO_PERSONS
from idp.slips.events import SLIP_ISSUED, SLIP_REVOKED
from idp.slips.permissions import SlipPermission
from idp.slips.request_kinds import HELP
from idp.slips.store import Purpose, Slip
from web.urls import absolute

_BY_ITSELF = system("slips")


@dataclass(frozen=True)
class Issued:
    """A new slip. `code` and `url` are secret and told this once; the URL carries the code behind
    its ``#``, which browsers send to no server, so that no log ever holds it."""

    slip: Slip
    person: PersonRow
    code: str = field(repr=False)
    url: str = field(repr=False)


def issue(
    installation: Installation, actor: Actor, person_id: str, purpose: Purpose, reason: str = ""
) -> Issued:
    """A new slip for a person, in place of an earlier one.

    Raises NotFound, Invalid(``slip.reason``), Conflict(``slip.standing``) for whoever is suspended
    or has left, Conflict(``slip.two_persons``).
    """
    return installation.database.retrying(
        lambda tx: issue_within(tx, installation, actor, person_id, purpose, reason)
    )


def issue_within(
    tx: Connection,
    installation: Installation,
    actor: Actor,
    person_id: str,
    purpose: Purpose,
    reason: str,
    *,
    is_agreed: bool = False,
    hours: int = 0,
) -> Issued:
    """As `issue`. `is_agreed`: a second person has agreed to it, which has been looked at. `hours`:
    how long it counts, where that is not as of every slip."""
    store.lock(tx, person_id)
    if not is_agreed:
        require(tx, actor, SlipPermission.ISSUE, OfPerson(person_id))
    if actor.kind == "person" and not clean(reason):
        raise Invalid(SLIP_REASON, field="reason")
    person = require_waiting(tx, person_id)
    if actor.kind == "person" and not is_agreed and is_privileged_account(tx, person):
        raise Conflict(SLIP_TWO_PERSONS)
    _revoke(tx, actor, store.list_open(tx, person_id), "replaced")
    requests.settle_about(tx, actor, HELP, person_tag(person_id))
    hours = hours or installation.settings.slip_hours
    made, code = store.add(tx, installation.keyring, person_id, purpose, actor.tag, hours)
    record(
        tx,
        SLIP_ISSUED,
        actor,
        **_filed(tx, person_id),
        slip=made.id,
        purpose=purpose,
        until=made.expires_at,
        reason=clean(reason),
    )
    shown = printed_codes.shown(code)
    return Issued(made, person, shown, url_of(installation.settings, shown))


def revoke(
    installation: Installation, actor: Actor, person_id: str, *, is_agreed: bool = False
) -> int:
    """Take back what slip the person has; gives how many there were. Raises NotFound.

    `is_agreed`: it is that of a privileged account, which those of the province take back alone.
    """
    with installation.database.write() as tx:
        store.lock(tx, person_id)
        if is_agreed:
            require(tx, actor, SlipPermission.AGREE, InPlace(""))
        else:
            require(tx, actor, SlipPermission.ISSUE, OfPerson(person_id))
        if queries.person(tx, person_id) is None:
            raise NotFound(PERSON_UNKNOWN)
        found = store.list_open(tx, person_id)
        _revoke(tx, actor, found, "by_hand")
    return len(found)


def list_slips(installation: Installation, actor: Actor) -> Sequence[tuple[Slip, PersonRow]]:
    """Every slip that still counts, with whose it is: for whoever may give one to anybody."""
    with installation.database.read() as tx:
        require(tx, actor, SlipPermission.ISSUE, InPlace(""))
        slips = store.list_open(tx)
        people = {
            person.id: person
            for person in queries.list_people_with(tx, [each.person_id for each in slips])
        }
    return [(each, people[each.person_id]) for each in slips if each.person_id in people]


def require_waiting(tx: Connection, person_id: str) -> PersonRow:
    """The person, if a slip would be of use to them. Raises NotFound, Conflict."""
    person = queries.person(tx, person_id)
    if person is None:
        raise NotFound(PERSON_UNKNOWN)
    require_standing(person)
    return person


def require_standing(person: PersonRow) -> None:
    """Raise Conflict for whoever is suspended or has left."""
    if person.status not in store.WAITING:
        raise Conflict(SLIP_STANDING, status=standing_words(person.status))


def is_privileged_account(tx: Connection, person: PersonRow) -> bool:
    """Whether nobody alone gets it a slip: it has, or is for, power over the whole province."""
    held = reach(tx, person.id, ADMIN_APPLICATION, today().isoformat())
    return bool(person.administrator_of) or any(
        is_privileged(ADMIN_APPLICATION, each.role) for each in held
    )


def url_of(settings: Settings, shown: str) -> str:
    """Where a slip is used, with its code filled in by the browser itself."""
    return f"{absolute(settings, paths.ACTIVATE)}#{shown}"


def revoke_of_those_gone(tx: Connection) -> None:
    """People who were suspended or have left: their slips do not count again once they are back."""
    for each in store.list_of_those_gone(tx):
        _revoke(tx, _BY_ITSELF, [each], "not_active")


def _revoke(tx: Connection, actor: Actor, slips: Sequence[Slip], why: str) -> None:
    if not slips:
        return
    store.revoke(tx, slips)
    for each in slips:
        record(
            tx,
            SLIP_REVOKED,
            actor,
            **_filed(tx, each.person_id),
            slip=each.id,
            purpose=each.purpose,
            why=why,
        )


def _filed(tx: Connection, person_id: str) -> dict[str, str]:
    agency = queries.home_agency_of(tx, person_id)
    return {"subject": person_tag(person_id), "agency": agency}
