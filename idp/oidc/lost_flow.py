"""The page for an address whose sign-in we no longer have: what became of it, and the way on."""

from __future__ import annotations

from urllib.parse import urlencode

from sqlalchemy import Connection

from directory.installation import Installation
from idp import paths
from idp.clients.registry import find_client
from idp.clients.start import start_url
from idp.flows import store as flows
from idp.flows.store import FINISHED
from idp.oidc.responses import Page
from idp.sessions.cookies import current_session
from web.csrf import browser_id


def lost_flow_page(installation: Installation, tx: Connection, flow_id: str) -> Page:
    """Open for too long: it may begin again. Finished: the application it was for."""
    past = flows.find_past(tx, flow_id, browser_id())
    client = find_client(installation, tx, past.client_id) if past and past.client_id else None
    application = {"name": client.name, "start_url": start_url(client)} if client else None
    is_signed_in = current_session(tx) is not None
    if past is None and not is_signed_in:
        nothing = {"is_known": False, "application": None, "again_url": paths.HOME}
        return Page("signin/session_expired.html", 410, nothing)
    if past is not None and past.stage != FINISHED:
        again_url = f"{paths.SIGN_IN_AGAIN}?" + urlencode({"flow": flow_id})
        values = {"is_known": True, "application": application, "again_url": again_url}
        return Page("signin/session_expired.html", 410, values)
    known = {"application": application, "signed_in": is_signed_in}
    return Page("signin/link_reused.html", 410, known)
