"""Hanging the endpoints into an application."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, request

from idp.oidc.authorize import authorization_endpoint, continue_endpoint
from idp.oidc.cors import ENDPOINTS as CORS_ENDPOINTS
from idp.oidc.cors import allow_origin
from idp.oidc.discovery import discovery_endpoint, jwks_endpoint
from idp.oidc.introspect import introspection_endpoint
from idp.oidc.request_budgets import spend_request
from idp.oidc.revoke import revocation_endpoint
from idp.oidc.token_endpoint import token_endpoint
from idp.oidc.userinfo import userinfo_endpoint

_NAME = "oidc"
ENDPOINTS = (
    ("/.well-known/openid-configuration", "discovery", discovery_endpoint, ("GET",)),
    ("/jwks", "jwks", jwks_endpoint, ("GET",)),
    ("/authorize", "authorize", authorization_endpoint, ("GET", "POST")),
    ("/authorize/continue", "continue", continue_endpoint, ("GET",)),
    ("/token", "token", token_endpoint, ("POST",)),
    ("/userinfo", "userinfo", userinfo_endpoint, ("GET", "POST")),
    ("/revoke", "revoke", revocation_endpoint, ("POST",)),
    ("/introspect", "introspect", introspection_endpoint, ("POST",)),
)
# They authenticate by code, token or client, never by our cookie: no form token on their POSTs.
CSRF_EXEMPT = tuple(
    f"{_NAME}.{name}" for name in ("authorize", "token", "userinfo", "revoke", "introspect")
)
# They answer machines: errors are JSON there.
JSON_ENDPOINTS = tuple(
    f"{_NAME}.{name}" for name in ("discovery", "jwks", "token", "userinfo", "revoke", "introspect")
)


def register(app: Flask) -> None:
    """Add the endpoints of this room to `app`."""
    blueprint = Blueprint(_NAME, __name__)
    blueprint.before_request(spend_request)
    blueprint.after_request(_let_pages_read)
    for path, name, view, methods in ENDPOINTS:
        blueprint.add_url_rule(path, name, view, methods=list(methods))
    app.register_blueprint(blueprint)


def _let_pages_read(response: Response) -> Response:
    name = (request.endpoint or "").removeprefix(f"{_NAME}.")
    return allow_origin(response) if name in CORS_ENDPOINTS else response
