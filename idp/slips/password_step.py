"""The step that uses a slip up: a new password; or, at the counter, the one that is there is kept.

The slip counts until then, so that whoever is interrupted begins again with it; of two who get so
far at once, one ends.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory.audit.log import person_tag, record
from directory.clock import now_ms
from directory.messages.sending import send
from directory.projection import queries
from directory.projection.apply import touch_person
from idp import paths
from idp.factors import proof
from idp.factors.messages import FACTORS_TAKEN
from idp.factors.password import new_password
from idp.factors.password.new_password import Told
from idp.factors.service import record_reset
from idp.factors.typed_code import person_of
from idp.flows.step import Passed, Situation, Step
from idp.flows.store import Flow
from idp.slips import step as slip_step
from idp.slips import store
from idp.slips.events import SLIP_USED
from idp.slips.store import Slip
from web.current import actor_here, current_installation
from web.i18n import gettext as _

NAME = "new_password"


def _applies(situation: Situation) -> bool:
    return slip_step.CONFIRMED in situation.passed and "pwd" not in situation.methods


def _show(flow: Flow, situation: Situation) -> Response:
    return new_password.show(flow, person_of(situation), NAME, told=_told(flow))


def _answer(flow: Flow, situation: Situation) -> Passed | Response:
    person = person_of(situation)
    return new_password.answer(
        flow, person, NAME, lambda tx: claim(tx, flow), _not_claimed, told=_told(flow)
    )


def claim(tx: Connection, flow: Flow) -> bool:
    """The slip that this flow came with is used up by it."""
    found = slip_step.find_taken(tx, flow)
    return found is not None and claim_slip(tx, found, flow)


def claim_slip(tx: Connection, found: Slip, flow: Flow) -> bool:
    """Whether this flow uses it up, or has; at the counter the lost second factors go with it."""
    store.lock(tx, found.person_id)
    present = store.find(tx, found.id)  # the same form sent twice may have used it meanwhile
    if present is None or not store.use(tx, present, flow.id):
        return False
    if present.state == "open":
        _record_used(tx, present)
        if present.purpose == "help":
            _remove_factors(tx, present)
    return True


def _not_claimed(flow: Flow) -> Response:
    """Somebody used it meanwhile, or it was taken back."""
    with current_installation().database.read() as tx:
        found = slip_step.find_taken(tx, flow)
    return slip_step.show_ended(flow, found, found.state if found else "revoked")


def _told(flow: Flow) -> Told:
    """At the counter: what goes with it, and how the password that is there is kept."""
    if flow.kept(slip_step.NAME).get("purpose") != "help":
        return Told()
    lead = _(
        "Your second factors are taken away with it, so that you set up new ones; everything you "
        "are signed in to ends."
    )
    other = _("I know my password: keep it, and use the slip after it")
    return Told(lead, paths.SIGN_IN, other)


def _remove_factors(tx: Connection, slip: Slip) -> None:
    factors = proof.current_factors()
    held = [each for factor in factors for each in factor.held_by(tx, slip.person_id)]
    for factor in factors:
        factor.remove_all(tx, slip.person_id)
    if held:
        touch_person(tx, slip.person_id, end_sessions=True)
        agency = queries.home_agency_of(tx, slip.person_id)
        actor = actor_here(slip.person_id, agency)
        record_reset(tx, actor, slip.person_id, len(held), "")
        send(tx, current_installation(), FACTORS_TAKEN, slip.person_id, at=now_ms())


def _record_used(tx: Connection, slip: Slip) -> None:
    agency = queries.home_agency_of(tx, slip.person_id)
    record(
        tx,
        SLIP_USED,
        actor_here(slip.person_id, agency),
        subject=person_tag(slip.person_id),
        agency=agency,
        slip=slip.id,
        purpose=slip.purpose,
    )


STEP = Step(NAME, _applies, _show, _answer, Path(__file__).parent)
