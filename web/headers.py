"""Security headers on every response, error pages and static files included."""

from __future__ import annotations

from flask import Flask, Response, g

from web.state import current_kit

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; {form_action}"
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
_OWN_FORMS_ONLY = "form-action 'self'; "


def install(app: Flask) -> None:
    """Send the headers with every response of `app`."""
    app.after_request(add_headers)


def let_forms_go_anywhere() -> None:
    """The form of this page ends at an application: no form-action, for where the application
    sends its answer on to is not known to us."""
    g.forms_go_anywhere = True


def no_referrer() -> None:
    """This page has a secret in its URL: send no Referer, not even to ourselves."""
    g.no_referrer = True


def add_headers(response: Response) -> Response:
    """Give one response the headers; returns it."""
    headers = response.headers
    forms = "" if getattr(g, "forms_go_anywhere", False) else _OWN_FORMS_ONLY
    headers["Content-Security-Policy"] = _POLICY.format(form_action=forms)
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
