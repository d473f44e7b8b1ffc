"""The steps of whoever has a slip: its code, and whether they are the person it is for.

Nobody learns from a wrong code whether a slip begins so; whoever types the right one of a slip that
counts no more is told why.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flask import make_response, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory import clock
from directory.audit.anonymous import record_anonymous
from directory.audit.log import person_tag
from directory.people.credentials import present_standing
from directory.projection import queries
from directory.projection.queries import PersonRow
from idp import paths, printed_codes
from idp.factors.typed_code import Refused, person_of, seconds_until, show_paused, waiting_sentence
from idp.flows import pages
from idp.flows import store as flows
from idp.flows.step import Passed, Situation, Step
from idp.flows.store import Flow
from idp.slips import store
from idp.slips.events import SLIP_REFUSED
from idp.slips.store import Slip
from idp.throttle import store as throttle
from idp.throttle.proxies import record_undeclared
from idp.throttle.store import Wait
from idp.throttle.telling import record_consequences
from web.current import actor_here, current_installation
from web.i18n import gettext as _
from web.request import sender

NAME, CONFIRMED = "slip", "slip_confirmed"
WRONG = "wrong"
_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a typed code. `reason`: a word of `REFUSALS`; "" where it counts, or where it
    was not looked at. `wait`: what the next try meets."""

    slip: Slip | None
    reason: str = ""
    wait: Wait | None = None


def judge(flow: Flow, code: str, person: PersonRow | None = None) -> Judged:
    """Count the try, and look whose slip it is. `person`: whose alone is meant."""
    keyring = current_installation().keyring
    number = store.number_of(code)
    with current_installation().database.write() as tx:
        record_undeclared(tx)
        found = store.find_by_code(tx, keyring, code)
        meant = store.find_by_number(tx, number)
        person_id = found.person_id if found else meant.person_id if meant else None
        counters = throttle.elsewhere(keyring, f"slip:{number}", person_id, sender())
        reserved = throttle.reserve(tx, counters)
        if reserved is None:
            raise AssertionError("a code is looked at in the transaction that counts it")
        if isinstance(reserved, Wait):
            return Judged(None, wait=reserved)
        reason = _reason(flow, found, person)
        if found is not None and reason != WRONG:
            throttle.succeed(tx, reserved)
            if reason:
                _record_refused(tx, found.person_id, reason)
            return Judged(found, reason)
        failure = throttle.fail(tx, reserved)
        _record_refused(tx, person_id or "", reason)
        whose = queries.person(tx, person_id) if person_id else None
        record_consequences(
            tx, failure, person=whose, login_hash=reserved.login_hash, is_known_device=False
        )
    return Judged(None, reason, failure.wait)


def find_taken(tx: Connection, flow: Flow) -> Slip | None:
    """The slip that this flow came with."""
    slip_id = flow.kept(NAME).get("slip", "")
    return store.find(tx, str(slip_id)) if slip_id else None


def show_ended(flow: Flow, slip: Slip | None, reason: str) -> Response:
    """Why the right code does not count: used, too old, taken back."""
    pages.prepare(flow)
    with current_installation().database.read() as tx:
        person = queries.person(tx, slip.person_id) if slip else None
        contact = pages.contact_of(tx, person)
    page = render_template(
        "slips/ended.html",
        reason=reason,
        slip=slip,
        contact=contact,
        sign_in_url=paths.SIGN_IN,
        retry_url=pages.page_url(flow),
        recover_url=paths.RECOVER,
    )
    return make_response(page, 410 if slip else 403)


def _reason(flow: Flow, found: Slip | None, person: PersonRow | None) -> str:
    if found is None or (person is not None and person.id != found.person_id):
        return WRONG
    if found.state == "open" or store.is_used_by(found, flow.id):
        return ""
    return found.state


def _record_refused(tx: Connection, person_id: str, reason: str) -> None:
    record_anonymous(
        tx,
        SLIP_REFUSED,
        actor_here(),
        subject=person_tag(person_id) if person_id else "",
        agency=queries.home_agency_of(tx, person_id) if person_id else "",
        reason=reason,
    )


