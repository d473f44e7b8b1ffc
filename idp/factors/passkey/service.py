"""Passkeys of other people: one that is lost goes, and the others stay."""

from __future__ import annotations

from collections.abc import Sequence

from directory.actor import Actor
from directory.audit.log import person_tag, record
from directory.authz.decisions import require
from directory.authz.objects import OfPerson
from directory.catalogue.errors import PERSON_UNKNOWN
from directory.errors import NotFound
from directory.installation import Installation
from directory.projection import queries
from directory.projection.apply import touch_person
from idp.factors.held import Factor, Held, remove_stand_ins, require_another
from idp.factors.messages import FACTOR_REMOVED, PASSKEY, tell
from idp.factors.passkey import store
from idp.factors.passkey.errors import PASSKEY_UNKNOWN
from idp.factors.passkey.events import PASSKEY_REMOVED
from idp.factors.permissions import FactorPermission


def remove(
    installation: Installation,
    actor: Actor,
    factors: Sequence[Factor],
    person_id: str,
    passkey: str,
) -> Held:
    """Take one passkey (by id, or by a name that no other has) away, and end the person's
    sessions: whoever has the device may have one.

    Raises NotFound(``passkey.unknown``), Conflict(``factor.last``).
    """
    with installation.database.write() as tx:
        require(tx, actor, FactorPermission.RESET, OfPerson(person_id))
        if queries.person(tx, person_id) is None:
            raise NotFound(PERSON_UNKNOWN)
        found = [each for each in store.held_by(tx, person_id) if passkey in (each.id, each.name)]
        if len(found) != 1:
            raise NotFound(PASSKEY_UNKNOWN, value=passkey)
        require_another(tx, factors, person_id)
        store.remove(tx, person_id, found[0].id)
        remove_stand_ins(tx, factors, person_id)
        touch_person(tx, person_id, end_sessions=True)
        record(
            tx,
            PASSKEY_REMOVED,
            actor,
            subject=person_tag(person_id),
            agency=queries.home_agency_of(tx, person_id),
            passkey=found[0].id,
            name=found[0].name,
        )
        tell(tx, installation, FACTOR_REMOVED, person_id, PASSKEY, found[0].name)
    return found[0]
