"""The address of the sign-in: ``/dang-nhap?flow=…``."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from directory.errors import Forbidden
from idp.clients.registry import find_client
from idp.clients.start import start_url
from idp.flows import store as flows
from idp.flows.store import Flow
from idp.kit.csrf import browser_id
from idp.kit.headers import no_referrer
from idp.request import current_house
from idp.sessions.cookies import current_session
from idp.signin import dispatch

signin = Blueprint("signin", __name__)


@signin.get("/dang-nhap")
def show_step() -> Response:
    """The open step of a flow; without a flow a plain sign-in begins."""
    no_referrer()
    flow_id = request.args.get("flow", "")
    if not flow_id:
        return _begin_plain()
    flow = _load(flow_id)
    return dispatch.show(flow) if isinstance(flow, Flow) else flow


@signin.post("/dang-nhap")
def answer_step() -> Response:
    """The answer to the open step."""
    no_referrer()
    flow = _load(request.args.get("flow", ""))
    return dispatch.answer(flow) if isinstance(flow, Flow) else flow


def _begin_plain() -> Response:
    with current_house().database.write() as tx:
        if current_session(tx) is not None:
            return redirect("/", 303)
        flow_id = flows.create(tx, {}, "", browser_id())
    return redirect("/dang-nhap?" + urlencode({"flow": flow_id}), 303)


def _load(flow_id: str) -> Flow | Response:
    """The flow, or the answer to a request that has none to go on with."""
    with current_house().database.read() as tx:
        flow = flows.load(tx, flow_id, browser_id())
        session = current_session(tx)
        is_elsewhere = flow is None and flows.exists(tx, flow_id)
        client = find_client(current_house(), tx, flows.client_of(tx, flow_id, browser_id()))
    if flow is not None and session is not None and flow.session_sid == session.sid:
        return redirect(dispatch.onward_url(flow), 303)  # back button, or the form was sent twice
    if flow is not None:
        return flow
    application = {"name": client.name, "start_url": start_url(client)} if client else None
    if session is not None:
        page = render_template("signin/link_reused.html", application=application, signed_in=True)
        return make_response(page, 410)
    if is_elsewhere:
        raise Forbidden("signin.other_browser")
    page = render_template("signin/session_expired.html", application=application)
    return make_response(page, 410)
