"""GET /thu-dang-nhap?thu=…: a trial begins."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, request
from sqlalchemy import Connection

from directory.installation import Installation
from idp import paths
from idp.flows import store as flows
from idp.oidc.request_under_check import ANYBODY, TRIED_BY
from idp.oidc.responses import Outcome, Page, ToPage, render
from idp.oidc.trials.link import PARAMETER, open_address, take
from idp.sessions.cookies import current_session
from web.csrf import browser_id
from web.current import current_installation
from web.headers import no_referrer


def begin_trial() -> Response:
    """Go on as if the application had sent the browser here."""
    no_referrer()
    installation = current_installation()
    return render(installation.database.retrying(lambda tx: _begin(installation, tx)))


def _begin(installation: Installation, tx: Connection) -> Outcome:
    trial = open_address(installation.keyring, request.args.get(PARAMETER, ""))
    if trial is None:
        return _lost("gone")
    if trial.sid and not _is_session(tx, trial.sid):
        # Somebody else's address, or its session has ended: it is left as it is.
        return _lost("elsewhere")
    if not take(tx, trial):
        return _lost("gone")
    asked = {**trial.parameters, TRIED_BY: trial.person_id or ANYBODY}
    flow_id = flows.create(tx, asked, trial.client_id, browser_id())
    return ToPage(f"{paths.CONTINUE}?{urlencode({'flow': flow_id})}")


def _is_session(tx: Connection, sid: str) -> bool:
    session = current_session(tx)
    return session is not None and session.sid == sid


def _lost(why: str) -> Page:
    return Page("oidc/trial_lost.html", 410, {"why": why})
