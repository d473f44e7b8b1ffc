"""The addresses of journeys that begin with a page of ours: ``/kich-hoat?flow=…``, and others.

As at the sign-in, whatever a browser shows or sends again, late, twice or from another tab leads to
the page that makes sense next.
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from directory.errors import Forbidden
from idp import paths
from idp.flows import pages
from idp.flows import store as flows
from idp.flows.store import AUTHENTICATED, FINISHED, Flow
from idp.journeys import dispatch
from idp.journeys.errors import JOURNEY_OTHER_BROWSER
from idp.journeys.journey import Journey
from idp.sessions.cookies import current_session
from idp.sessions.person import read_signed_in
from web.csrf import browser_id
from web.current import current_installation
from web.headers import no_referrer


def show(journey: Journey, begun_with: dict[str, str] | None = None, *, step: str = "") -> Response:
    """The open step of a flow; without one the journey begins, with what it was `begun_with`, at
    its first step or at `step`."""
    no_referrer()
    flow_id = request.args.get("flow", "")
    if not flow_id:
        return _begin(journey, begun_with or {}, step)
    flow = _find(journey, flow_id)
    if flow is None:
        return _without_flow(journey, flow_id)
    return _other_person(flow) or dispatch.show(flow)


def answer(journey: Journey) -> Response:
    """The answer to the open step."""
    no_referrer()
    flow_id = request.args.get("flow", "")
    flow = _find(journey, flow_id) or _restored(journey, flow_id)
    if flow is None:
        return _without_flow(journey, flow_id)
    return _other_person(flow) or dispatch.answer(flow)


def _find(journey: Journey, flow_id: str) -> Flow | None:
    with current_installation().database.read() as tx:
        flow = flows.load(tx, flow_id, browser_id(), journey.name)
    return flow if flow is not None and flow.stage != AUTHENTICATED else None


def _begin(journey: Journey, begun_with: dict[str, str], step: str) -> Response:
    with current_installation().database.write() as tx:
        flow_id = flows.create(tx, begun_with, "", browser_id(), journey.name)
    asked = {pages.STEP: step} if step else {}
    return redirect(f"{journey.path}?" + urlencode({"flow": flow_id} | asked), 303)


def _restored(journey: Journey, flow_id: str) -> Flow | None:
    """What was pushed out of the store meanwhile, from the copy in the form."""
    installation, sealed = current_installation(), request.form.get(pages.FLOW_COPY, "")
    if not sealed:
        return None
    with installation.database.write() as tx:
        flows.restore(tx, installation.keyring, flow_id, browser_id(), sealed)
    return _find(journey, flow_id)


def _other_person(flow: Flow) -> Response | None:
    """Somebody else is signed in here: their browser is not used for this."""
    person_id = flow.progress.person_id
    if not person_id:
        return None
    with current_installation().database.read() as tx:
        session = current_session(tx)
        if session is None or session.person_id == person_id:
            return None
        person = read_signed_in(tx, session)
    pages.prepare(flow)
    page = render_template(
        "signin/other_person.html",
        person=person,
        sign_out_url=paths.SIGN_OUT,
        retry_url=pages.page_url(flow),
    )
    return make_response(page, 409)


def _without_flow(journey: Journey, flow_id: str) -> Response:
    """Done already, open for too long, or begun in another browser."""
    with current_installation().database.read() as tx:
        past = flows.find_past(tx, flow_id, browser_id(), journey.name)
        is_elsewhere = past is None and flows.exists(tx, flow_id, journey.name)
    if is_elsewhere:
        raise Forbidden(JOURNEY_OTHER_BROWSER)
    is_done = past is not None and past.stage in (AUTHENTICATED, FINISHED)
    back = past.request.get("back", "") if past else ""
    page = render_template(
        journey.done if is_done else "signin/journey_over.html",
        is_done=is_done,
        again_url=journey.path,
        home_url=paths.HOME,
        sign_in_url=pages.sign_in_url(back),
    )
    return make_response(page, 200 if is_done and journey.name == flows.RECOVER else 410)
