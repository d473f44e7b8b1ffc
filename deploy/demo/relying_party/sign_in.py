"""Sign-in (authorization code with PKCE) and the person's own logout."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Collection
from typing import cast

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from relying_party.errors import ProviderUnreachable, SignInRefused
from relying_party.member import Member, current_member, member_as_data, member_from_claims
from relying_party.proof import ASKED, BINDING, NOTHING_MORE, Proof
from relying_party.provider import fetch_claims, provider, reaching_provider
from relying_party.sessions import SessionTable, SignIn, StoredSession
from relying_party.settings import Settings

# A path of this application: never "//host", never "/\host", never a scheme.
LOCAL_PATH = re.compile(r"/(?:[a-z0-9][a-z0-9/-]*)?")
SINGLE_PARAMETERS = ("code", "state", "iss", "error")
STATES_KEPT = 8

log = logging.getLogger(__name__)


def create_sign_in(
    settings: Settings,
    sessions: SessionTable,
    known_roles: Collection[str],
    on_sign_in: Callable[[Member], None],
) -> Blueprint:
    """The pages `/`, `/dang-nhap`, `/callback` and `/dang-xuat`."""
    blueprint = Blueprint("sign_in", __name__)

    @blueprint.get("/")
    def home() -> ResponseReturnValue:
        if current_member():
            return redirect(url_for("business.home"))
        if _is_return_from_logout():
            flash("Anh/Chị đã đăng xuất.")
            return redirect(url_for("sign_in.home"))
        return render_template(
            "relying_party/home.html",
            return_to=local_path(request.args.get("ve")),
            was_turned_away="ve" in request.args,
        )

    @blueprint.get("/dang-nhap")
    def start() -> ResponseReturnValue:
        return_to, member = local_path(request.args.get("ve")), current_member()
        more = BINDING if ASKED in request.args else NOTHING_MORE
        if member and more.is_given_by(member):
            return redirect(return_to)
        _forget_old_attempts()
        state = secrets.token_urlsafe(32)
        with reaching_provider():
            provider().make_sure_it_answers()
            answer: ResponseReturnValue = provider().authorize_redirect(
                settings.redirect_uri, state=state, **more.as_parameters()
            )
        _note_asked(state, more)
        _note_return_path(state, return_to)
        return answer

    @blueprint.get("/callback")
    def finish() -> ResponseReturnValue:
        return_to = _return_path(request.args.get("state", ""))
        if current_member() and not _is_expected(request.args.get("state", "")):
            # The way back was opened again (back button, another tab): they are in already.
            return redirect(return_to)
        _check_authorization_response(settings.issuer)
        claims, id_token = fetch_claims(settings)
        member = member_from_claims(claims, known_roles)
        _require_what_was_asked(request.args["state"], member)
        data = {
            "return_paths": session.get("return_paths", {}),  # tabs that are still on their way
            "asked": session.get("asked", []),
            "member": member_as_data(member),
            "id_token": id_token,
            "form_token": secrets.token_urlsafe(32),
        }
        sid = claims.get("sid")
        sign_in = SignIn(
            sub=member.sub, sid=sid if isinstance(sid, str) else None, issued_at=int(claims["iat"])
        )
        current = _current_session()
        # A new id on the way in: one that was planted before sign-in is worth nothing after it.
        current.replace(data, sessions.open_signed_in(data, sign_in, current.session_id))
        on_sign_in(member)
        log.info("signed in: %s", member.sub)
        return redirect(return_to)

    @blueprint.post("/dang-xuat")
    def leave() -> ResponseReturnValue:
        current, id_token = _current_session(), session["id_token"]
        sessions.end(current.session_id)
        current.leave()
        try:
            with reaching_provider():
                provider().make_sure_it_answers()
                target = provider().create_logout_url(
                    post_logout_redirect_uri=settings.post_logout_redirect_uri,
                    id_token_hint=id_token,
                    client_id=settings.client_id,
                )
        except ProviderUnreachable:
            return render_template("relying_party/left_here_only.html"), 503
        session["logout_state"] = target["state"]
        return (
            render_template("relying_party/to_provider.html", url=target["url"]),
            200,
            {"Referrer-Policy": "no-referrer"},
        )

    return blueprint


def local_path(path: str | None) -> str:
    """`path` when it is one of this application's own, else the home page."""
    return path if path and LOCAL_PATH.fullmatch(path) else "/"


def _note_return_path(state: str, path: str) -> None:
    """Each tab goes back to where it came from."""
    paths = session.get("return_paths", {}) | {state: path}
    session["return_paths"] = dict(list(paths.items())[-STATES_KEPT:])


def _note_asked(state: str, more: Proof) -> None:
    """What this attempt was begun for is looked for in what comes of it."""
    if more is not NOTHING_MORE:
        session["asked"] = [*session.get("asked", []), state][-STATES_KEPT:]


def _require_what_was_asked(state: str, member: Member) -> None:
    if state in session.get("asked", []) and not BINDING.is_given_by(member):
        # Sent there once more it would be the same: browser and servers would go in circles.
        raise SignInRefused("acr")


def _return_path(state: str) -> str:
    return local_path(session.get("return_paths", {}).get(state))


def _is_expected(state: str) -> bool:
    """Whether this browser began the sign-in that `state` names, and has not finished it."""
    return provider().framework.get_state_data(session, state) is not None


def _forget_old_attempts() -> None:
    """Keep the newest attempts: every tab may have one under way."""
    states = [key for key in session if key.startswith("_state_")]
    for key in states[:-STATES_KEPT]:
        session.pop(key)


def _check_authorization_response(issuer: str) -> None:
    """Refuse an answer nobody here asked for, or of another issuer, before it is used."""
    arguments = request.args
    if any(len(arguments.getlist(name)) > 1 for name in SINGLE_PARAMETERS):
        raise SignInRefused("parameter twice")
    client, state = provider(), arguments.get("state", "")
    if not _is_expected(state):
        raise SignInRefused("state")
    try:
        # RFC 9207 section 2.4: also an error response counts only with the right issuer.
        if arguments.get("iss") != issuer:
            raise SignInRefused("iss")
        if "error" in arguments:
            raise SignInRefused(arguments["error"][:60])
        if not arguments.get("code"):
            raise SignInRefused("code")
    except SignInRefused:
        client.framework.clear_state_data(session, state)
        raise


def _is_return_from_logout() -> bool:
    state = request.args.get("state", "")
    expected = session.get("logout_state", "")
    if not state or not secrets.compare_digest(state.encode(), expected.encode()):
        return False
    session.pop("logout_state")
    return True


def _current_session() -> StoredSession:
    return cast(StoredSession, session._get_current_object())  # type: ignore[attr-defined]
