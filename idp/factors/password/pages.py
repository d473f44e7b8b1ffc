"""The pages of the sign-in."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g, make_response, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory import clock
from directory.catalogue.person import home_agency
from directory.errors import Unavailable
from directory.projection import queries
from directory.projection.queries import PersonRow
from directory.settings import Settings
from idp.clients.registry import find_client
from idp.factors.password.typed import OTHER_ACCOUNT, Typed, find_typed, form_url, help_url
from idp.flows import store as flows
from idp.flows.store import Flow
from idp.sessions.cookies import current_session
from idp.sessions.person import read_signed_in
from idp.sessions.store import Session
from idp.throttle.store import Wait
from web.csrf import browser_id
from web.current import current_installation
from web.i18n import gettext as _
from web.i18n import ngettext
from web.request import client_address

_STATUS_PAGES = {
    "person_suspended": "signin/suspended.html",
    "person_left": "signin/left.html",
    "person_pending": "signin/not_active.html",
}

_SHOWN_LOGIN_CHARS = 256  # what the field takes
# The field of a form that carries the sealed flow.
FLOW_COPY = "flow"

Error = Mapping[str, str]


def prepare(flow: Flow) -> None:
    """What every page within a flow needs: the application's language, help that leads back here,
    and a place in the history that may be gone back to, though a form led here."""
    g.ui_locales = flow.request.get("ui_locales", "")
    g.help_url = help_url(flow)
    if request.method == "POST":
        g.kept_url = form_url(flow)


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
    prepare(flow)
    installation = current_installation()
    with installation.database.read() as tx:
        application = _application(tx, flow)
        is_for_other = OTHER_ACCOUNT in request.args
        signed_in = _signed_in(tx) if request.method != "POST" and not is_for_other else None
    hinted = flow.request.get("login_hint", "") or (signed_in.username if signed_in else "")
    typed = find_typed(flow) or Typed(hinted, False)
    response = make_response(
        render_template(
            "signin/identify_password.html",
            application=application,
            login=typed.login[:_SHOWN_LOGIN_CHARS],
            shared=typed.shared,
            errors=errors,
            notice=notice,
            reauth=signed_in if flow.client_id else None,
            flow_copy=flows.seal(installation.keyring, flow, browser_id()),
        ),
        status,
    )
    if retry_after_s:
        response.headers["Retry-After"] = str(retry_after_s)
    return response


def show_choice(flow: Flow, session: Session, other_url: str) -> Response:
    """Who goes on: the person who is signed in, or somebody else (OIDC Core section 3.1.2.1)."""
    prepare(flow)
    with current_installation().database.read() as tx:
        application, person = _application(tx, flow), read_signed_in(tx, session)
    page = render_template(
        "signin/already_signed_in.html",
        application=application,
        person=person,
        other_url=other_url,
    )
    return make_response(page)


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
    prepare(flow)
    installation = current_installation()
    with installation.database.read() as tx:
        application = _application(tx, flow)
        contact = _contact(tx, known) if known else _operator(installation.settings)
    page = render_template(
        "signin/locked.html",
        what={"name": "name", "address": "address"}.get(wait.kind, "device"),
        address=client_address(),
        was_looked_at=was_looked_at,
        paused_until=wait.until,
        application=application,
        retry_url=form_url(flow),
        contact=contact,
    )
    response = make_response(page, 429)
    response.headers["Retry-After"] = str(_seconds_until(wait.until))
    return response


def show_status(flow: Flow, person: PersonRow, reason: str) -> Response:
    """Why a person may not sign in, after the right password only."""
    prepare(flow)
    with current_installation().database.read() as tx:
        application, contact = _application(tx, flow), _contact(tx, person)
    template = _STATUS_PAGES.get(reason, _STATUS_PAGES["person_pending"])
    page = render_template(
        template, contact=contact, application=application, retry_url=form_url(flow)
    )
    return make_response(page, 403)


def show_busy(flow: Flow, error: Unavailable) -> Response:
    """The password could not be checked; it did not count."""
    prepare(flow)
    with current_installation().database.read() as tx:
        application = _application(tx, flow)
    seconds = error.params.get("retry_after_s")
    wait_s = seconds if isinstance(seconds, int) else 5
    page = render_template(
        "signin/busy.html",
        retry_after_s=wait_s,
        retry_url=form_url(flow),
        application=application,
    )
    response = make_response(page, 503)
    response.headers["Retry-After"] = str(wait_s)
    return response


def _seconds_until(until: int) -> int:
    return max(1, -((clock.now_ms() - until) // clock.SECOND))


def _application(tx: Connection, flow: Flow) -> dict[str, str] | None:
    client = find_client(current_installation(), tx, flow.client_id) if flow.client_id else None
    return {"name": client.name} if client else None


def _signed_in(tx: Connection) -> PersonRow | None:
    session = current_session(tx)
    return queries.person(tx, session.person_id) if session else None


def _contact(tx: Connection, person: PersonRow) -> dict[str, str]:
    agency = queries.find_contact(tx, home_agency(person, clock.today().isoformat()))
    if agency is None or not (agency.phone or agency.mail):
        return _operator(current_installation().settings)
    return {"name": agency.name, "phone": agency.phone, "mail": agency.mail}


def _operator(settings: Settings) -> dict[str, str]:
    return {"name": settings.operator_name, "phone": settings.operator_phone, "mail": ""}
