"""Where a trial ends: a page of ours that says what the application would have got."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from directory.actor import Actor
from directory.audit import log as audit
from directory.authz.decisions import Decision
from directory.release.attributes import ATTRIBUTES, asked_by
from directory.release.register import find_release
from idp.oidc.access import AccessGranted
from idp.oidc.claims import Claims, userinfo_claims
from idp.oidc.codes import Code
from idp.oidc.diagnosis import Fault
from idp.oidc.events import APPLICATION_TRIED
from idp.oidc.grants.authorization_code import family_of
from idp.oidc.request_under_check import ANYBODY, AuthorizationRequest
from idp.oidc.responses import Page
from idp.oidc.tokens import id_token
from idp.sessions.store import Session
from web.current import actor_here

# Of the protocol, not of the person (OIDC Core section 2).
_OF_TOKEN = frozenset(
    {"iss", "sub", "aud", "exp", "iat", "auth_time", "acr", "amr", "sid", "nonce", "roles_at"}
)


def show_faults(
    asked: AuthorizationRequest, session: Session | None, faults: Sequence[Fault]
) -> Page:
    """The application would have got an error, or the person a page that says so."""
    person_id = session.person_id if session else ""
    return _page(asked, actor_here(person_id, ""), "faulty", faults=faults)


def show_trial(
    asked: AuthorizationRequest, session: Session, entry: AccessGranted, code: Code
) -> Page:
    """The application would have got a code. `code`: what that code would carry; it is not sealed,
    and nothing of it is kept."""
    actor = actor_here(session.person_id, entry.agency_id)
    if asked.tried_by not in (ANYBODY, session.person_id):
        return _page(asked, actor, "other_person")
    if not entry.decision.allowed:
        return _page(asked, actor, "refused", reason=_why(entry.decision))
    return _page(asked, actor, "entered", **_told(asked, entry, code))


def _told(asked: AuthorizationRequest, entry: AccessGranted, code: Code) -> Mapping[str, Any]:
    """The claims exactly as the endpoints make them, of values that were never handed out."""
    family = family_of(code, offline=False)
    made = id_token(
        asked.installation, family, asked.client, asked.scope, code.nonce, entry.claims
    ).claims
    told = userinfo_claims(code.person_id, entry.claims, asked.scope)
    release = find_release(asked.tx, asked.client.id)
    released = release.attributes if release is not None else {}
    return {
        "claims": _rows(made, told),
        "id_token": _pretty(made),
        "userinfo": _pretty(told),
        "withheld": [
            ATTRIBUTES[name].label for name in asked_by(asked.scope.split()) if name not in released
        ],
        "left_out": sorted(
            set(asked.parameters.get("scope", "").split()) - set(code.scope.split())
        ),
        "redirect_uri": asked.redirect_uri,
        "scope": asked.scope,
        "acr": code.acr,
    }


def _rows(made: Claims, told: Claims) -> list[dict[str, Any]]:
    """What is told of the person, and where."""
    names = [name for name in {**told, **made} if name not in _OF_TOKEN]
    return [
        {
            "name": name,
            "value": _short(told.get(name, made.get(name))),
            "in_id_token": name in made,
            "in_userinfo": name in told,
        }
        for name in names
    ]


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _pretty(claims: Claims) -> str:
    return json.dumps(claims, ensure_ascii=False, indent=2)


def _why(decision: Decision) -> str:
    return {"other_agency": "agencies", "no_role": "roles"}.get(decision.reason, "")


def _page(asked: AuthorizationRequest, actor: Actor, result: str, **values: Any) -> Page:
    client = asked.client if asked.is_client_known() else None
    audit.record(
        asked.tx,
        APPLICATION_TRIED,
        actor,
        subject=audit.client_tag(client.id) if client else "",
        result=result,
    )
    told = {"result": result, "application": {"name": client.name if client else ""}}
    return Page("oidc/trial.html", 200, {**told, "back_url": _back_url(asked), **values})


def _back_url(asked: AuthorizationRequest) -> str:
    """The application in the console, for whoever came from there. Ids that are addresses hold
    slashes, which stand in a path written twice over."""
    if asked.tried_by == ANYBODY or not asked.is_client_known():
        return ""
    segment = quote(quote(asked.client.id, safe=""), safe="")
    return f"{asked.installation.settings.console_url}/ung-dung/{segment}"
