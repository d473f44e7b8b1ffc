"""The address of the sign-in: ``/dang-nhap?flow=…``.

Whatever a browser shows or sends again, late, twice or from another tab, leads to the next page
that makes sense: a living session is asked first, and a page we no longer know offers to begin
again.
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import make_response, redirect, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory.errors import Forbidden
from idp import paths
from idp.flows import own_pages, pages
from idp.flows import store as flows
from idp.flows.pages import LANGUAGE, OTHER_ACCOUNT
from idp.flows.store import FINISHED, Flow
from idp.journeys import dispatch
from idp.journeys.errors import SIGNIN_OTHER_BROWSER
from idp.journeys.sign_in import onward_url
from idp.oidc.authorize import find_open_question
from idp.oidc.interaction import CHOOSE, is_signed_in_within
from idp.oidc.lost_flow import lost_flow_page
from idp.oidc.responses import render
from idp.sessions.cookies import current_session
from idp.sessions.person import read_signed_in
from idp.sessions.store import Session
from web.csrf import browser_id
from web.current import current_installation
from web.headers import no_referrer
from web.i18n import LANGUAGES


def show_step() -> Response:
    """The open step of a flow, for whom the session that is there is not enough; without a flow a
    plain sign-in begins."""
    no_referrer()
    flow_id = request.args.get("flow", "")
    if not flow_id:
        return _begin_plain()
    with current_installation().database.read() as tx:
        flow, session = flows.load(tx, flow_id, browser_id()), current_session(tx)
        question = _open_question(tx, flow, session) if flow and session else "session"
    if flow is None:
        return _without_flow(flow_id)
    if question is None:
        return redirect(onward_url(flow), 303)
    if question == CHOOSE and session is not None and OTHER_ACCOUNT not in request.args:
        return _show_choice(flow, session)
    return dispatch.show(flow)


def answer_step() -> Response:
    """The answer to the open step, or to the question who goes on; or the form in another language,
    with what was typed into it so far."""
    no_referrer()
    flow_id = request.args.get("flow", "")
    with current_installation().database.read() as tx:
        flow, session = flows.load(tx, flow_id, browser_id()), current_session(tx)
    if flow is None:
        flow = _restored(flow_id)
    if flow is None:
        return _without_flow(flow_id)
    if session is not None and is_signed_in_within(flow, session):
        return redirect(onward_url(flow), 303)  # the form was sent twice
    if (language := request.form.get(LANGUAGE, "")) in LANGUAGES:
        here = dispatch.in_address(flow) | {LANGUAGE: language}
        return redirect(pages.page_url(flow, **here), 303)
    if request.form.get("choice") == "continue":
        return _go_on_with(flow, session)
    return dispatch.answer(flow)


def begin_again() -> Response:
    """The same sign-in anew, after its page had stood open for too long."""
    no_referrer()
    with current_installation().database.write() as tx:
        past = flows.find_past(tx, request.args.get("flow", ""), browser_id())
        if past is None or past.stage == FINISHED:
            return redirect(paths.SIGN_IN, 303)
        flow_id = flows.create(tx, past.request, past.client_id, browser_id())
    return redirect(_first_url(flow_id), 303)


def _restored(flow_id: str) -> Flow | None:
    """The flow that was pushed out of the store meanwhile, from the copy in the form."""
    installation, sealed = current_installation(), request.form.get(pages.FLOW_COPY, "")
    if not sealed:
        return None
    with installation.database.write() as tx:
        flows.restore(tx, installation.keyring, flow_id, browser_id(), sealed)
        return flows.load(tx, flow_id, browser_id())


def _open_question(tx: Connection, flow: Flow, session: Session) -> str | None:
    """Why the person who is here must be asked anything; None: they may go on."""
    if is_signed_in_within(flow, session):
        return None
    if not flow.client_id:
        return "own_page" if own_pages.wants_fresh(flow) else None
    return find_open_question(current_installation(), tx, flow, session)


def _show_choice(flow: Flow, session: Session) -> Response:
    """Who goes on: the person who is signed in, or somebody else (OIDC Core section 3.1.2.1)."""
    in_address = dispatch.in_address(flow)
    pages.prepare(flow, **in_address)
    with current_installation().database.read() as tx:
        application, person = pages.application_of(tx, flow), read_signed_in(tx, session)
    page = render_template(
        "signin/already_signed_in.html",
        application=application,
        person=person,
        other_url=pages.page_url(flow, **(in_address | {OTHER_ACCOUNT: "1"})),
    )
    return make_response(page)


def _go_on_with(flow: Flow, session: Session | None) -> Response:
    if session is None:
        # It ended while the question stood open.
        return redirect(pages.page_url(flow, **dispatch.in_address(flow)), 303)
    with current_installation().database.write() as tx:
        flows.choose_session(tx, flow.id, session.sid)
    return redirect(onward_url(flow), 303)


def _begin_plain() -> Response:
    with current_installation().database.write() as tx:
        if current_session(tx) is not None:
            return redirect(paths.HOME, 303)
        flow_id = flows.create(tx, {}, "", browser_id())
    return redirect(_first_url(flow_id), 303)


def _first_url(flow_id: str) -> str:
    return f"{paths.SIGN_IN}?" + urlencode({"flow": flow_id})


def _without_flow(flow_id: str) -> Response:
    """The answer to a request that has no flow to go on with."""
    installation = current_installation()
    with installation.database.read() as tx:
        page = lost_flow_page(installation, tx, flow_id)
        is_ours = flows.find_past(tx, flow_id, browser_id()) is not None
        is_elsewhere = not is_ours and flows.exists(tx, flow_id) and current_session(tx) is None
    if is_elsewhere:
        raise Forbidden(SIGNIN_OTHER_BROWSER)
    return render(page)
