"""The checks of this package; what they give and raise says `directory.component.Check`."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

from directory.component import NotWell
from directory.installation import Installation
from directory.outbound.policy import refusal
from directory.settings import Settings
from idp.clients.service import list_clients


def can_be_told(installation: Installation) -> str:
    """Every application can be told of a sign-out."""
    with installation.database.read() as tx:
        registered = [each for each in list_clients(tx) if each.backchannel_logout_uri]
    told = [
        f"{each.name}: {problem}"
        for each in registered
        if (problem := _unreachable(installation.settings, each.backchannel_logout_uri))
    ]
    if told:
        raise NotWell(f"cannot be told of a sign-out: {'; '.join(told)}")
    return f"{len(registered)} may be connected to"


def _unreachable(settings: Settings, uri: str) -> str:
    if uri.startswith(f"{settings.console_url}/"):
        return ""  # ours: it is told by a way of its own
    parts = urlsplit(uri)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except OSError as error:
        return f"{parts.hostname} has no address ({error.strerror})"
    why = [refusal(settings, ip_address(str(each[4][0]).partition("%")[0]), port) for each in found]
    return why[0] if why and all(why) else ""
