"""``/logout`` for applications and ``/dang-xuat`` for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import g, make_response, redirect, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory.audit.anonymous import record_anonymous
from directory.audit.log import client_tag
from directory.errors import Invalid
from idp import paths
from idp.clients.registry import find_client
from idp.clients.start import start_url
from idp.flows import store as flows
from idp.logout import backchannel
from idp.logout.ending import end_session
from idp.logout.errors import REQUEST_MALFORMED
from idp.logout.events import LOGOUT_RETURN_REFUSED
from idp.logout.request import LogoutRequest, pick, read_request
from idp.oidc.parameters import Malformed, Parameters
from idp.oidc.received import read_form, read_query
from idp.sessions import store as sessions
from idp.sessions.cookies import clear_session_cookie, current_session
from idp.sessions.person import read_signed_in
from idp.sessions.store import Session
from web import csrf
from web.current import actor_here, current_installation
from web.headers import no_referrer
from web.leaving import leave_to

_NOTHING_ASKED = LogoutRequest(None, None, "", "")
_LONGEST_SHOWN = 300


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Names of the applications of a session: those that know that it is over, those that are told
    again and again, those that have no address to be told at."""

    told: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


def end_session_endpoint() -> Response:
    """RP-Initiated Logout: silent for the application that proves it was entered with this session,
    after a question for everyone else. Either way it leads back where the application registered.
    """
    no_referrer()
    parameters = _read_parameters()
    values = pick(parameters)
    g.ui_locales = values.get("ui_locales", "")
    installation = current_installation()
    with installation.database.read() as tx:
        asked = read_request(installation, tx, values)
        session = current_session(tx)
    if session is None:
        return _without_session(asked, values)
    if _is_confirmed(parameters):
        return _sign_out(session, asked)
    if asked.proves(session) and not asked.refused and _is_page_load():
        return _sign_out(session, asked)
    _record_refused(asked)
    return _ask(session, asked)


def show_signed_out() -> Response:
    """Who knows by now that the session is over; a question to those who are still signed in."""
    no_referrer()
    with current_installation().database.read() as tx:
        session = current_session(tx)
        flow = flows.load(tx, request.args.get("flow", ""), csrf.browser_id(), flows.SIGN_OUT)
    if session is not None:
        return _ask(session, _NOTHING_ASKED)
    return _signed_out_page(flow.request if flow else {}, _NOTHING_ASKED)


def sign_out() -> Response:
    """The person's own wish, from a page of ours."""
    with current_installation().database.read() as tx:
        session = current_session(tx)
    if session is None:
        return redirect(paths.SIGN_OUT, 303)
    return _sign_out(session, _NOTHING_ASKED)


def _read_parameters() -> Parameters:
    try:
        return read_query() if request.method == "GET" else _merged(read_query(), read_form())
    except Malformed as error:
        raise Invalid(REQUEST_MALFORMED, detail=error.problem) from None


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
        return redirect(f"{paths.END_SESSION}?" + urlencode(values), 303)
    if asked.return_url and asked.client:
        return leave_to(asked.return_url, asked.client.name)
    if asked.refused:
        _record_refused(asked)
        return _signed_out_page({}, asked)
    return redirect(paths.SIGN_OUT, 303)


def _sign_out(session: Session, asked: LogoutRequest) -> Response:
    installation = current_installation()
    asking = asked.client if asked.hint else None
    actor = actor_here(session.person_id)
    with installation.database.write() as tx:
        ending = end_session(
            tx,
            installation,
            session.sid,
            session.person_id,
            actor,
            "signed_out",
            delay_ms=backchannel.HEAD_START_MS,
        )
        note = {
            "signed_out": session.sid,
            "shared": "1" if session.shared_computer else "",
            "asking": asking.id if asking else "",
            "return_url": asked.return_url,
        }
        flow_id = flows.create(tx, note, "", csrf.browser_id(), flows.SIGN_OUT)
    if ending is not None:
        backchannel.tell_now(installation, ending, actor)
    with installation.database.read() as tx:
        outcome = _read_outcome(tx, session.sid, note["asking"])
    response: Response
    if asked.return_url and asking and not (outcome.waiting or outcome.silent):
        response = leave_to(asked.return_url, asking.name)
    else:
        # Nobody may leave thinking that everything is closed: who was not told is named first.
        response = redirect(f"{paths.SIGN_OUT}?" + urlencode({"flow": flow_id}), 303)
    clear_session_cookie(response)
    return response


def _signed_out_page(note: Mapping[str, str], asked: LogoutRequest) -> Response:
    installation, sid = current_installation(), note.get("signed_out", "")
    with installation.database.read() as tx:
        outcome = _read_outcome(tx, sid, note.get("asking", "")) if sid else _Outcome()
        asking = (
            find_client(installation, tx, note["asking"]) if note.get("asking") else asked.client
        )
    return_url = note.get("return_url") or (start_url(asking) if asking else "")
    page = render_template(
        "signed_out.html",
        is_known=bool(sid),
        outcome=outcome,
        return_url=return_url,
        return_name=asking.name if asking else "",
        shared=bool(note.get("shared")),
        refused=_refused_values(asked),
    )
    return make_response(page)


def _read_outcome(tx: Connection, sid: str, asking: str) -> _Outcome:
    """What is so by now. The application that asked knows, told or not."""
    installation = current_installation()
    told, untold = sessions.told_and_untold(tx, sid)
    known = [client for each in told if (client := find_client(installation, tx, each))]
    others = [
        client
        for each in untold
        if each != asking and (client := find_client(installation, tx, each))
    ]
    return _Outcome(
        told=tuple(client.name for client in known),
        waiting=tuple(client.name for client in others if client.backchannel_logout_uri),
        silent=tuple(client.name for client in others if not client.backchannel_logout_uri),
    )


def _record_refused(asked: LogoutRequest) -> None:
    """The application's people look for this when nobody comes back to them after a sign-out."""
    if not asked.refused or asked.client is None:
        return
    with current_installation().database.write() as tx:
        record_anonymous(
            tx,
            LOGOUT_RETURN_REFUSED,
            actor_here(),
            subject=client_tag(asked.client.id),
            received=asked.refused[:_LONGEST_SHOWN],
            reason="return_unregistered" if asked.hint else "return_unproven",
        )


def _refused_values(asked: LogoutRequest) -> dict[str, object] | None:
    """What the developer is shown; what is registered only with a token of the application."""
    if not asked.refused:
        return None
    return {
        "received": asked.refused[:_LONGEST_SHOWN],
        "registered": asked.registered,
        "is_proven": asked.hint is not None,
    }


def _ask(session: Session, asked: LogoutRequest) -> Response:
    installation = current_installation()
    with installation.database.read() as tx:
        names = _names(tx, sessions.clients_of(tx, session.sid))
        person = read_signed_in(tx, session)
    page = render_template(
        "oidc/logout_confirm.html",
        person=person,
        application={"name": asked.client.name} if asked.client else None,
        applications=list(names.values()),
        fields={},
        cancel_url="/",
        refused=_refused_values(asked),
    )
    return make_response(page)


def _names(tx: Connection, client_ids: list[str]) -> dict[str, str]:
    found = [find_client(current_installation(), tx, client_id) for client_id in client_ids]
    return {client.id: client.name for client in found if client}
