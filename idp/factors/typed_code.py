"""A step that asks for a code: counted before it is looked at, in one transaction with the look.

What is common to every factor that is typed; what a right code is, and what a page says of it, is
the factor's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import make_response, render_template
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory import clock
from directory.audit.log import person_tag, record
from directory.catalogue.person import home_agency
from directory.projection.queries import PersonRow
from idp.devices import store as devices
from idp.devices.cookie import device_id
from idp.flows import pages
from idp.flows.events import SIGNIN_REFUSED
from idp.flows.step import Passed, Situation
from idp.flows.store import Flow
from idp.throttle import store as throttle
from idp.throttle.proxies import record_undeclared
from idp.throttle.store import Reservation, Wait
from idp.throttle.telling import record_consequences
from web.current import actor_here, current_installation
from web.i18n import ngettext
from web.request import client_address, sender


@dataclass(frozen=True, slots=True)
class Refused:
    """A code that did not count. `reason`: a word of `REFUSALS` of `idp.flows.events`; empty for
    one that was not looked at. `wait`: what the next try meets."""

    reason: str
    wait: Wait | None


Judge = Callable[[Connection, str], str]
"""Called with a transaction and the person's id: "" for a right code, else the reason. A right code
counts no more once the transaction ends."""


def judge_code(
    flow: Flow, factor: str, methods: tuple[str, ...], person: PersonRow, judge: Judge
) -> Passed | Refused:
    """Count the try, and look at the code where it may be looked at.

    A kill after this and before the step is noted costs the code: the next one is as good.
    """
    began_at = clock.now_ms()
    with current_installation().database.write() as tx:
        record_undeclared(tx)
        device = devices.find_counter(tx, device_id(), person.id)
        reserved = throttle.reserve(tx, _counters(factor, person.id, device))
        if reserved is None:
            raise AssertionError("a code is looked at in the transaction that counts it")
        if isinstance(reserved, Wait):
            return Refused("", reserved)
        reason = judge(tx, person.id)
        if not reason:
            throttle.succeed(tx, reserved)
            return Passed(person.id, methods=methods, began_at=began_at)
        return _refuse(tx, flow, reserved, person, reason, is_known_device=device is not None)


@dataclass(frozen=True, slots=True)
class CodePage:
    """The page that asks for the code of one factor: the factor's name, and its template."""

    factor: str
    template: str

    def show(
        self,
        flow: Flow,
        situation: Situation,
        *,
        status: int = 200,
        error: str = "",
        notice: str = "",
    ) -> Response:
        """The page; `error` stands at the field, `notice` above the form."""
        pages.prepare(flow)
        with current_installation().database.read() as tx:
            application = pages.application_of(tx, flow)
        page = render_template(
            self.template,
            application=application,
            person=situation.person,
            errors=[{"field": "code", "message": error}] if error else [],
            notice=notice,
            step=self.factor,
            other_ways=pages.other_ways(flow, situation.ways, self.factor),
            begin_again_url=pages.begin_again_url(flow),
        )
        return make_response(page, status)

    def show_refused(
        self, flow: Flow, situation: Situation, refused: Refused, said: Mapping[str, str]
    ) -> Response:
        """The page again, with what was wrong with the code (`said`, by reason); or, where none is
        looked at for minutes, the page that says so."""
        wait = refused.wait
        if wait is not None and wait.is_pause:
            return show_paused(flow, refused, wait, person_of(situation))
        response = self.show(
            flow,
            situation,
            status=403 if refused.reason else 429,
            error=said.get(refused.reason, ""),
            notice=waiting_sentence(refused),
        )
        if wait is not None:
            response.headers["Retry-After"] = str(seconds_until(wait.until))
        return response


def person_of(situation: Situation) -> PersonRow:
    """Who is asked: a further factor is for somebody who has proved who they are."""
    if situation.person is None:
        raise AssertionError("asked of somebody who has proved who they are")
    return situation.person


def waiting_sentence(refused: Refused) -> str:
    """That the next try has to wait, and whether this one was looked at; else nothing."""
    if refused.wait is None:
        return ""
    seconds = seconds_until(refused.wait.until)
    if refused.reason:
        return ngettext(
            "After several wrong codes the next one has to wait: %(num)s second.",
            "After several wrong codes the next one has to wait: %(num)s seconds.",
            seconds,
        )
    return ngettext(
        "After several wrong codes the next one has to wait. The code just typed was not looked "
        "at. Please try again in %(num)s second.",
        "After several wrong codes the next one has to wait. The code just typed was not looked "
        "at. Please try again in %(num)s seconds.",
        seconds,
    )


def show_paused(flow: Flow, refused: Refused, wait: Wait, person: PersonRow | None) -> Response:
    """No code is looked at for minutes: what is, why, until when, and what else there is."""
    pages.prepare(flow)
    with current_installation().database.read() as tx:
        application, contact = pages.application_of(tx, flow), pages.contact_of(tx, person)
    page = render_template(
        "signin/code_paused.html",
        what={"name": "person", "address": "address"}.get(wait.kind, "device"),
        address=client_address(),
        was_looked_at=bool(refused.reason),
        paused_until=wait.until,
        application=application,
        retry_url=pages.page_url(flow),
        contact=contact,
    )
    response = make_response(page, 429)
    response.headers["Retry-After"] = str(seconds_until(wait.until))
    return response


def seconds_until(until: int) -> int:
    """Whole seconds, at least one."""
    return max(1, -((clock.now_ms() - until) // clock.SECOND))


def _counters(factor: str, person_id: str, device: str | None) -> tuple[throttle.Counter, ...]:
    keyring = current_installation().keyring
    return throttle.at_factor(keyring, factor, person_id, device, sender())


def _refuse(
    tx: Connection,
    flow: Flow,
    reservation: Reservation,
    person: PersonRow,
    reason: str,
    *,
    is_known_device: bool,
) -> Refused:
    failure = throttle.fail(tx, reservation)
    record(
        tx,
        SIGNIN_REFUSED,
        actor_here(),
        subject=person_tag(person.id),
        agency=home_agency(person, clock.today().isoformat()),
        reason=reason,
        login_hash="",
        application=flow.client_id,
    )
    record_consequences(
        tx,
        failure,
        person=person,
        login_hash=reservation.login_hash,
        is_known_device=is_known_device,
    )
    return Refused(reason, failure.wait)
