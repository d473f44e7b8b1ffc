"""Must the person sign in (again)? Each reason is one named line."""

from __future__ import annotations

from collections.abc import Callable

from directory.clock import now_s
from idp.factor_policy.enforcement import find_wanted
from idp.factor_policy.limits import find_limits, is_past
from idp.flows.store import Flow
from idp.levels import ONE_FACTOR
from idp.oidc.request_under_check import AuthorizationRequest
from idp.sessions.store import Session

Reason = Callable[[AuthorizationRequest, Session, bool], bool]


def _asked_to_sign_in(asked: AuthorizationRequest, _session: Session, is_fresh: bool) -> bool:
    return "login" in asked.prompts and not is_fresh


def _signed_in_too_long_ago(asked: AuthorizationRequest, session: Session, is_fresh: bool) -> bool:
    if asked.max_age is None or is_fresh:
        return False
    # max_age=0 is prompt=login by another name (OIDC Core section 3.1.2.1, errata).
    return asked.max_age == 0 or now_s() - session.auth_time > asked.max_age


def _is_past_its_limits(asked: AuthorizationRequest, session: Session, is_fresh: bool) -> bool:
    limits = None if is_fresh else find_limits(asked.tx, session.person_id)
    return limits is not None and is_past(session, limits)


def _is_another_person(asked: AuthorizationRequest, session: Session, _is_fresh: bool) -> bool:
    return bool(asked.hinted_person) and session.person_id != asked.hinted_person


def _has_proved_too_little(asked: AuthorizationRequest, session: Session, _is_fresh: bool) -> bool:
    if session.acr < asked.least_acr:
        return True
    if session.acr != ONE_FACTOR:
        return False
    return find_wanted(asked.tx, session.person_id, asked.client.id).is_enforced


# The one reason that the person who is there answers without a password, by saying who goes on.
CHOOSE = "select_account"

# The one reason that counts only for whom the application lets in.
PROVED_TOO_LITTLE = "acr"

REASONS: dict[str, Reason] = {
    "prompt": _asked_to_sign_in,
    "max_age": _signed_in_too_long_ago,
    "limits": _is_past_its_limits,
    "id_token_hint": _is_another_person,
    PROVED_TOO_LITTLE: _has_proved_too_little,
}


def find_reason(
    asked: AuthorizationRequest, session: Session | None, flow: Flow | None
) -> str | None:
    """Why the sign-in pages must come first, or None: the person may be handed on.

    `flow`: the flow in which the person just signed in, when they come from those pages. Only a
    sign-in within this very flow answers `prompt=login`; the browser's word does not.
    """
    if session is None:
        return "session"
    is_fresh = is_signed_in_within(flow, session)
    found = (name for name, applies in REASONS.items() if applies(asked, session, is_fresh))
    reason = next(found, None)
    if reason is None and CHOOSE in asked.prompts and not _is_chosen(flow, session):
        return CHOOSE
    return reason


def _is_chosen(flow: Flow | None, session: Session) -> bool:
    """Whether the person signed in within this flow, or chose this session in it."""
    return flow is not None and flow.session_sid == session.sid


def is_signed_in_within(flow: Flow | None, session: Session) -> bool:
    """Whether this session was opened or renewed by the steps of this flow."""
    return (
        flow is not None and flow.authenticated_at is not None and flow.session_sid == session.sid
    )
