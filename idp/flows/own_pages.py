"""Sign-ins on the way to a page of ours that wants to be sure who is there.

What can take an account over (`idp.factors`: adding and removing ways to sign in) wants a sign-in
of the last minutes, with a second factor where the person has one: a browser left open for a
moment, or a stolen cookie, is not enough.
"""

from __future__ import annotations

from urllib.parse import urlencode

from sqlalchemy import Connection

from directory import clock
from idp import paths
from idp.flows import store as flows
from idp.flows.store import Flow
from idp.sessions.store import Session
from web.csrf import browser_id

FRESH_S = 5 * clock.MINUTE // clock.SECOND
# In the request of a flow that no application began; never from a browser.
_PAGE = "own_page"


def is_fresh(session: Session) -> bool:
    """Whether the person has proved within the last five minutes who they are."""
    return -clock.SKEW_MS // clock.SECOND <= clock.now_s() - session.auth_time <= FRESH_S


def begin_fresh(tx: Connection, path: str) -> str:
    """A sign-in that ends at `path` of ours, though a session be there; gives its address."""
    flow_id = flows.create(tx, {_PAGE: path}, "", browser_id())
    return f"{paths.SIGN_IN}?" + urlencode({"flow": flow_id})


def wants_fresh(flow: Flow) -> bool:
    """Whether the session that is there does not answer this flow, whatever it is."""
    return not flow.client_id and _PAGE in flow.request


def page_of(flow: Flow) -> str:
    """Where a flow that no application began leads."""
    return flow.request.get(_PAGE, paths.HOME)
