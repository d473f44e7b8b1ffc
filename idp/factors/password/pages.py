"""The form for name and password, and the pages it leads to."""

from __future__ import annotations

from collections.abc import Mapping

from flask import make_response, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory import clock
from directory.errors import Unavailable
from directory.projection import queries
from directory.projection.queries import PersonRow
from idp.factors.password.typed import Typed, find_typed, in_address
from idp.flows import pages
from idp.flows.own_pages import wants_fresh
from idp.flows.pages import OTHER_ACCOUNT
from idp.flows.store import Flow
from idp.sessions.cookies import current_session
from idp.throttle.store import Wait
from web.current import current_installation
from web.i18n import gettext as _
from web.i18n import ngettext
from web.request import client_address

_SHOWN_LOGIN_CHARS = 256  # what the field takes
Error = Mapping[str, str]


def show_form(
    flow: Flow,
    *,
    status: int = 200,
    errors: tuple[Error, ...] = (),
    notice: str = "",
    retry_after_s: int = 0,
) -> Response:
    """The sign-in form, with the name that was typed, else with the one the application hints at
    or whose session is there."""
    if status >= 400 and not notice and not any(error["message"] for error in errors):
        raise ValueError("a form is never shown again without a sentence")
    pages.prepare(flow, **in_address(flow))
    with current_installation().database.read() as tx:
        application = pages.application_of(tx, flow)
        is_for_other = OTHER_ACCOUNT in request.args
        signed_in = _signed_in(tx) if request.method != "POST" and not is_for_other else None
    hinted = flow.request.get("login_hint", "") or (signed_in.username if signed_in else "")
    typed = find_typed(flow) or Typed(hinted, False)
    response = make_response(
        render_template(
            "password/form.html",
            application=application,
            login=typed.login[:_SHOWN_LOGIN_CHARS],
            shared=typed.shared,
            errors=errors,
            notice=notice,
            reauth=signed_in if flow.client_id or wants_fresh(flow) else None,
            flow_id=flow.id,
            flow_copy=pages.flow_copy(flow),
            recover_url=pages.recover_url(flow),
        ),
        status,
    )
    if retry_after_s:
        response.headers["Retry-After"] = str(retry_after_s)
    return response


def show_rejected(flow: Flow, wait: Wait | None, known: PersonRow | None) -> Response:
    """Wrong, in the same words whoever it was, and how long the next try has to wait.

    No number of tries left: one that the owner's own sign-in changes tells who exists.
    """
    if wait is not None and wait.is_pause:
        return show_paused(flow, wait, known, was_looked_at=True)
    error = {"field": "", "message": _("The username or the password is not correct.")}
    seconds = _seconds_until(wait.until) if wait else 0
    notice = ""
    if seconds:
        notice = ngettext(
            "After several wrong attempts the next one has to wait: %(num)s second.",
            "After several wrong attempts the next one has to wait: %(num)s seconds.",
            seconds,
        )
    return show_form(
        flow,
        status=403,
        errors=(error,),
        notice=notice,
        retry_after_s=seconds,
    )


def show_wait(flow: Flow, wait: Wait, known: PersonRow | None) -> Response:
    """No password is looked at for now: seconds keep the form, minutes get a page."""
    if wait.is_pause:
        return show_paused(flow, wait, known)
    seconds = _seconds_until(wait.until)
    notice = ngettext(
        "After several wrong attempts with this name the next one has to wait. The password just "
        "typed was not looked at. Please try again in %(num)s second.",
        "After several wrong attempts with this name the next one has to wait. The password just "
        "typed was not looked at. Please try again in %(num)s seconds.",
        seconds,
    )
    return show_form(flow, status=429, notice=notice, retry_after_s=seconds)


def show_paused(
    flow: Flow, wait: Wait, known: PersonRow | None, *, was_looked_at: bool = False
) -> Response:
    """Paused: what is, why, until when, and who helps. Also for names nobody has.

    `known`: whose known device this is; their own agency may be named there.
    """
    pages.prepare(flow, **in_address(flow))
    with current_installation().database.read() as tx:
        application = pages.application_of(tx, flow)
        contact = pages.contact_of(tx, known)
    page = render_template(
        "password/paused.html",
        what={"name": "name", "address": "address"}.get(wait.kind, "device"),
        address=client_address(),
        was_looked_at=was_looked_at,
        paused_until=wait.until,
        application=application,
        retry_url=pages.page_url(flow, **in_address(flow)),
        recover_url=pages.recover_url(flow),
        contact=contact,
    )
    response = make_response(page, 429)
    response.headers["Retry-After"] = str(_seconds_until(wait.until))
    return response


def show_busy(flow: Flow, error: Unavailable) -> Response:
    """The password could not be checked; it did not count."""
    pages.prepare(flow, **in_address(flow))
    with current_installation().database.read() as tx:
        application = pages.application_of(tx, flow)
    seconds = error.params.get("retry_after_s")
    wait_s = seconds if isinstance(seconds, int) else 5
    page = render_template(
        "password/busy.html",
        retry_after_s=wait_s,
        retry_url=pages.page_url(flow, **in_address(flow)),
        application=application,
    )
    response = make_response(page, 503)
    response.headers["Retry-After"] = str(wait_s)
    return response


def _seconds_until(until: int) -> int:
    return max(1, -((clock.now_ms() - until) // clock.SECOND))


def _signed_in(tx: Connection) -> PersonRow | None:
    session = current_session(tx)
    return queries.person(tx, session.person_id) if session else None
