"""Where a person enters an application."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.clients.model import Client


def start_url(client: Client) -> str:
    """A plain link to it; empty when it has told no address."""
    return start_of(client.metadata)


def start_of(metadata: Mapping[str, Any]) -> str:
    """As `start_url`, of its metadata.

    `initiate_login_uri` (OIDC Core section 4) begins the sign-in at the application itself.
    """
    return str(metadata.get("initiate_login_uri") or metadata.get("client_uri") or "")
