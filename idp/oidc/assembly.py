"""OpenID Connect in an application: what its components declare, put together once."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask

from directory.component import Component
from idp.feature import endpoints_of, features_of
from idp.oidc.cors import allow_origin
from idp.oidc.discovery import write_document
from idp.oidc.engine import Engine
from idp.oidc.provider import EXTENSION, Provider
from idp.oidc.request_budgets import spend_request


def install(app: Flask, issuer: str, components: Sequence[Component]) -> None:
    """Have the endpoints of `app` find what was declared of them, and the grants."""
    endpoints, features = endpoints_of(components), features_of(components)
    app.extensions[EXTENSION] = Provider(
        Engine(grant for feature in features for grant in feature.grants),
        {endpoint.name: endpoint for endpoint in endpoints},
        write_document(issuer, endpoints, features),
    )
    app.before_request(spend_request)
    app.after_request(allow_origin)
