"""The steps of whoever has a link sent to their work e-mail: a name is given, and later, in
whatever browser, the code behind the link. To open the page uses nothing up; to send its form
does."""

from __future__ import annotations

from pathlib import Path

from flask import make_response, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory import clock
from directory.audit.anonymous import record_anonymous
from directory.audit.log import person_tag
from directory.projection import queries
from directory.projection.apply import bound_validity
from directory.projection.queries import PersonRow
from idp import printed_codes
from idp.factors.typed_code import Refused, seconds_until, show_paused, waiting_sentence
from idp.flows import pages
from idp.flows.step import Passed, Situation, Step
from idp.flows.store import Flow
from idp.recovery import links, steps
from idp.recovery.events import RECOVERY_LINK_REFUSED
from idp.recovery.sending import is_offered, may_have_one
from idp.recovery.ways import BY_LINK, CHOOSE, LINK_CODE
from idp.throttle import store as throttle
from idp.throttle.proxies import record_undeclared
from idp.throttle.store import Wait
from idp.throttle.telling import record_consequences
from web.current import actor_here, current_installation
from web.i18n import gettext as _
from web.request import sender

_FOLDER = Path(__file__).parent
WRONG = "wrong"


def _applies(situation: Situation) -> bool:
    return situation.person is None and is_offered(current_installation().settings)


def _show_name(flow: Flow, _situation: Situation, *, error: str = "") -> Response:
    pages.prepare(flow)
    page = render_template(
        "recovery/link_name.html",
        errors=[{"field": "login", "message": error}] if error else [],
        step=BY_LINK,
        ways_url=pages.page_url(flow, buoc=CHOOSE),
    )
    return make_response(page, 400 if error else 200)


def _answer_name(flow: Flow, situation: Situation) -> Response:
    """The same page whoever was named, and however often."""
    login = request.form.get("login", "")
    if not login.strip():
        return _show_name(flow, situation, error=_("Enter your username or work e-mail."))
    with current_installation().database.write() as tx:
        key, person = steps.meant(tx, login)
        if steps.is_bearable(tx, "link", key):
            links.want(tx, person.id if person else "")
    pages.prepare(flow)
    page = render_template(
        "recovery/link_sent.html",
        code_url=pages.page_url(flow, buoc=LINK_CODE),
        ways_url=pages.page_url(flow, buoc=CHOOSE),
    )
    return make_response(page)


def _show_code(
    flow: Flow, _situation: Situation, *, status: int = 200, error: str = "", notice: str = ""
) -> Response:
    pages.prepare(flow)
    page = render_template(
        "recovery/link_code.html",
        errors=[{"field": "code", "message": error}] if error else [],
        notice=notice,
        step=LINK_CODE,
        flow_copy=pages.flow_copy(flow),
        again_url=pages.page_url(flow, buoc=BY_LINK),
        ways_url=pages.page_url(flow, buoc=CHOOSE),
    )
    return make_response(page, status)


def _answer_code(flow: Flow, situation: Situation) -> Passed | Response:
    code = printed_codes.find_typed(request.form.get("code", ""))
    if code is None:
        sentence = _("Enter the 16 letters and digits that stand in the e-mail.")
        return _show_code(flow, situation, status=400, error=sentence)
    outcome = _judge(code)
    if isinstance(outcome, PersonRow):
        began_at = clock.now_ms()
        return steps.turned_away(flow, outcome) or Passed(outcome.id, began_at=began_at)
    if outcome.wait is not None and outcome.wait.is_pause:
        return show_paused(flow, outcome, outcome.wait, None)
    response = _show_code(
        flow,
        situation,
        status=403 if outcome.reason else 429,
        error=_sentence(outcome.reason),
        notice=waiting_sentence(outcome),
    )
    if outcome.wait is not None:
        response.headers["Retry-After"] = str(seconds_until(outcome.wait.until))
    return response


def _sentence(reason: str) -> str:
    """What is said of a code that was not taken; whoever has the right one is told why."""
    return {
        "": "",
        WRONG: _("This is not the code of a link that counts. Compare it letter by letter."),
        "used": _("This link was used already. If it was not you, call for help at once."),
        "expired": _("This link is older than 15 minutes. Have another one sent."),
        "revoked": _("This link counts no more: your account was changed meanwhile."),
    }[reason]


def _judge(code: str) -> PersonRow | Refused:
    """Count the try, and use the link up where it counts."""
    installation = current_installation()
    keyring, number = installation.keyring, links.number_of(code)
    with installation.database.write() as tx:
        record_undeclared(tx)
        found = links.find_by_code(tx, keyring, code)
        meant = found or links.find_by_number(tx, number)
        person = queries.person(tx, meant.person_id) if meant else None
        counters = throttle.elsewhere(
            keyring, f"link:{number}", person.id if person else None, sender()
        )
        reserved = throttle.reserve(tx, counters)
        if reserved is None:
            raise AssertionError("a code is looked at in the transaction that counts it")
        if isinstance(reserved, Wait):
            return Refused("", reserved)
        if found is not None and person is not None:
            throttle.succeed(tx, reserved)
            reason = found.reason
            if not reason and not may_have_one(tx, installation.settings, person):
                reason = "revoked"
            if not reason:
                if links.use(tx, found):
                    bound_validity(tx, person.id, clock.now_ms())
                    steps.record_proved(tx, person.id, "link")
                    return person
                reason = "used"
            _record_refused(tx, person, reason)
            return Refused(reason, None)
        failure = throttle.fail(tx, reserved)
        _record_refused(tx, person, WRONG)
        record_consequences(
            tx, failure, person=person, login_hash=reserved.login_hash, is_known_device=False
        )
    return Refused(WRONG, failure.wait)


def _record_refused(tx: Connection, person: PersonRow | None, reason: str) -> None:
    record_anonymous(
        tx,
        RECOVERY_LINK_REFUSED,
        actor_here(),
        subject=person_tag(person.id) if person else "",
        agency=queries.home_agency_of(tx, person.id) if person else "",
        reason=reason,
    )


NAME_STEP = Step(BY_LINK, _applies, _show_name, _answer_name, _FOLDER)
CODE_STEP = Step(LINK_CODE, _applies, _show_code, _answer_code, _FOLDER)