def _applies(situation: Situation) -> bool:
    return situation.person is None


def _show(
    flow: Flow, _situation: Situation, *, status: int = 200, error: str = "", notice: str = ""
) -> Response:
    pages.prepare(flow)
    page = render_template(
        "slips/code.html",
        errors=[{"field": "code", "message": error}] if error else [],
        notice=notice,
        step=NAME,
        flow_copy=pages.flow_copy(flow),
        sign_in_url=paths.SIGN_IN,
        recover_url=paths.RECOVER,
    )
    return make_response(page, status)


def _answer(flow: Flow, situation: Situation) -> Passed | Response:
    code = printed_codes.find_typed(request.form.get("code", ""))
    if code is None:
        sentence = _("Enter the 16 letters and digits that stand on the slip.")
        return _show(flow, situation, status=400, error=sentence)
    judged = judge(flow, code)
    if judged.slip is None:
        return _show_refused(flow, situation, judged)
    if judged.reason:
        return show_ended(flow, judged.slip, judged.reason)
    if page := turned_away(flow, judged.slip.person_id):
        return page
    keep_taken(flow, judged.slip)
    return Passed(judged.slip.person_id)


def keep_taken(flow: Flow, slip: Slip) -> None:
    """The flow goes on with this slip."""
    kept = {"slip": slip.id, "purpose": slip.purpose}
    with current_installation().database.write() as tx:
        flows.keep(tx, flow.id, NAME, kept)


def turned_away(flow: Flow, person_id: str) -> Response | None:
    """The page for somebody who may not come in, though the slip is right. Raises Unavailable."""
    installation = current_installation()
    standing = present_standing(installation, person_id)
    with installation.database.write() as tx:
        person = queries.person(tx, person_id)
        status = "left" if person is None else person.status
        if status in store.WAITING:
            status = standing
        if status in store.WAITING:
            return None
        _record_refused(tx, person_id, f"person_{status}")
    if person is None:
        return show_ended(flow, None, "revoked")
    return pages.show_status(flow, person, f"person_{status}")


def _show_refused(flow: Flow, situation: Situation, judged: Judged) -> Response:
    refused = Refused(judged.reason, judged.wait)
    if judged.wait is not None and judged.wait.is_pause:
        return show_paused(flow, refused, judged.wait, None)
    error = _("This is not the code of a slip that counts. Compare it letter by letter.")
    response = _show(
        flow,
        situation,
        status=403 if judged.reason else 429,
        error=error if judged.reason else "",
        notice=waiting_sentence(refused),
    )
    if judged.wait is not None:
        response.headers["Retry-After"] = str(seconds_until(judged.wait.until))
    return response


def _confirm_applies(situation: Situation) -> bool:
    return NAME in situation.passed


def _show_confirm(flow: Flow, situation: Situation) -> Response:
    """Who the slip is for, as little as tells one from another."""
    person = person_of(situation)
    pages.prepare(flow)
    with current_installation().database.read() as tx:
        post = person.acting_post(clock.today().isoformat(), "")
        places = queries.agencies_by_id(tx, [post.agency_id, post.unit_id]) if post else {}
        contact = pages.contact_of(tx, person)
    page = render_template(
        "slips/confirm.html",
        person=person,
        title=post.title if post else "",
        unit=places[post.unit_id].name if post and post.unit_id in places else "",
        agency=places[post.agency_id].name if post and post.agency_id in places else "",
        phone=_masked(person.phone),
        purpose=flow.kept(NAME).get("purpose", ""),
        contact=contact,
        step=CONFIRMED,
    )
    return make_response(page)


def _answer_confirm(_flow: Flow, situation: Situation) -> Passed | Response:
    return Passed(person_of(situation).id)


def _masked(phone: str) -> str:
    """The last three digits."""
    digits = phone.strip()
    return f"••• ••• {digits[-3:]}" if len(digits) > 5 else ""


STEP = Step(NAME, _applies, _show, _answer, _FOLDER)
CONFIRM_STEP = Step(CONFIRMED, _confirm_applies, _show_confirm, _answer_confirm, _FOLDER)
