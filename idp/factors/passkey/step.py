"""The step: a passkey, instead of name and password or after them.

With the device's own check of who uses it (finger, face, PIN) it proves two factors by itself;
after the password its possession is enough.
"""

from __future__ import annotations

from pathlib import Path

from flask import make_response, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory import clock
from directory.audit.log import person_tag, record
from directory.messages.sending import send
from directory.projection import queries
from directory.projection.apply import bound_validity
from idp.factors import messages
from idp.factors.by_device import record_refused, turned_away
from idp.factors.passkey import ceremony, challenges, store
from idp.factors.passkey.ceremony import Proof, Signed
from idp.factors.passkey.events import PASSKEY_STOPPED
from idp.factors.passkey.store import Passkey
from idp.flows import pages
from idp.flows import store as flows
from idp.flows.step import Passed, Situation, Step, needs_second_factor
from idp.flows.store import Flow
from idp.lifetimes import FLOW_MS
from web.current import actor_here, current_installation
from web.i18n import N_
from web.i18n import gettext as _

NAME = store.KIND
# RFC 8176 section 2. Which of a finger, a face or a PIN it was, and in what the key is kept, no
# device is asked to say.
HELD, VERIFIED = ("pop", "user"), ("pop", "user", "mfa")
REJECTED, LATE, STOPPED = "passkey_rejected", "passkey_late", "passkey_stopped"


def methods_of(proof: Proof) -> tuple[str, ...]:
    """What its use proves."""
    return VERIFIED if proof.is_verified else HELD


def _applies(situation: Situation) -> bool:
    if situation.person is None:
        return True
    return NAME in situation.enrolled and needs_second_factor(situation)


def _show(flow: Flow, situation: Situation, *, status: int = 200, reason: str = "") -> Response:
    pages.prepare(flow)
    with current_installation().database.read() as tx:
        application = pages.application_of(tx, flow)
    said = {
        "": "",
        REJECTED: _("This passkey does not open an account here."),
        LATE: _("That took too long, or was sent twice. Please use the passkey once more."),
        STOPPED: _(
            "This passkey is not accepted any more: somebody may have a copy of it. Sign in "
            "another way, and remove it."
        ),
    }
    ways = _other_ways(flow, situation)
    # Where nothing else can be answered, the page stays: it says what is wanted and who helps.
    is_alone = situation.person is not None and not situation.ways.keys() - {NAME}
    page = render_template(
        "passkey/form.html",
        application=application,
        person=situation.person,
        errors=[{"field": "", "message": said[reason]}] if reason else [],
        step=NAME,
        flow=flow,
        flow_copy=pages.flow_copy(flow) if situation.person is None else "",
        other_ways=ways,
        otherwise_url="" if reason or is_alone else ways[0]["url"],
        begin_again_url=pages.begin_again_url(flow),
    )
    return make_response(page, status)


def _other_ways(flow: Flow, situation: Situation) -> list[dict[str, str]]:
    if situation.person is None:
        if flow.journey != flows.SIGN_IN:
            return [{"url": pages.page_url(flow, buoc=""), "text": _("Choose another way")}]
        return [{"url": pages.page_url(flow, buoc="password"), "text": _("Use the password")}]
    return pages.other_ways(flow, situation.ways, NAME)


def _answer(flow: Flow, situation: Situation) -> Passed | Response:
    """A kill between this and the note of it costs the challenge: the next one is as good."""
    installation, began_at = current_installation(), clock.now_ms()
    signed = ceremony.find_signed(request.form.get("answer", ""))
    if signed is None:
        return _show(flow, situation, status=400, reason=REJECTED)
    with installation.database.read() as tx:
        found = store.find_by_credential(tx, signed.credential_id)
    alone = situation.person is None
    if found is None or not _is_theirs(found, signed, situation):
        # Somebody removed it here and kept it in the device, or made it up.
        return _show(flow, situation, status=403, reason=REJECTED)
    proof = ceremony.find_proof(installation.settings, signed, found.public_key, alone=alone)
    with installation.database.write() as tx:
        reason = _judge(tx, flow, signed, found, proof)
        if reason:
            record_refused(tx, flow, found.person_id, reason)
    if reason or proof is None:
        return _show(flow, situation, status=403, reason=reason or REJECTED)
    if page := turned_away(
        flow, found.person_id, lambda: _show(flow, situation, status=403, reason=REJECTED)
    ):
        return page
    return Passed(
        found.person_id,
        methods=methods_of(proof),
        began_at=began_at,
        shared_computer=bool(request.form.get("shared_computer")) if alone else None,
    )


def _is_theirs(found: Passkey, signed: Signed, situation: Situation) -> bool:
    """It belongs to whom the device says, and to whom has given the password (Web Authentication
    section 7.2, step 6)."""
    if situation.person is not None and situation.person.id != found.person_id:
        return False
    if signed.user_handle is None:
        return situation.person is not None
    return signed.user_handle == ceremony.user_handle(
        current_installation().keyring, found.person_id
    )


def _judge(tx: Connection, flow: Flow, signed: Signed, found: Passkey, proof: Proof | None) -> str:
    """Why it does not count; "" when it does, and no more once the transaction ends."""
    if proof is None:
        return REJECTED
    keyring, place = current_installation().keyring, challenges.in_flow(flow)
    if not challenges.take(tx, keyring, place, signed.challenge, FLOW_MS):
        return LATE
    if store.note_use(tx, found.id, proof.sign_count):
        bound_validity(tx, found.person_id, clock.now_ms())
        return ""
    if store.stop(tx, found.id):
        _record_stopped(tx, found)
    return STOPPED


def _record_stopped(tx: Connection, found: Passkey) -> None:
    held = store.find(tx, found.person_id, found.id)
    name = held.name if held else ""
    record(
        tx,
        PASSKEY_STOPPED,
        actor_here(),
        subject=person_tag(found.person_id),
        agency=queries.home_agency_of(tx, found.person_id),
        passkey=found.id,
        name=name,
    )
    installation, at = current_installation(), clock.now_ms()
    send(tx, installation, messages.PASSKEY_STOPPED, found.person_id, factor=name, at=at)


STEP = Step(
    NAME,
    _applies,
    _show,
    _answer,
    Path(__file__).parent,
    is_enrolled=store.is_enrolled,
    way=N_("Use a passkey"),
)
