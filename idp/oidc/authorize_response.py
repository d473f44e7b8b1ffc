"""After the checks: sign in first, be told why not, or enter the application with a code."""

from __future__ import annotations

from urllib.parse import urlencode

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.errors import AccessDeniedError
from authlib.oidc.core.errors import LoginRequiredError

from directory.actor import Actor
from directory.audit import log as audit
from directory.audit.anonymous import record_anonymous
from directory.authz.decisions import Decision
from directory.clock import now_ms
from idp.flows import store as flows
from idp.flows.store import Flow
from idp.oidc import refusal
from idp.oidc.access import AccessGranted, read_access
from idp.oidc.codes import Code, seal_code
from idp.oidc.diagnosis import explain, reason_of, received_of
from idp.oidc.events import APPLICATION_ENTERED, APPLICATION_REFUSED, AUTHZ_REQUEST_REFUSED
from idp.oidc.interaction import PROVED_TOO_LITTLE, find_reason, is_signed_in_within
from idp.oidc.liveness import read_token_context
from idp.oidc.request_under_check import AuthorizationRequest
from idp.oidc.responses import Outcome, ToPage, hand_over, hand_over_error
from idp.oidc.token_families import new_family_id
from idp.oidc.trials.ending import show_faults, show_trial
from idp.sessions.cookies import current_session
from idp.sessions.store import Session, note_client
from web.csrf import browser_id
from web.current import actor_here


class UnmetAuthenticationRequirementsError(OAuth2Error):
    """OpenID Connect Core Error Code unmet_authentication_requirements; RFC 9470 section 5."""

    error = "unmet_authentication_requirements"
    description = "The person cannot sign in at the level asked for."


# Errors an application provokes in the course of normal work: not worth an audit event each.
_EVERYDAY = frozenset({"login_required", "interaction_required"})


def answer(asked: AuthorizationRequest, session: Session | None, flow: Flow | None) -> Outcome:
    """What a request that passed every check comes to. `flow` is set when the browser comes from
    the sign-in pages."""
    reason = find_reason(asked, session, flow)
    if session is None or reason not in (None, PROVED_TOO_LITTLE):
        return _sign_in_first(asked, session, flow, reason or "session")
    entry = _read_access(asked, session)
    # Whoever may not enter is told so, and not asked to prove more first.
    if reason is not None and (entry.decision.allowed or asked.tried_by is not None):
        return _sign_in_first(asked, session, flow, reason)
    if flow is not None:
        flows.finish(asked.tx, flow.id)
    if asked.tried_by is not None:
        return show_trial(asked, session, entry, _code_of(asked, session))
    actor = actor_here(session.person_id, entry.agency_id)
    if not entry.decision.allowed:
        return _refuse_access(asked, session, actor, entry.decision)
    return _enter(asked, session, actor, flow)


def may_enter(asked: AuthorizationRequest, session: Session) -> bool:
    """Whether the application lets the person in, whatever they have proved; for a sign-in that is
    only tried, as if."""
    return asked.tried_by is not None or _read_access(asked, session).decision.allowed


def _read_access(asked: AuthorizationRequest, session: Session) -> AccessGranted:
    standing = read_token_context(asked.tx, session.person_id, session.sid, asked.client.id)
    if standing is None:
        return AccessGranted(Decision(False, "person_not_active"), {}, "")
    # Asked here and remembered: the code exchange that follows finds the claims ready.
    return read_access(asked.installation, asked.tx, asked.client.id, standing)


def _sign_in_first(
    asked: AuthorizationRequest, session: Session | None, flow: Flow | None, reason: str
) -> Outcome:
    if asked.is_silent:
        return tell(asked, LoginRequiredError("The person must sign in."))
    if flow is None:
        return _begin_flow(asked)
    if flow.authenticated_at is None:
        return ToPage("/dang-nhap?" + urlencode({"flow": flow.id}))
    flows.finish(asked.tx, flow.id)
    if reason == "id_token_hint" and session is not None and is_signed_in_within(flow, session):
        # They signed in, and as somebody else than the application expects.
        return tell(asked, LoginRequiredError("Another person signed in."))
    if reason == "acr" and session is not None and is_signed_in_within(flow, session):
        # Asked for all they have: once more would be no more.
        return tell(asked, UnmetAuthenticationRequirementsError())
    # The flow was answered and its session is gone (cookie refused, ended meanwhile): begin anew,
    # or browser and server would send each other round in circles.
    return _begin_flow(asked)


def _begin_flow(asked: AuthorizationRequest) -> Outcome:
    flow_id = flows.create(asked.tx, asked.known_parameters(), asked.client.id, browser_id())
    return ToPage("/dang-nhap?" + urlencode({"flow": flow_id}))


def _refuse_access(
    asked: AuthorizationRequest, session: Session, actor: Actor, decision: Decision
) -> Outcome:
    audit.record(
        asked.tx,
        APPLICATION_REFUSED,
        actor,
        subject=audit.client_tag(asked.client.id),
        session=session.sid,
        reason=decision.reason,
    )
    denied = hand_over_error(
        asked.installation, asked, AccessDeniedError("The person may not enter this application.")
    )
    if asked.is_silent:
        return denied
    return refusal.page(asked, session, decision, denied)


def _enter(
    asked: AuthorizationRequest, session: Session, actor: Actor, flow: Flow | None
) -> Outcome:
    note_client(asked.tx, session.sid, asked.client.id)
    audit.record(
        asked.tx,
        APPLICATION_ENTERED,
        actor,
        subject=audit.client_tag(asked.client.id),
        part_of=session.sid if _is_end_of_sign_in(session, flow) else "",
        session=session.sid,
        scope=asked.scope,
    )
    code = _code_of(asked, session)
    return hand_over(
        asked.installation, asked, {"code": seal_code(asked.installation.keyring, code)}
    )


def _code_of(asked: AuthorizationRequest, session: Session) -> Code:
    return Code(
        family_id=new_family_id(),
        client_id=asked.client.id,
        redirect_uri=asked.redirect_uri,
        challenge=asked.challenge,
        scope=asked.scope,
        resources=list(asked.resources),
        nonce=asked.parameters.get("nonce", ""),
        person_id=session.person_id,
        sid=session.sid,
        auth_time=session.auth_time,
        acr=session.acr,
        amr=list(session.amr),
        session_expires_at=session.expires_at,
        issued_at=now_ms(),
    )


def _is_end_of_sign_in(session: Session, flow: Flow | None) -> bool:
    """Whether the log tells the entry with the sign-in: they asked for it and signed in on the
    way. In a post they chose, the entry may belong to another agency than the sign-in."""
    return flow is not None and flow.authenticated_at is not None and not session.post_id


def tell(asked: AuthorizationRequest, error: OAuth2Error, parameter: str = "") -> Outcome:
    """Answer the application with an error, and audit what is out of the ordinary. `parameter`: the
    one at fault."""
    if asked.tried_by is not None:
        fault = explain(asked.client, reason_of(error), error.error)
        return show_faults(asked, current_session(asked.tx), [fault])
    if error.error not in _EVERYDAY:
        record_anonymous(
            asked.tx,
            AUTHZ_REQUEST_REFUSED,
            actor_here(),
            subject=audit.client_tag(asked.client.id),
            error=error.error,
            reason=error.get_error_description() or "",
            parameter=parameter,
            received=received_of(asked.parameters, parameter),
        )
    return hand_over_error(asked.installation, asked, error)
