"""Making the address of a trial."""

from __future__ import annotations

from sqlalchemy import Connection

from directory.actor import Actor
from directory.audit.log import client_tag, person_tag, record
from directory.errors import Invalid
from idp.clients.model import Client
from idp.oidc.errors import TRIAL_TOO_LONG
from idp.oidc.events import APPLICATION_TRIAL_BEGUN
from idp.oidc.trials.examination import Examination
from idp.oidc.trials.link import Trial, fits, new_trial


def is_signed_in_to(client: Client) -> bool:
    """Whether people sign in to it."""
    return "authorization_code" in client.grant_types


def begin(
    tx: Connection,
    actor: Actor,
    client: Client,
    examined: Examination,
    *,
    person_id: str = "",
    sid: str = "",
    agency_id: str = "",
) -> Trial:
    """A trial of a request that has no fault. `person_id`, `sid`: see `Trial`. Raises Invalid for a
    request that is too long to be carried to the sign-in."""
    if not fits(examined.parameters):
        raise Invalid(TRIAL_TOO_LONG, field="address")
    record(
        tx,
        APPLICATION_TRIAL_BEGUN,
        actor,
        subject=client_tag(client.id),
        agency=agency_id,
        person=person_tag(person_id) if person_id else "",
    )
    return new_trial(client.id, examined.parameters, person_id=person_id, sid=sid)
