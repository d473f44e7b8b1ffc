"""GET /.well-known/openid-configuration and /jwks: ready bytes, and only what works."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import Any

from flask import Response, request

from directory.clock import SECOND
from idp.clients.model import AUTH_METHODS, CONFIDENTIAL_METHODS, GRANT_TYPES, SCOPES
from idp.keys.jose import ALGORITHMS
from idp.keys.store import key_set
from idp.lifetimes import KEYS_CACHED_MS
from idp.oidc.checks.prompt import PROMPTS
from idp.oidc.checks.response_mode import RESPONSE_MODES
from idp.oidc.claims import CLAIMS_OF_SCOPE, ROLES_AT
from web.current import current_installation

_OWN_CLAIMS = ("sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce", "sid")
PATHS = {
    "authorization_endpoint": "/authorize",
    "token_endpoint": "/token",
    "userinfo_endpoint": "/userinfo",
    "jwks_uri": "/jwks",
    "revocation_endpoint": "/revoke",
    "introspection_endpoint": "/introspect",
    "end_session_endpoint": "/logout",
}


def describe(issuer: str) -> dict[str, Any]:
    """The metadata document (OIDC Discovery section 3, RFC 8414)."""
    of_scopes = (name for names in CLAIMS_OF_SCOPE.values() for name in names)
    claims = [*_OWN_CLAIMS, *of_scopes, ROLES_AT]
    return {
        "issuer": issuer,
        **{name: issuer + path for name, path in PATHS.items()},
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": list(GRANT_TYPES),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "revocation_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "revocation_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "introspection_endpoint_auth_methods_supported": list(CONFIDENTIAL_METHODS),
        "introspection_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "claims_supported": list(dict.fromkeys(claims)),
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": list(PROMPTS),
        "ui_locales_supported": ["vi", "en"],
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        # Its default is true (OIDC Discovery section 3).
        "request_uri_parameter_supported": False,
    }


@lru_cache(maxsize=8)
def _ready(issuer: str) -> tuple[bytes, str]:
    document = json.dumps(describe(issuer), separators=(",", ":")).encode()
    return document, hashlib.sha256(document).hexdigest()[:32]


def discovery_endpoint() -> Response:
    """The metadata document."""
    return _cached(*_ready(current_installation().settings.issuer))


def jwks_endpoint() -> Response:
    """The public keys (RFC 7517)."""
    keys = key_set(current_installation())
    return _cached(keys.jwks, keys.etag)


def _cached(document: bytes, etag: str) -> Response:
    if etag in request.if_none_match:
        response = Response(status=304)
    else:
        response = Response(document, mimetype="application/json")
    response.set_etag(etag)
    response.headers["Cache-Control"] = f"public, max-age={KEYS_CACHED_MS // SECOND}"
    # Public documents: a single-page application may read them too.
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
