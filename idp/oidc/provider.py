"""What the components of one application make of OpenID Connect there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import current_app, request

from idp.feature import Endpoint
from idp.oidc.engine import Engine

EXTENSION = "danhmuc.oidc"


@dataclass(frozen=True)
class Provider:
    """`endpoints`: by name; `document`: the discovery document as it is sent."""

    engine: Engine
    endpoints: Mapping[str, Endpoint]
    document: bytes


def current_provider() -> Provider:
    """That of the application that handles this request."""
    provider = current_app.extensions[EXTENSION]
    assert isinstance(provider, Provider)  # noqa: S101 - narrows the type, set by `install` alone
    return provider


def current_endpoint() -> Endpoint | None:
    """What was declared of the address that was called; None for a page."""
    return current_provider().endpoints.get(request.endpoint or "")
