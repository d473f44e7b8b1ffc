"""``/`` and ``/tro-giup``."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import quote, urlencode

from flask import make_response, redirect, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory.access.entering import list_of_person
from directory.access.reminding import list_ending
from directory.actor import Actor
from directory.authz.applications import Application, list_applications
from directory.authz.decisions import decide
from directory.authz.objects import OfApplication
from directory.authz.permissions import ApplicationPermission
from directory.errors import NotFound
from directory.ldap.released import RELEASED
from directory.ldap_clients.register import list_ldap_clients
from directory.projection import queries
from directory.release.attributes import ATTRIBUTES
from directory.release.register import Release, list_releases
from directory.requests.list_file import STATES
from idp import paths
from idp.clients.logo import find_logo, logo_names
from idp.clients.model import Client
from idp.clients.registry import find_client
from idp.clients.start import start_url
from idp.factors.proof import find_notices
from idp.home import reminder
from idp.home.errors import APPLICATION_NO_LOGO
from idp.sessions import store as sessions
from idp.sessions.cookies import current_session
from idp.sessions.liveness import is_touch_due
from idp.sessions.person import read_signed_in
from idp.sessions.store import Session
from web.current import current_installation
from web.headers import no_referrer


def show_home() -> Response:
    """The applications a person may enter; those who are not signed in sign in first."""
    installation = current_installation()
    with installation.database.read() as tx:
        session = current_session(tx)
        if session is None:
            return redirect(paths.SIGN_IN, 303)
        person = read_signed_in(tx, session)
        applications = _open_applications(tx, session)
        notices = find_notices(tx, session.person_id)
        asked = list_of_person(tx, session.person_id)
        ending = list_ending(tx, session.person_id)
    if is_touch_due(session.last_seen_at):
        with installation.database.write() as tx:
            sessions.touch(tx, session.sid)
    is_reminded = reminder.is_due(session.person_id) if ending else False
    if is_reminded:
        notices = [*notices, reminder.line(ending)]
    response = make_response(
        render_template(
            "home.html",
            person=person,
            applications=applications,
            requests=asked,
            states=STATES,
            sign_out_url=paths.SIGN_OUT,
            security_url=paths.SECURITY,
            password_url=paths.CHANGE_PASSWORD,
            released_url=paths.WHO_LEARNS_WHAT,
            notices=notices,
            ending=ending,
            near_days=reminder.NEAR_DAYS,
        )
    )
    if is_reminded:
        reminder.remember(response, session.person_id)
    return response


def show_released() -> Response:
    """What each application that one may enter learns of one: what for, and on what basis."""
    with current_installation().database.read() as tx:
        session = current_session(tx)
        if session is None:
            return redirect(paths.SIGN_IN, 303)
        person = read_signed_in(tx, session)
        releases, accounts = list_releases(tx), list_ldap_clients(tx)
        offered = [application for application, _ in _entered(tx, session, besides=accounts)]
    told = [
        {
            "name": application.name,
            "attributes": _told(
                releases.get(application.id), RELEASED if application.id in accounts else ATTRIBUTES
            ),
            "reads": application.id in accounts,
        }
        for application in offered
    ]
    return make_response(
        render_template(
            "released.html",
            person=person,
            applications=told,
            home_url=paths.HOME,
            sign_out_url=paths.SIGN_OUT,
        )
    )


def _told(release: Release | None, among: Collection[str]) -> list[dict[str, object]]:
    attributes = release.attributes if release is not None else {}
    return [
        {"label": ATTRIBUTES[name].label, "purpose": grounds.purpose, "basis": grounds.basis}
        for name, grounds in attributes.items()
        if name in among
    ]


def show_help() -> Response:
    """Help for those who cannot get in."""
    # The flow is in the address of the page they come from, and nobody else's business.
    no_referrer()
    way_back = urlencode(list(request.args.items()))
    back_url = f"{paths.SIGN_IN}?{way_back}" if "flow" in request.args else paths.HOME
    return make_response(render_template("help.html", back_url=back_url))


def show_logo(client_id: str) -> Response:
    """The picture of an application. Its address changes with it, so it may be kept for long."""
    with current_installation().database.read() as tx:
        logo = find_logo(tx, client_id)
    if logo is None:
        raise NotFound(APPLICATION_NO_LOGO)
    response = make_response(logo.body)
    response.headers["Content-Type"] = logo.media_type
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _entered(
    tx: Connection, session: Session, besides: Collection[str] = ()
) -> list[tuple[Application, Client | None]]:
    """The applications that the person may enter and open, and those of `besides` that they may
    enter."""
    actor = Actor("person", session.person_id)
    return [
        (application, client)
        for application in list_applications(tx)
        if decide(tx, actor, ApplicationPermission.ENTER, OfApplication(application.id)).allowed
        and (
            _is_for_people(
                application, client := find_client(current_installation(), tx, application.id)
            )
            or application.id in besides
        )
    ]


def _open_applications(tx: Connection, session: Session) -> list[dict[str, str]]:
    offered = _entered(tx, session)
    pictures = logo_names(tx, [application.id for application, _ in offered])
    owners = queries.agencies_by_id(
        tx, [each.owner_agency_id for each, _ in offered if each.owner_agency_id]
    )
    tiles = [
        {
            "name": application.name,
            "description": application.description,
            "owner": owners[application.owner_agency_id].name
            if application.owner_agency_id in owners
            else "",
            "url": start_url(client) if client else application.start_url or "",
            "logo": _logo_path(application.id, pictures.get(application.id, "")),
        }
        for application, client in offered
    ]
    # What can be opened here comes first, each kind in the order of names.
    return sorted(tiles, key=lambda tile: not tile["url"])


def _is_for_people(application: Application, client: Client | None) -> bool:
    """Whether people open it: a service or an API they do not. One without a connection, which asks
    the directory for passwords, is there for its address."""
    if client is None:
        return bool(application.start_url)
    return "authorization_code" in client.grant_types


def _logo_path(client_id: str, name: str) -> str:
    return f"/bieu-trung/{quote(client_id, safe='')}?{urlencode({'v': name})}" if name else ""
