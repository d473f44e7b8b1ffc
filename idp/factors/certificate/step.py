"""The step: a certificate in a key device, instead of name and password or after them.

Its device opens with a PIN and gives the key to nobody, so that it proves two factors by itself;
the authorities whose keys lie in such devices are the only ones that are added. Pauses of wrong
passwords do not touch it: there is nothing to guess.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from flask import make_response, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory import clock
from directory.projection.apply import bound_validity
from idp import paths
from idp.factors.by_device import record_refused, turned_away
from idp.factors.certificate import authorities, faults, revocation, shown, store
from idp.factors.certificate.faults import LATE, OTHERS, UNBOUND
from idp.factors.certificate.notices import ends_soon
from idp.factors.certificate.sentences import SENTENCES
from idp.factors.certificate.shown import Shown
from idp.factors.certificate.store import Bound
from idp.flows import pages
from idp.flows.step import Passed, Situation, Step, needs_second_factor
from idp.flows.store import Flow
from web.current import current_installation
from web.i18n import N_
from web.i18n import gettext as _

NAME = store.KIND
# RFC 8176 section 2: the key lies in hardware; with the PIN that opens it, two factors.
AFTER_PASSWORD, ALONE = ("hwk",), ("hwk", "pin", "mfa")


def ask_url(place: str) -> str:
    """Where the browser is asked for a certificate, and comes back from to that page."""
    origin = current_installation().settings.certificate_url
    return f"{origin}{paths.ASK_CERTIFICATE}?" + urlencode({shown.PLACE: place})


def _applies(situation: Situation) -> bool:
    if situation.person is None:
        return bool(current_installation().settings.certificate_url)
    return NAME in situation.enrolled and needs_second_factor(situation)


def _show(flow: Flow, situation: Situation) -> Response:
    found = _find_shown(flow, request.args.get(shown.ARGUMENT, ""))
    if found is None:
        return _page(flow, situation)
    with current_installation().database.read() as tx:
        fault = found.fault or (LATE if shown.is_used(tx, found) else "")
    return _page(flow, situation, found=None if fault else found, fault=fault)


def _page(
    flow: Flow,
    situation: Situation,
    *,
    found: Shown | None = None,
    fault: str = "",
    status: int = 200,
) -> Response:
    pages.prepare(flow)
    installation = current_installation()
    with installation.database.read() as tx:
        application = pages.application_of(tx, flow)
    page = render_template(
        "certificate/form.html",
        application=application,
        person=situation.person,
        errors=[{"field": "", "message": _(SENTENCES[fault])}] if fault else [],
        step=NAME,
        facts=found.facts if found else None,
        sealed=_sealed_here() if found else "",
        ends_soon=bool(found and found.facts and ends_soon(found.facts.not_after)),
        is_on=bool(installation.settings.certificate_url),
        ask_url=ask_url(shown.in_flow(flow)),
        flow_copy=pages.flow_copy(flow) if situation.person is None else "",
        other_ways=_other_ways(flow, situation),
        begin_again_url=pages.begin_again_url(flow),
    )
    return make_response(page, status)


def _other_ways(flow: Flow, situation: Situation) -> list[dict[str, str]]:
    if situation.person is None:
        return [{"url": pages.page_url(flow, buoc="password"), "text": _("Use the password")}]
    return pages.other_ways(flow, situation.ways, NAME)


def _answer(flow: Flow, situation: Situation) -> Passed | Response:
    """A kill between this and the note of it costs the choice: the next one is as good."""
    installation, began_at = current_installation(), clock.now_ms()
    found = _find_shown(flow, request.form.get(shown.ARGUMENT, ""))
    if found is None or found.fault or found.facts is None:
        return _page(flow, situation, fault=found.fault if found else LATE, status=403)
    with installation.database.write() as tx:
        bound = store.find_by_fingerprint(tx, found.facts.fingerprint)
        fault = _judge(tx, found, bound, situation)
        if fault:
            record_refused(tx, flow, bound.person_id if bound else "", fault)
    if fault or bound is None:
        return _page(flow, situation, fault=fault or UNBOUND, status=403)
    if page := turned_away(
        flow, bound.person_id, lambda: _page(flow, situation, fault=UNBOUND, status=403)
    ):
        return page
    alone = situation.person is None
    return Passed(
        bound.person_id,
        methods=ALONE if alone else AFTER_PASSWORD,
        began_at=began_at,
        shared_computer=bool(request.form.get("shared")) if alone else None,
    )


def _judge(tx: Connection, found: Shown, bound: Bound | None, situation: Situation) -> str:
    """Why it does not count; "" when it does, and no more once the transaction ends. What may have
    changed since it was shown is looked at again."""
    if bound is None or bound.ended_at is not None:
        return UNBOUND
    if situation.person is not None and situation.person.id != bound.person_id:
        return OTHERS
    if fault := fault_now(tx, found):
        return fault
    if not shown.take(tx, found) or not store.note_use(tx, bound.id):
        return LATE
    bound_validity(tx, bound.person_id, clock.now_ms())
    return ""


def fault_now(tx: Connection, found: Shown) -> str:
    """What became of a certificate since it was shown: it ended, or its authority revoked it."""
    if found.facts is None:
        return faults.UNREADABLE
    if clock.now_ms() >= found.facts.not_after + clock.SECOND:
        return faults.EXPIRED
    issuer = authorities.find(tx, found.authority_id)
    if issuer is None:
        return faults.UNKNOWN_AUTHORITY
    return revocation.fault_of(tx, issuer, int(found.facts.serial, 16))


def _find_shown(flow: Flow, sealed: str) -> Shown | None:
    if not sealed:
        return None
    return shown.find(current_installation().keyring, shown.in_flow(flow), sealed)


def _sealed_here() -> str:
    return request.args.get(shown.ARGUMENT, "")


STEP = Step(
    NAME,
    _applies,
    _show,
    _answer,
    Path(__file__).parent,
    is_enrolled=store.is_enrolled,
    way=N_("Use a certificate"),
)
