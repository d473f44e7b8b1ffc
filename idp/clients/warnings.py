"""What a registration will run into later, said while somebody can still mend it."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from directory.outbound.policy import refusal
from directory.settings import Settings

_PORTS = {"https": 443, "http": 80}


def foresee(settings: Settings, metadata: Mapping[str, Any]) -> list[str]:
    """Sentences for the operator, one for each thing that cannot work as registered."""
    return [
        sentence
        for sentence in (
            _about_start(metadata),
            _about_sign_out(metadata),
            refusal_of_backchannel(settings, metadata["backchannel_logout_uri"]),
            _about_refresh(metadata),
        )
        if sentence
    ]


def _about_start(metadata: Mapping[str, Any]) -> str:
    if "authorization_code" not in metadata["grant_types"] or metadata["client_uri"]:
        return ""
    if metadata["initiate_login_uri"]:
        return ""
    return (
        "it has no start address (--client-uri): people see it among their applications, and "
        "cannot open it there"
    )


def _about_sign_out(metadata: Mapping[str, Any]) -> str:
    if "authorization_code" not in metadata["grant_types"]:
        return ""
    if metadata["post_logout_redirect_uris"]:
        return ""
    return "without --post-logout-redirect-uri a sign-out ends at our page and does not lead back"


def refusal_of_backchannel(settings: Settings, uri: str) -> str:
    """Why sign-out notices cannot reach this address; empty when they can, as far as can be told
    without connecting."""
    if not uri:
        return ""
    parts = urlsplit(uri)
    port = parts.port or _PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except OSError:
        return f"sign-out notices cannot be sent: the name {parts.hostname} is not known here"
    addresses = {ip_address(str(info[4][0]).partition("%")[0]) for info in found}
    why = next((why for one in addresses if (why := refusal(settings, one, port))), "")
    if not why:
        return ""
    entry = f"{min(map(str, addresses))}/32:{port}"
    return f"sign-out notices to {uri} are not allowed: {why} (for example {entry})"


def _about_refresh(metadata: Mapping[str, Any]) -> str:
    asks = "offline_access" in metadata["scope"].split()
    if asks and "refresh_token" not in metadata["grant_types"]:
        return "offline_access gives nothing without the grant type refresh_token"
    return ""
