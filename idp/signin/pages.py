"""The pages of the sign-in."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g, make_response, render_template
from sqlalchemy import Connection, select
from werkzeug.wrappers import Response

from directory import clock
from directory.catalogue.person import home_agency
from directory.errors import Unavailable
from directory.projection import queries
from directory.projection.queries import PersonRow
from directory.projection.tables import catalogue_agency
from directory.settings import Settings
from idp.clients.registry import find_client
from idp.flows.store import Flow
from idp.kit.i18n import gettext as _
from idp.kit.i18n import ngettext
from idp.request import current_house
from idp.sessions.cookies import current_session
from idp.signin.throttle import Wait

_STATUS_PAGES = {
    "suspended": "signin/suspended.html",
    "left": "signin/left.html",
    "pending": "signin/not_active.html",
}

Error = Mapping[str, str]


def prepare(flow: Flow) -> None:
    """What every page within a flow needs: the application's language."""
    g.ui_locales = flow.request.get("ui_locales", "")


def show_form(
    flow: Flow,
    *,
    status: int = 200,
    errors: tuple[Error, ...] = (),
    login: str | None = None,
    shared: bool = False,
    retry_after_s: int = 0,
) -> Response:
    """The sign-in form. `login` None: from the application's hint or the session that is there."""
    prepare(flow)
    house = current_house()
    with house.database.read() as tx:
        application = _application(tx, flow)
        signed_in = _signed_in(tx) if login is None else None
    if login is None:
        login = flow.request.get("login_hint", "") or (signed_in.username if signed_in else "")
    response = make_response(
        render_template(
            "signin/identify_password.html",
            application=application,
            login=login,
            shared=shared,
            errors=errors,
            reauth=signed_in if flow.client_id else None,
        ),
        status,
    )
    if retry_after_s:
        response.headers["Retry-After"] = str(retry_after_s)
    return response


def show_rejected(flow: Flow, login: str, shared: bool, remaining: int) -> Response:
    """Wrong, in the same words whoever it was. `remaining` counts what was typed, nothing else."""
    message = " ".join(
        (
            _("The username or the password is not correct."),
            ngettext(
                "%(num)s attempt is left before signing in with this name is paused.",
                "%(num)s attempts are left before signing in with this name is paused.",
                remaining,
            ),
        )
    )
    error = {"field": "", "message": message}
    return show_form(flow, status=403, errors=(error,), login=login, shared=shared)


def show_wait(flow: Flow, login: str, shared: bool, wait: Wait) -> Response:
    """No password is looked at for now: seconds keep the form, minutes get a page."""
    if wait.is_pause:
        return show_paused(flow, wait.until)
    seconds = _seconds_until(wait.until)
    message = ngettext(
        "Please wait %(num)s second, then try again.",
        "Please wait %(num)s seconds, then try again.",
        seconds,
    )
    error = {"field": "", "message": message}
    return show_form(
        flow, status=429, errors=(error,), login=login, shared=shared, retry_after_s=seconds
    )


def show_paused(flow: Flow, until: int) -> Response:
    """Paused: until when, and who helps. Also for names nobody has."""
    prepare(flow)
    house = current_house()
    with house.database.read() as tx:
        application = _application(tx, flow)
    page = render_template(
        "signin/locked.html",
        paused_until=until,
        application=application,
        retry_url="",
        contact=_operator(house.settings),
    )
    response = make_response(page, 429)
    response.headers["Retry-After"] = str(_seconds_until(until))
    return response


def show_status(flow: Flow, person: PersonRow, status: str) -> Response:
    """Why a person may not sign in, after the right password only."""
    prepare(flow)
    with current_house().database.read() as tx:
        application, contact = _application(tx, flow), _contact(tx, person)
    template = _STATUS_PAGES.get(status, _STATUS_PAGES["pending"])
    return make_response(render_template(template, contact=contact, application=application), 403)


def show_busy(flow: Flow, error: Unavailable) -> Response:
    """The password could not be checked; it did not count."""
    prepare(flow)
    with current_house().database.read() as tx:
        application = _application(tx, flow)
    seconds = error.params.get("retry_after_s")
    wait_s = seconds if isinstance(seconds, int) else 5
    page = render_template(
        "signin/busy.html", retry_after_s=wait_s, retry_url="", application=application
    )
    response = make_response(page, 503)
    response.headers["Retry-After"] = str(wait_s)
    return response


def _seconds_until(until: int) -> int:
    return max(1, -((clock.now_ms() - until) // clock.SECOND))


def _application(tx: Connection, flow: Flow) -> dict[str, str] | None:
    client = find_client(current_house(), tx, flow.client_id) if flow.client_id else None
    return {"name": client.name} if client else None


def _signed_in(tx: Connection) -> PersonRow | None:
    session = current_session(tx)
    return queries.person(tx, session.person_id) if session else None


def _contact(tx: Connection, person: PersonRow) -> dict[str, str]:
    table = catalogue_agency.c
    agency_id = home_agency(person, clock.today().isoformat())
    row = tx.execute(select(table.name, table.phone, table.mail).where(table.id == agency_id))
    agency = row.first()
    if agency is None or not (agency.phone or agency.mail):
        return _operator(current_house().settings)
    return {"name": agency.name, "phone": agency.phone, "mail": agency.mail}


def _operator(settings: Settings) -> dict[str, str]:
    return {"name": settings.operator_name, "phone": settings.operator_phone, "mail": ""}
