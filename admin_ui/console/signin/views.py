"""``/dang-nhap``, ``/callback``, ``/dang-xuat`` and ``/backchannel-logout``."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from admin_ui.console import sessions
from admin_ui.console.errors import (
    CONSOLE_LOGOUT_TOKEN_REFUSED,
    CONSOLE_SIGN_IN_FAILED,
    CONSOLE_SIGN_IN_REFUSED,
    CONSOLE_SIGN_IN_STALE,
)
from admin_ui.console.kept_forms import carry_over
from admin_ui.console.screen import PUBLIC, SIGNED_IN, Screen
from admin_ui.console.signin import attempt, tokens
from admin_ui.console.signin.attempt import Attempt
from admin_ui.console.signin.begin import ANEW, START_PATH, authorization_url
from admin_ui.console.visitor import (
    COOKIE,
    clear_session_cookie,
    current_visitor,
    recognise,
    set_session_cookie,
)
from admin_ui.console_application import BACKCHANNEL_PATH, CALLBACK_PATH
from directory.authz.permissions import ADMIN_APPLICATION
from directory.clock import MINUTE
from directory.database.single_use import single_use, was_used
from directory.errors import AppError, Forbidden
from directory.ids import digest
from idp.keys.jose import Refused
from idp.lifetimes import ATTEMPT_MS
from idp.paths import END_SESSION
from web import csrf
from web.current import current_installation
from web.error_pages import advice, note, sentence
from web.headers import no_referrer
from web.i18n import gettext
from web.leaving import leave_to
from web.state import current_kit
from web.urls import absolute

# RFC 6749 section 4.1.2.1: other words of an address do not get into the log.
_ERRORS = ("access_denied", "invalid_request", "server_error", "temporarily_unavailable")
signin = Blueprint("signin", __name__)
SCREEN = Screen(
    signin,
    {
        "start": PUBLIC,
        "finish": PUBLIC,
        "leave": SIGNED_IN,
        "receive_logout_token": PUBLIC,  # proves itself by its signature
    },
    # The issuer posts it from elsewhere.
    for_programs=("receive_logout_token",),
)

_ATTEMPT = "console-sign-in"
_PARAMETERS = ("code", "state", "iss", "error")


@signin.get(START_PATH)
def start() -> Response:
    """To the issuer, and afterwards back to where the person was going."""
    anew = ANEW in request.args
    return redirect(authorization_url(request.args.get("ve", "/"), anew=anew), 303)


@signin.get(CALLBACK_PATH)
def finish() -> Response:
    """The issuer's answer: a code becomes a session, anything else a page that says so."""
    no_referrer()
    try:
        value, return_to = _sign_in()
    except AppError as error:
        note(error)
        return _refused(error)
    response = redirect(return_to, 303)
    if value:
        set_session_cookie(response, value)
    return response


@signin.post("/dang-xuat")
def leave() -> Response:
    """Out here, then at the issuer, which tells the other applications."""
    installation, session = current_installation(), current_visitor().session
    with installation.database.write() as tx:
        sessions.end(tx, session.cookie_hash)
    # No way back is asked for: the issuer's own page knows which applications were told.
    parameters = {
        "id_token_hint": sessions.open_id_token(installation.keyring, session),
        "client_id": ADMIN_APPLICATION,
    }
    target = absolute(installation.settings, END_SESSION)
    response = leave_to(f"{target}?{urlencode(parameters)}", gettext("the sign-out page"))
    clear_session_cookie(response)
    return response


@signin.post(BACKCHANNEL_PATH)
def receive_logout_token() -> Response:
    """Back-Channel Logout: the issuer says that a sign-in is over."""
    installation, sent = current_installation(), request.form.getlist("logout_token")
    try:
        if len(sent) != 1:
            raise Refused("not one logout_token")
        sid, jti = tokens.check_logout_token(installation, sent[0])
        with installation.database.write() as tx:
            # Section 2.6: a token counts once.
            if not single_use(tx, "console-logout", jti, 10 * MINUTE):
                raise Refused("used before")
            sessions.end_by_sid(tx, sid)
    except Refused as refusal:
        note(Forbidden(CONSOLE_LOGOUT_TOKEN_REFUSED, detail=str(refusal)))
        return make_response(jsonify({"error": "invalid_request"}), 400)
    return make_response("", 200)


def _sign_in() -> tuple[str, str]:
    """The new session's cookie value and the page to go to. Raises AppError.

    No value for who is in already and only opened the way back again: back button, another tab.
    """
    arguments, installation = request.args, current_installation()
    if any(len(arguments.getlist(name)) > 1 for name in _PARAMETERS):
        raise Forbidden(CONSOLE_SIGN_IN_FAILED, detail="a parameter twice")
    begun = attempt.unseal(
        installation.keyring, csrf.known_browser_id(), arguments.get("state", "")
    )
    if begun is None or _is_finished(begun):
        if recognise() is not None:
            return "", begun.return_to if begun else "/"
        raise Forbidden(CONSOLE_SIGN_IN_STALE, detail="state")
    # RFC 9207 section 2.4: an error counts only with the right issuer, too.
    if arguments.get("iss") != installation.settings.issuer:
        raise Forbidden(CONSOLE_SIGN_IN_FAILED, detail="iss")
    if "error" in arguments:
        known = arguments["error"] in _ERRORS
        raise Forbidden(CONSOLE_SIGN_IN_REFUSED, detail=arguments["error"] if known else "other")
    code = arguments.get("code", "")
    if not code:
        raise Forbidden(CONSOLE_SIGN_IN_FAILED, detail="no code")
    proof = tokens.redeem(installation, code, begun.verifier, begun.nonce)
    replaced = request.cookies.get(current_kit().cookie_name(COOKIE), "")
    with installation.database.write() as tx:
        single_use(tx, _ATTEMPT, begun.nonce, ATTEMPT_MS)
        is_theirs = sessions.find_person(tx, replaced) == proof.person_id
        value = sessions.open_session(
            tx, installation.keyring, proof.person_id, proof.sid, proof.id_token, replaces=replaced
        )
        if is_theirs:
            carry_over(tx, digest(replaced), digest(value))
    return value, begun.return_to


def _is_finished(begun: Attempt) -> bool:
    """Whether this attempt became a session before: its code would count as stolen now."""
    with current_installation().database.read() as tx:
        return was_used(tx, _ATTEMPT, begun.nonce)


def _refused(error: AppError) -> Response:
    page = render_template(
        "console/sign_in_refused.html",
        sentence=sentence(error),
        advice=advice(error),
        sign_in_url=START_PATH,
        issuer_url=current_installation().settings.issuer + "/",
    )
    if isinstance(error, Forbidden):
        return make_response(page, 400)
    return make_response(page, 503, {"Retry-After": str(error.params.get("retry_after_s", 5))})
