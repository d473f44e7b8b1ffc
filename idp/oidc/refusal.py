"""The page for a person who is signed in but may not enter the application."""

from __future__ import annotations

from urllib.parse import urlencode

from directory.access.entering import CAN_BE_ASKED
from directory.authz.decisions import Decision
from directory.projection import queries
from idp.entry_requests.link import link_for
from idp.oidc.request_under_check import AuthorizationRequest
from idp.oidc.responses import Page, ToApplication, client_disabled
from idp.sessions.store import Session

_REASONS = {
    "other_agency": "agencies",
    "no_role": "roles",
}


def page(
    asked: AuthorizationRequest, session: Session, decision: Decision, denied: ToApplication
) -> Page:
    """Why not, whom to ask, and a way back to the application."""
    if decision.reason in ("application_disabled", "application_removed"):
        return client_disabled(asked)  # so lately that the client is still held as enabled
    person = queries.person(asked.tx, session.person_id)
    settings = asked.installation.settings
    by_address = denied.response_mode == "query"
    separator = "&" if "?" in denied.redirect_uri else "?"
    back = denied.redirect_uri + separator + urlencode(denied.fields) if by_address else ""
    values = {
        "application": {"name": asked.client.name},
        "person": {"full_name": person.full_name if person else ""},
        "reason": _REASONS.get(decision.reason, ""),
        "contact": {"name": settings.operator_name, "phone": settings.operator_phone, "mail": ""},
        "request_url": link_for(asked.installation.keyring, session.person_id, asked.client.id)
        if decision.reason in CAN_BE_ASKED
        else "",
        "return_url": back,
        "sign_out_url": "/logout",
    }
    return Page("signin/app_refused.html", 403, values)
