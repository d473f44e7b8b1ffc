"""The kinds of application that people tell apart, and the metadata each stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from idp.clients.model import Client

Kind = Literal["web", "browser", "native", "service", "ldap"]
"""``web``: with a server that keeps its secret; ``browser``: all of it runs in the browser (a
single-page application); ``native``: installed on a computer or telephone; ``service``: works
without people; ``ldap``: asks the catalogue, and has no connection here."""

KINDS: tuple[Kind, ...] = ("web", "browser", "native", "service", "ldap")

# RFC 6749 section 2.1 and RFC 8252 section 8.4: what runs in people's hands keeps no secret.
METADATA: Mapping[Kind, Mapping[str, Any]] = {
    "web": {},
    "browser": {"token_endpoint_auth_method": "none"},
    "native": {"application_type": "native", "token_endpoint_auth_method": "none"},
    "service": {"grant_types": ["client_credentials"]},
}


def kind_of(client: Client | None) -> Kind:
    """Of an application with this connection, or without one."""
    if client is None:
        return "ldap"
    if "authorization_code" not in client.grant_types:
        return "service"
    if client.is_native:
        return "native"
    return "browser" if client.is_public else "web"
