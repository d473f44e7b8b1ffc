"""``/logout`` for applications and ``/dang-xuat`` for people."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, g, make_response, redirect, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory.errors import Invalid
from idp.clients.registry import find_client
from idp.flows import store as flows
from idp.kit import csrf
from idp.kit.headers import no_referrer
from idp.kit.leaving import leave_to
from idp.logout import backchannel
from idp.logout.ending import end_session
from idp.logout.request import LogoutRequest, pick, read_request
from idp.oidc.parameters import Malformed, Parameters, read_form, read_query
from idp.request import actor_here, current_house
from idp.sessions import store as sessions
from idp.sessions.cookies import clear_session_cookie, current_session
from idp.sessions.person import read_signed_in
from idp.sessions.store import Session

logout = Blueprint("logout", __name__)

SIGNED_OUT_URL = "/dang-xuat"


@logout.route("/logout", methods=["GET", "POST"])
def end_session_endpoint() -> Response:
    """RP-Initiated Logout: silent for the application that proves it was entered with this session,
    after a question for everyone else."""
    no_referrer()
    parameters = _read_parameters()
    values = pick(parameters)
    g.ui_locales = values.get("ui_locales", "")
    house = current_house()
    with house.database.read() as tx:
        asked = read_request(house, tx, values)
        session = current_session(tx)
    if session is None:
        return _without_session(asked, values)
    if _is_confirmed(parameters):
        return _sign_out(session)
    if asked.proves(session) and not asked.is_return_refused and _is_page_load():
        return _sign_out(session, asked.return_url, asked.client.name if asked.client else "")
    return _ask(session, asked)


@logout.get(SIGNED_OUT_URL)
def show_signed_out() -> Response:
    """Who knows by now that the session is over; a question to those who are still signed in."""
    no_referrer()
    house = current_house()
    with house.database.read() as tx:
        session = current_session(tx)
        flow = flows.load(tx, request.args.get("flow", ""), csrf.browser_id())
        sid = flow.request.get("signed_out", "") if flow else ""
        told, not_told = sessions.told_and_untold(tx, sid) if sid else ([], [])
        names = _names(tx, [*told, *not_told])
    if session is not None:
        return _ask(session, LogoutRequest(None, None, "", False))
    page = render_template(
        "signed_out.html",
        told=[names[client] for client in told if client in names],
        not_told=[names[client] for client in not_told if client in names],
        return_url="",
        return_name="",
        shared=bool(flow and flow.request.get("shared")),
    )
    return make_response(page)


@logout.post(SIGNED_OUT_URL)
def sign_out() -> Response:
    """The person's own wish, from a page of ours."""
    with current_house().database.read() as tx:
        session = current_session(tx)
    return redirect(SIGNED_OUT_URL, 303) if session is None else _sign_out(session)


def _read_parameters() -> Parameters:
    try:
        return read_query() if request.method == "GET" else _merged(read_query(), read_form())
    except Malformed as error:
        raise Invalid("request.malformed", detail=error.problem) from None


def _merged(query: Parameters, form: Parameters) -> Parameters:
    """Our own question is posted to the address it was asked at, parameters and all."""
    if csrf.FIELD in form:
        return Parameters({**query.values_by_name, **form.values_by_name}, query.repeated)
    return form


def _is_confirmed(parameters: Parameters) -> bool:
    # The endpoint is exempt from the form check because applications post to it; a form of our own
    # pages carries the token all the same.
    return request.method == "POST" and csrf.is_own_form(parameters.get(csrf.FIELD, ""))


def _is_page_load() -> bool:
    """Whether a person sees the answer: an image or a frame signs nobody out."""
    return request.headers.get("Sec-Fetch-Dest", "document") == "document"


def _without_session(asked: LogoutRequest, values: Mapping[str, str]) -> Response:
    if request.method == "POST" and not request.args:
        # A POST from another site comes without our SameSite=Lax cookie: look again as a GET.
        return redirect("/logout?" + urlencode(values), 303)
    if asked.return_url and asked.client:
        return leave_to(asked.return_url, asked.client.name)
    return redirect(SIGNED_OUT_URL, 303)


def _sign_out(session: Session, return_url: str = "", return_name: str = "") -> Response:
    house = current_house()
    actor = actor_here(session.person_id)
    with house.database.write() as tx:
        ending = end_session(
            tx,
            house,
            session.sid,
            session.person_id,
            actor,
            "signed_out",
            delay_ms=backchannel.HEAD_START_MS,
        )
        note = {"signed_out": session.sid, "shared": "1" if session.shared_computer else ""}
        flow_id = "" if return_url else flows.create(tx, note, "", csrf.browser_id())
    if ending is not None:
        backchannel.tell_now(house, ending, actor)
    response: Response
    if return_url:
        response = leave_to(return_url, return_name)
    else:
        response = redirect(f"{SIGNED_OUT_URL}?" + urlencode({"flow": flow_id}), 303)
    clear_session_cookie(response)
    return response


def _ask(session: Session, asked: LogoutRequest) -> Response:
    house = current_house()
    with house.database.read() as tx:
        names = _names(tx, sessions.clients_of(tx, session.sid))
        person = read_signed_in(tx, session)
    page = render_template(
        "oidc/logout_confirm.html",
        person=person,
        application={"name": asked.client.name} if asked.client else None,
        applications=list(names.values()),
        fields={},
        cancel_url="/",
    )
    return make_response(page)


def _names(tx: Connection, client_ids: list[str]) -> dict[str, str]:
    found = [find_client(current_house(), tx, client_id) for client_id in client_ids]
    return {client.id: client.name for client in found if client}
