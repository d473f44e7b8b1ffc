"""Other people's second factors: what an administrator sees and takes away.

Whoever lost the telephone is helped here, after somebody has made sure who is asking; the person's
sessions end, since whoever has the telephone may have one.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from directory.actor import Actor
from directory.audit.log import person_tag, record
from directory.authz.decisions import require
from directory.authz.objects import OfPerson
from directory.catalogue.errors import PERSON_UNKNOWN
from directory.clock import now_ms
from directory.errors import NotFound
from directory.installation import Installation
from directory.messages.sending import send
from directory.projection import queries
from directory.projection.apply import touch_person
from idp.factors.events import FACTORS_RESET
from idp.factors.held import Factor, Held
from idp.factors.messages import FACTORS_TAKEN
from idp.factors.permissions import FactorPermission


def list_held(
    installation: Installation, actor: Actor, factors: Sequence[Factor], person_id: str
) -> Sequence[Held]:
    """What a person has beside the password. Raises NotFound."""
    with installation.database.read() as tx:
        _require(tx, actor, person_id)
        return _held(tx, factors, person_id)


def reset(
    installation: Installation,
    actor: Actor,
    factors: Sequence[Factor],
    person_id: str,
    reason: str,
) -> Sequence[Held]:
    """Take all of it away, and end the person's sessions; gives what is gone. Nothing happens to
    somebody who has nothing. Raises NotFound."""
    with installation.database.write() as tx:
        _require(tx, actor, person_id)
        held = _held(tx, factors, person_id)
        for factor in factors:
            factor.remove_all(tx, person_id)
        if held:
            touch_person(tx, person_id, end_sessions=True)
            record_reset(tx, actor, person_id, len(held), reason)
            send(tx, installation, FACTORS_TAKEN, person_id, at=now_ms())
    return held


def record_reset(tx: Connection, actor: Actor, person_id: str, count: int, reason: str) -> None:
    """Second factors of a person are gone, and not by themselves."""
    record(
        tx,
        FACTORS_RESET,
        actor,
        subject=person_tag(person_id),
        agency=queries.home_agency_of(tx, person_id),
        count=count,
        reason=reason,
    )


def _require(tx: Connection, actor: Actor, person_id: str) -> None:
    require(tx, actor, FactorPermission.RESET, OfPerson(person_id))
    if queries.person(tx, person_id) is None:
        raise NotFound(PERSON_UNKNOWN)


def _held(tx: Connection, factors: Sequence[Factor], person_id: str) -> Sequence[Held]:
    return [held for factor in factors for held in factor.held_by(tx, person_id)]
