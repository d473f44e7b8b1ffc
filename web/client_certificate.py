"""The certificate that a browser showed to the proxy in front, which writes it into a header.

Whoever can write the header can be anybody. So it is read only where the connection itself comes
from a declared proxy, whose shipped configuration (`deploy/proxy`) replaces or deletes it in every
request.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from web.forwarded import as_address, is_within
from web.state import current_kit


@dataclass(frozen=True, slots=True)
class InHeader:
    """What the header says, "" for nothing; `ignored_peer`: who wrote it and is not believed."""

    value: str
    ignored_peer: str = ""


def read_header() -> InHeader:
    """The certificate header of this request, where it is believed."""
    settings = current_kit().settings
    name = settings.certificate_header
    value = request.headers.get(name, "") if name else ""
    # A unix socket has no address: only a proxy of this machine reaches it.
    peer = as_address(request.remote_addr or "")
    if not value or not peer or is_within(peer, settings.trusted_proxies):
        return InHeader(value)
    return InHeader("", peer)
