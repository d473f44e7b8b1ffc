"""Sending somebody to the issuer, and what a form gets that came too late."""

from __future__ import annotations

from urllib.parse import urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from admin_ui.console.signin import attempt
from admin_ui.console_application import CALLBACK_PATH
from directory.authz.permissions import ADMIN_APPLICATION
from directory.clock import MINUTE, SECOND
from idp.paths import AUTHORIZE
from web import csrf
from web.current import current_installation
from web.i18n import current_locale
from web.urls import absolute, safe_next

SCOPE = "openid profile"
START_PATH = "/dang-nhap"
ANEW = "lai"
"""In its address: though somebody is signed in, unless they have just proved who they are."""
_JUST_NOW_S = 4 * MINUTE // SECOND  # less than what `step_up` is content with: one can still act
_LONGEST_RETURN = 500


def ask_to_sign_in() -> Response:
    """For a page: sign in and come back to it. For a form: keep what was typed."""
    if request.method in ("GET", "HEAD"):
        wanted = request.full_path.rstrip("?")
        return redirect(f"{START_PATH}?" + urlencode({"ve": wanted}), 303)
    kept = [(name, value) for name, value in request.form.items(True) if name != csrf.FIELD]
    page = render_template(
        "console/session_expired.html", fields=kept, action=request.path, sign_in_url=START_PATH
    )
    return make_response(page, 401)


def anew_url(path: str) -> str:
    """Where somebody proves anew who they are, and comes back to `path`."""
    return f"{START_PATH}?" + urlencode({"ve": path, ANEW: "1"})


def authorization_url(return_to: str, *, anew: bool = False) -> str:
    """The issuer's address for a new attempt of this browser. `anew`: see `ANEW`."""
    installation = current_installation()
    begun = attempt.begin(safe_next(return_to[:_LONGEST_RETURN]))
    parameters = {
        "response_type": "code",
        "client_id": ADMIN_APPLICATION,
        "redirect_uri": installation.settings.console_url + CALLBACK_PATH,
        "scope": SCOPE,
        "state": attempt.seal(installation.keyring, csrf.browser_id(), begun),
        "nonce": begun.nonce,
        "code_challenge": create_s256_code_challenge(begun.verifier),
        "code_challenge_method": "S256",
        "ui_locales": current_locale(),
        **({"max_age": str(_JUST_NOW_S)} if anew else {}),
    }
    return absolute(installation.settings, AUTHORIZE) + "?" + urlencode(parameters)
