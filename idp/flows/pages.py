"""What the pages within a flow have in common, whichever step or journey they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import g, make_response, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory.catalogue.person import home_agency
from directory.clock import today
from directory.projection import queries
from directory.projection.queries import PersonRow
from directory.settings import Settings
from idp import paths
from idp.clients.registry import find_client
from idp.flows import store as flows
from idp.flows.store import Flow
from web.csrf import browser_id
from web.current import current_installation
from web.i18n import gettext
from web.urls import HELP_PATH

# The field of a form that carries the sealed flow.
FLOW_COPY = "flow"
# In the address of the form that somebody asked for who is not the person signed in here.
OTHER_ACCOUNT = "khac"
LANGUAGE = "lang"
# In a form: whose answer it is. In an address: which of the open steps is wanted.
STEP = "buoc"
# The step for whoever has nothing of what is asked for after the password.
LOST = "lost"

_STATUS_PAGES = {
    "person_suspended": "signin/suspended.html",
    "person_left": "signin/left.html",
    "person_pending": "signin/not_active.html",
}


def prepare(flow: Flow, **in_address: str) -> None:
    """What every page within a flow needs: the application's language, help that leads back here,
    and a place in the history that may be gone back to, though a form led here.

    `in_address`: what of the form travels in the address.
    """
    g.ui_locales = flow.request.get("ui_locales", "")
    g.help_url = f"{HELP_PATH}?" + urlencode(_arguments(flow) | in_address)
    if request.method == "POST":
        g.kept_url = page_url(flow, **in_address)


def page_url(flow: Flow, **more: str) -> str:
    """This page of the flow again, in the same language and for the same account."""
    return f"{request.path}?" + urlencode(_arguments(flow) | more)


def begin_again_url(flow: Flow) -> str:
    """The same sign-in from its first step, for somebody else."""
    return f"{paths.SIGN_IN_AGAIN}?" + urlencode({"flow": flow.id})


def other_ways(flow: Flow, ways: Mapping[str, str], step: str) -> list[dict[str, str]]:
    """Links to the other steps that can be answered instead of this one."""
    links = [
        {"url": page_url(flow, **{STEP: name}), "text": gettext(way)}
        for name, way in ways.items()
        if name != step
    ]
    if flow.journey == flows.SIGN_IN and step != LOST:
        text = gettext("Telephone or passkey lost, or new?")
        links.append({"url": page_url(flow, **{STEP: LOST}), "text": text})
    return links


def recover_url(flow: Flow) -> str:
    """Where whoever has forgotten the password goes on, and comes back from."""
    return f"{paths.RECOVER}?" + urlencode({"tu-flow": flow.id})


def sign_in_url(flow_id: str) -> str:
    """The sign-in that somebody came from; a new one without."""
    return f"{paths.SIGN_IN}?" + urlencode({"flow": flow_id}) if flow_id else paths.SIGN_IN


def flow_copy(flow: Flow) -> str:
    """The sealed flow for the form of a first step: others may push it out of the store."""
    return flows.seal(current_installation().keyring, flow, browser_id())


def application_of(tx: Connection, flow: Flow) -> dict[str, str] | None:
    """The application somebody is on the way to, as templates name it."""
    client = find_client(current_installation(), tx, flow.client_id) if flow.client_id else None
    return {"name": client.name} if client else None


def contact_of(tx: Connection, person: PersonRow | None) -> dict[str, str]:
    """Who helps: the person's own agency, where it may be named and can be reached."""
    if person is None:
        return _operator(current_installation().settings)
    agency = queries.find_contact(tx, home_agency(person, today().isoformat()))
    if agency is None or not (agency.phone or agency.mail):
        return _operator(current_installation().settings)
    return {"name": agency.name, "phone": agency.phone, "mail": agency.mail}


def show_status(flow: Flow, person: PersonRow, reason: str, **in_address: str) -> Response:
    """Why a person may not sign in, once they have proved who they are and no sooner."""
    prepare(flow, **in_address)
    with current_installation().database.read() as tx:
        application, contact = application_of(tx, flow), contact_of(tx, person)
    template = _STATUS_PAGES.get(reason, _STATUS_PAGES["person_pending"])
    page = render_template(
        template, contact=contact, application=application, retry_url=page_url(flow, **in_address)
    )
    return make_response(page, 403)


def _arguments(flow: Flow) -> dict[str, str]:
    same = (OTHER_ACCOUNT, LANGUAGE, STEP)
    return {"flow": flow.id} | {name: request.args[name] for name in same if name in request.args}


def _operator(settings: Settings) -> dict[str, str]:
    return {"name": settings.operator_name, "phone": settings.operator_phone, "mail": ""}
