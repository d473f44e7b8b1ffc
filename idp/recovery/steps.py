"""The steps of whoever has forgotten the password: a way is chosen, somebody is proved by it, and
sets a new one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import make_response, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory import clock
from directory.audit.anonymous import record_anonymous
from directory.audit.log import person_tag, record
from directory.ids import digest
from directory.people.credentials import present_standing
from directory.projection import queries
from directory.projection.apply import bound_validity
from directory.projection.queries import PersonRow
from directory.projection.rows import login_key
from idp import paths, printed_codes
from idp.devices import store as devices
from idp.devices.cookie import device_id
from idp.factors.password import new_password
from idp.factors.password.events import SIGNIN_UNKNOWN_LOGIN
from idp.factors.password.new_password import Told
from idp.factors.recovery_codes import store as recovery_codes
from idp.factors.recovery_codes.step import METHODS, WRONG
from idp.factors.typed_code import Refused, person_of, seconds_until, show_paused, waiting_sentence
from idp.flows import pages
from idp.flows.events import SIGNIN_REFUSED
from idp.flows.step import Passed, Situation, Step
from idp.flows.store import Flow
from idp.recovery.events import RECOVERY_PROVED
from idp.recovery.sending import is_offered
from idp.recovery.ways import BY_CODE, BY_LINK, CHOOSE, NO_WAY, WAYS
from idp.sessions import store as sessions
from idp.slips import asking
from idp.throttle import store as throttle
from idp.throttle.proxies import record_undeclared
from idp.throttle.store import Counter, Wait
from idp.throttle.telling import record_consequences
from web.current import actor_here, current_installation
from web.i18n import gettext as _
from web.request import sender

PASSWORD = "recovered_password"  # noqa: S105 - the name of a step
_FOLDER = Path(__file__).parent
_LONGEST_LOGIN = 254
_LONGEST_TYPED_LOGIN = 4 * _LONGEST_LOGIN


def _of_nobody(situation: Situation) -> bool:
    return situation.person is None


def _show_ways(flow: Flow, _situation: Situation) -> Response:
    """Links, so that nothing is lost by going back; the same for everybody."""
    pages.prepare(flow)
    ways = [
        {
            "text": _(way.text),
            "hint": _(way.hint),
            "url": way.path or pages.page_url(flow, buoc=way.step),
        }
        for way in WAYS
        if way.step != BY_LINK or is_offered(current_installation().settings)
    ]
    page = render_template("recovery/ways.html", ways=ways, sign_in_url=_back(flow))
    return make_response(page)


def _show_code(
    flow: Flow,
    _situation: Situation,
    *,
    status: int = 200,
    errors: tuple[dict[str, str], ...] = (),
    notice: str = "",
) -> Response:
    pages.prepare(flow)
    page = render_template(
        "recovery/code.html",
        errors=errors,
        notice=notice,
        login=request.form.get("login", "")[:_LONGEST_LOGIN],
        step=BY_CODE,
        ways_url=pages.page_url(flow, buoc=CHOOSE),
    )
    return make_response(page, status)


def _answer_code(flow: Flow, situation: Situation) -> Passed | Response:
    login, code = request.form.get("login", ""), request.form.get("code", "")
    typed = printed_codes.find_typed(code)
    if errors := _missing(login, typed):
        return _show_code(flow, situation, status=400, errors=errors)
    outcome = _judge(flow, login, typed or "")
    if isinstance(outcome, PersonRow):
        began_at = clock.now_ms()
        return turned_away(flow, outcome) or Passed(outcome.id, methods=METHODS, began_at=began_at)
    if outcome.wait is not None and outcome.wait.is_pause:
        return show_paused(flow, outcome, outcome.wait, None)
    said = _("The username and the recovery code do not belong together, or the code was used.")
    response = _show_code(
        flow,
        situation,
        status=403 if outcome.reason else 429,
        errors=({"field": "", "message": said},) if outcome.reason else (),
        notice=waiting_sentence(outcome),
    )
    if outcome.wait is not None:
        response.headers["Retry-After"] = str(seconds_until(outcome.wait.until))
    return response


def _missing(login: str, code: str | None) -> tuple[dict[str, str], ...]:
    found = []
    if not login.strip():
        found.append({"field": "login", "message": _("Enter your username or work e-mail.")})
    if code is None:
        sentence = _("Enter the 16 letters and digits of one code.")
        found.append({"field": "code", "message": sentence})
    return tuple(found)


def _judge(flow: Flow, login: str, code: str) -> PersonRow | Refused:
    """Count the try against whoever is meant, and use the code up where it is theirs: the same
    statements whether somebody has that name or not."""
    with current_installation().database.write() as tx:
        record_undeclared(tx)
        key, person = meant(tx, login)
        device = devices.find_counter(tx, device_id(), person.id if person else "")
        counters = _counters(key, person, device)
        reserved = throttle.reserve(tx, counters)
        if reserved is None:
            raise AssertionError("a code is looked at in the transaction that counts it")
        if isinstance(reserved, Wait):
            return Refused("", reserved)
        if recovery_codes.use(tx, person.id if person else "", code) and person is not None:
            throttle.succeed(tx, reserved)
            bound_validity(tx, person.id, clock.now_ms())
            record_proved(tx, person.id, "recovery_code")
            return person
        failure = throttle.fail(tx, reserved)
        _record_refused(tx, flow, person, reserved.login_hash)
        record_consequences(
            tx,
            failure,
            person=person,
            login_hash=reserved.login_hash,
            is_known_device=device is not None,
        )
    return Refused(WRONG, failure.wait)


def meant(tx: Connection, login: str) -> tuple[str, PersonRow | None]:
    """How a login is compared, and whose it is."""
    key = login_key(login) if len(login) <= _LONGEST_TYPED_LOGIN else digest(login)
    known = key if len(key) <= _LONGEST_LOGIN else ""
    return key, queries.find_person_by_login(tx, known)


def _counters(key: str, person: PersonRow | None, device: str | None) -> tuple[Counter, ...]:
    installation = current_installation()
    keyring = installation.keyring
    if person is not None and device is not None:
        return throttle.at_factor(keyring, "recovery", person.id, device, sender())
    name = throttle.typed_name(key, installation.settings.mail_domain)
    return throttle.elsewhere(keyring, f"recovery:{name}", person.id if person else None, sender())


def record_proved(tx: Connection, person_id: str, way: str) -> None:
    """Somebody is who they say, and may set a new password."""
    agency = queries.home_agency_of(tx, person_id)
    actor = actor_here(person_id, agency)
    record(tx, RECOVERY_PROVED, actor, subject=person_tag(person_id), agency=agency, way=way)


def _record_refused(tx: Connection, flow: Flow, person: PersonRow | None, login_hash: str) -> None:
    application = flow.client_id
    if person is None:
        record(
            tx,
            SIGNIN_UNKNOWN_LOGIN,
            actor_here(),
            login_hash=login_hash,
            application=application,
        )
        return
    record(
        tx,
        SIGNIN_REFUSED,
        actor_here(),
        subject=person_tag(person.id),
        agency=queries.home_agency_of(tx, person.id),
        reason=WRONG,
        login_hash=login_hash,
        application=application,
    )


def turned_away(flow: Flow, person: PersonRow) -> Response | None:
    """Whoever may not come in reads why, once they have proved who they are. Raises Unavailable."""
    status = person.status
    if status == "active":
        status = present_standing(current_installation(), person.id)
    if status == "active":
        return None
    with current_installation().database.write() as tx:
        record_anonymous(
            tx,
            SIGNIN_REFUSED,
            actor_here(),
            subject=person_tag(person.id),
            agency=queries.home_agency_of(tx, person.id),
            reason=f"person_{status}",
            login_hash="",
            application=flow.client_id,
        )
    return pages.show_status(flow, person, f"person_{status}")


def _show_no_way(flow: Flow, _situation: Situation, *, error: str = "") -> Response:
    pages.prepare(flow)
    page = render_template(
        "recovery/no_way.html",
        errors=[{"field": "login", "message": error}] if error else [],
        step=NO_WAY,
        ways_url=pages.page_url(flow, buoc=CHOOSE),
    )
    return make_response(page, 400 if error else 200)


def _answer_no_way(flow: Flow, situation: Situation) -> Response:
    """The same page whoever was named, and however often."""
    login = request.form.get("login", "")
    if not login.strip():
        return _show_no_way(flow, situation, error=_("Enter your username or work e-mail."))
    with current_installation().database.write() as tx:
        key, person = meant(tx, login)
        if is_bearable(tx, "help", key):
            asking.want_help(tx, person.id if person else "")
    return show_wanted(flow)


def show_wanted(flow: Flow) -> Response:
    """It was passed on, if there is anybody to help."""
    pages.prepare(flow)
    page = render_template("recovery/wanted.html", sign_in_url=_back(flow))
    return make_response(page)


def is_bearable(tx: Connection, what: str, key: str) -> bool:
    """Whether one more request of a kind for this name, and from this network, is passed on."""
    keyring, here = current_installation().keyring, sender()
    counters = [Counter("name", throttle.login_hash(keyring, f"{what}:{key}"), None)]
    if here.address and not here.is_proxy:
        who = throttle.login_hash(keyring, f"{what} from:{here.address}")
        counters.append(Counter("name", who, None))
    reserved = throttle.reserve(tx, tuple(counters))
    if reserved is None or isinstance(reserved, Wait):
        return False
    throttle.fail(tx, reserved)
    return True


def _proved(situation: Situation) -> bool:
    return situation.person is not None


def _show_password(flow: Flow, situation: Situation) -> Response:
    return new_password.show(flow, person_of(situation), PASSWORD, told=_told())


def _answer_password(flow: Flow, situation: Situation) -> Passed | Response:
    person = person_of(situation)

    def claim(tx: Connection) -> bool:
        # Whatever has ended the person's sessions since, another recovery too, has ended this one.
        return sessions.still_counts(tx, person.id, flow.progress.proven_since)

    return new_password.answer(flow, person, PASSWORD, claim, _show_over, told=_told())


def _show_over(flow: Flow) -> Response:
    pages.prepare(flow)
    page = render_template(
        "signin/journey_over.html", is_done=False, again_url=paths.RECOVER, home_url=paths.HOME
    )
    return make_response(page, 410)


def _told() -> Told:
    return Told(
        _(
            "With the new password everything you are signed in to ends, here and in every "
            "application; browsers that know you know you no more."
        )
    )


def _back(flow: Flow) -> str:
    """The sign-in that somebody came from, if it is there yet."""
    return pages.sign_in_url(flow.request.get("back", ""))


def _nothing(flow: Flow, situation: Situation, **_more: Any) -> Response:
    return _show_ways(flow, situation)


CHOOSE_STEP = Step(CHOOSE, _of_nobody, _show_ways, _nothing, _FOLDER)
CODE_STEP = Step(BY_CODE, _of_nobody, _show_code, _answer_code, _FOLDER)
NO_WAY_STEP = Step(NO_WAY, _of_nobody, _show_no_way, _answer_no_way, _FOLDER)
PASSWORD_STEP = Step(PASSWORD, _proved, _show_password, _answer_password, _FOLDER)
