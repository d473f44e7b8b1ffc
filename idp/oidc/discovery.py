"""GET /.well-known/openid-configuration and /jwks: ready bytes, and only what works.

What components declare stands in the document: addresses of endpoints, grants, members of features.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response, request

from directory.clock import SECOND
from idp.clients.model import AUTH_METHODS, CONFIDENTIAL_METHODS, SCOPES
from idp.feature import Endpoint, OidcFeature
from idp.keys.jose import ALGORITHMS
from idp.keys.store import key_set
from idp.levels import LEVELS
from idp.lifetimes import KEYS_CACHED_MS
from idp.oidc.checks.prompt import PROMPTS
from idp.oidc.checks.response_mode import RESPONSE_MODES
from idp.oidc.claims import CLAIMS_OF_SCOPE, ROLES_AT
from idp.oidc.provider import current_provider
from web.current import current_installation
from web.urls import join_url

_OWN_CLAIMS = ("sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce", "sid")
# What is not offered is said where the default would be another, or libraries ask for it.
_NOT_OFFERED = {
    "claims_parameter_supported": False,
    "request_parameter_supported": False,
    "request_uri_parameter_supported": False,  # default: true (OIDC Discovery section 3)
}


def describe(
    issuer: str, endpoints: Iterable[Endpoint], features: Sequence[OidcFeature]
) -> dict[str, Any]:
    """The metadata document (OIDC Discovery section 3, RFC 8414). Raises ValueError where two
    features say different things under one name."""
    document: dict[str, Any] = {"issuer": issuer}
    for endpoint in endpoints:
        if endpoint.discovery:
            _add(document, endpoint.discovery, join_url(issuer, endpoint.path))
    document |= _of_every_provider()
    for feature in features:
        _add(document, "grant_types_supported", [grant.name for grant in feature.grants])
        for name, value in feature.discovery.items():
            _add(document, name, value)
    return document | {k: v for k, v in _NOT_OFFERED.items() if k not in document}


def _add(document: dict[str, Any], name: str, value: Any) -> None:
    said = document.setdefault(name, value)
    if isinstance(said, list) and isinstance(value, list):
        document[name] = list(dict.fromkeys([*said, *value]))
    elif said != value:
        raise ValueError(f"two values of {name} in the discovery document")


def _of_every_provider() -> dict[str, Any]:
    of_scopes = (name for names in CLAIMS_OF_SCOPE.values() for name in names)
    claims = [*_OWN_CLAIMS, *of_scopes, ROLES_AT]
    return {
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "revocation_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "revocation_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "introspection_endpoint_auth_methods_supported": list(CONFIDENTIAL_METHODS),
        "introspection_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "claims_supported": list(dict.fromkeys(claims)),
        "acr_values_supported": list(LEVELS),
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": list(PROMPTS),
        "ui_locales_supported": ["vi", "en"],
        "authorization_response_iss_parameter_supported": True,
    }


def write_document(
    issuer: str, endpoints: Iterable[Endpoint], features: Sequence[OidcFeature]
) -> bytes:
    """The metadata document as it is sent."""
    return json.dumps(describe(issuer, endpoints, features), separators=(",", ":")).encode()


def discovery_endpoint() -> Response:
    """The metadata document."""
    document = current_provider().document
    return _cached(document, hashlib.sha256(document).hexdigest()[:32])


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
