"""Security headers on every response, error pages and static files included."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Flask, Response, g

from idp.kit.state import current_kit

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action {form_action}; "
    "require-trusted-types-for 'script'; trusted-types kit-fragment"
)
_PERMISSIONS = ", ".join(
    [
        "publickey-credentials-get=(self)",
        "publickey-credentials-create=(self)",
        *(f"{feature}=()" for feature in ("camera", "geolocation", "microphone", "payment", "usb")),
    ]
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": _PERMISSIONS,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_YEAR_S = 365 * 24 * 3600
# One CSP source: nothing that could end the directive and begin another.
_WEB_ORIGIN = re.compile(
    r"https?://[A-Za-z0-9.-]+(:\d{1,5})?|https?://\[[0-9A-Fa-f:.]+\](:\d{1,5})?"
)
_CUSTOM_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_NEVER_SCHEMES = {"javascript", "data", "blob", "vbscript", "about", "file", "http", "https"}


def install(app: Flask) -> None:
    """Send the headers with every response of `app`."""
    app.after_request(add_headers)


def allow_form_action(redirect_uri: str) -> None:
    """Let forms of this page end at the origin of an already validated redirect URI.

    Browsers apply form-action to the redirects that follow a POST as well, so a page inside an
    authorization request must name the application it will hand back to.
    """
    source = _csp_source(redirect_uri)
    if source:
        g.form_action_origins = (*getattr(g, "form_action_origins", ()), source)


def no_referrer() -> None:
    """This page has a secret in its URL: send no Referer, not even to ourselves."""
    g.no_referrer = True


def _csp_source(uri: str) -> str:
    try:
        parts = urlsplit(uri)
        origin = f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        return ""
    if parts.scheme in ("http", "https"):
        return origin if _WEB_ORIGIN.fullmatch(origin) else ""
    allowed = _CUSTOM_SCHEME.fullmatch(parts.scheme) and parts.scheme not in _NEVER_SCHEMES
    return f"{parts.scheme}:" if allowed else ""


def add_headers(response: Response) -> Response:
    """Give one response the headers; returns it."""
    headers = response.headers
    sources = dict.fromkeys(("'self'", *getattr(g, "form_action_origins", ())))
    headers["Content-Security-Policy"] = _POLICY.format(form_action=" ".join(sources))
    headers["Referrer-Policy"] = (
        "no-referrer" if getattr(g, "no_referrer", False) else "same-origin"
    )
    for name, value in _ALWAYS.items():
        headers[name] = value
    headers.setdefault("Cache-Control", "no-store")
    headers["X-Request-Id"] = getattr(g, "request_id", "")
    if current_kit().https:
        headers["Strict-Transport-Security"] = f"max-age={_YEAR_S}"
    for name in ("Server", "X-Powered-By"):
        headers.pop(name, None)
    return response
