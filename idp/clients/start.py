"""Where a person enters an application."""

from __future__ import annotations

from idp.clients.model import Client


def start_url(client: Client) -> str:
    """A plain link to it; empty when it has told no address.

    `initiate_login_uri` (OIDC Core section 4) begins the sign-in at the application itself.
    """
    metadata = client.metadata
    return str(metadata.get("initiate_login_uri") or metadata.get("client_uri") or "")
