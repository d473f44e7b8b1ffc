"""One protection against cross-site requests, on every unsafe method that is not declared exempt.

A random value in a cookie binds the browser; the form carries an HMAC of it. Whoever can make a
browser send a request can neither read the cookie nor compute the HMAC.
"""

from __future__ import annotations

import base64
import hmac
import re

from flask import Flask, Response, g, request
from markupsafe import Markup

from directory.errors import Forbidden
from directory.ids import new_secret
from web.errors import CSRF_NO_COOKIE, CSRF_OTHER_SITE, CSRF_PAGE_TOO_OLD
from web.state import current_kit

FIELD = "csrf_token"
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_ID = re.compile(r"[A-Za-z0-9_-]{43}")


def install(app: Flask) -> None:
    """Refuse every unsafe request without a valid form token; give browsers their cookie."""
    app.before_request(_check_request)
    app.after_request(_give_cookie)


def browser_id() -> str:
    """The random id of this browser; a new browser gets one with this response.

    It identifies nobody. It binds forms and sign-in flows to the browser that began them.
    """
    if "browser_id" not in g:
        sent = known_browser_id()
        g.browser_id = sent or new_secret()
        g.browser_is_new = not sent
    return str(g.browser_id)


def known_browser_id() -> str:
    """The id the browser sent, or empty: a browser without one began nothing here."""
    sent = request.cookies.get(current_kit().cookie_name("browser"), "")
    return sent if _ID.fullmatch(sent) else ""


def form_token(purpose: str = "form") -> str:
    """The token a form of this browser carries for `purpose`."""
    return _token(browser_id(), purpose)


def is_valid(token: str, purpose: str = "form") -> bool:
    """Whether `token` was made for this browser and `purpose`."""
    browser = known_browser_id()
    if not browser:
        return False
    return hmac.compare_digest(token.encode(), _token(browser, purpose).encode())


def is_own_form(token: str) -> bool:
    """Whether a form of ours in this very browser sent this: for endpoints that are exempt from
    the check because others may post to them as well."""
    return not _is_foreign() and is_valid(token)


def csrf_field() -> Markup:
    """The hidden input every POST form of ours contains."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, form_token())


def _token(browser: str, purpose: str) -> str:
    mac = current_kit().keyring.mac("csrf", f"{browser}|{purpose}".encode())
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def _check_request() -> None:
    if request.method in _SAFE_METHODS or request.routing_exception:
        return
    if request.endpoint in current_kit().csrf_exempt:
        return
    if _is_foreign():
        raise Forbidden(CSRF_OTHER_SITE)
    if not known_browser_id():
        raise Forbidden(CSRF_NO_COOKIE)
    if not is_valid(request.form.get(FIELD, "")):
        raise Forbidden(CSRF_PAGE_TOO_OLD)


def _is_foreign() -> bool:
    """Whether the browser says that another site sent this.

    Most browsers say so, some say nothing: pages with `no-referrer` send `Origin: null` on their
    own forms (Fetch standard, "append a request Origin header"), and older ones know no
    Sec-Fetch-Site. Who says nothing is unknown, not foreign: the form token decides.
    """
    origin = request.headers.get("Origin", "").lower()
    if origin not in ("", "null", current_kit().own_url.lower()):
        return True
    return request.headers.get("Sec-Fetch-Site", "") in ("same-site", "cross-site")


def _give_cookie(response: Response) -> Response:
    if getattr(g, "browser_is_new", False):
        kit = current_kit()
        response.set_cookie(
            kit.cookie_name("browser"),
            browser_id(),
            path="/",
            secure=kit.https,
            httponly=True,
            samesite="Lax",
        )
    return response
