"""Before any view: an id for the request, and refusal of what we never answer."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from flask import Flask, g, request
from werkzeug.exceptions import (
    BadRequest,
    LengthRequired,
    MethodNotAllowed,
    MisdirectedRequest,
    RequestURITooLarge,
)

from directory.actor import Actor
from directory.ids import new_event_id
from idp.kit.state import current_kit

_MAX_BODY_BYTES = 256 * 1024
_MAX_QUERY_BYTES = 16 * 1024
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
# Probes of a load balancer come by address; these answer nothing that depends on the host.
_ANY_HOST = {"/healthz", "/readyz"}


def install(app: Flask) -> None:
    """Number every request; refuse TRACE, foreign hosts, oversized and malformed requests."""
    app.config.setdefault("MAX_CONTENT_LENGTH", None)
    if app.config["MAX_CONTENT_LENGTH"] is None:
        app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY_BYTES
    app.before_request(_number_request)
    app.before_request(_refuse_trace)
    app.before_request(_refuse_foreign_host)
    app.before_request(_refuse_malformed)


def actor_from_request() -> Actor:
    """Nobody yet, from this address: the actor of a request before anyone is recognised."""
    return Actor("anonymous", address=client_address(), request_id=g.request_id)


def client_address() -> str:
    """The IP address of the browser or client; empty when the server does not know it.

    X-Forwarded-For is believed only as far as configured proxies wrote it: walking from the right,
    the first address that is not one of them. Anything that is not an IP address ends the walk.
    """
    trusted = current_kit().settings.trusted_proxies
    address = _as_ip(request.remote_addr or "")
    for hop in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
        if not address or not _is_within(address, trusted):
            break
        claimed = _as_ip(hop.strip())
        if not claimed:
            break
        address = claimed
    return address


def _as_ip(text: str) -> str:
    try:
        # Without the zone of a link-local address, which is a name of our own network card.
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    # A socket for both families shows an IPv4 peer as ::ffff:10.1.2.3: that is no IPv6 network.
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _is_within(address: str, networks: tuple[str, ...]) -> bool:
    ip = ipaddress.ip_address(address)
    return any(ip in ipaddress.ip_network(network, strict=False) for network in networks)


def _number_request() -> None:
    g.request_id = new_event_id()


def _refuse_trace() -> None:
    if request.method in ("TRACE", "TRACK", "CONNECT"):
        raise MethodNotAllowed(valid_methods=["GET", "HEAD", "POST"])


def _refuse_foreign_host() -> None:
    # Absolute links come from configuration, never from Host; a foreign Host is somebody's trick
    # (cache poisoning, DNS rebinding) or a wrong bookmark.
    if request.path in _ANY_HOST:
        return
    own = urlsplit(current_kit().own_url)
    port = _DEFAULT_PORTS.get(own.scheme, "")
    sent = request.environ.get("HTTP_HOST", "").lower().removesuffix(port)
    if sent != own.netloc.lower().removesuffix(port):
        raise MisdirectedRequest


def _refuse_malformed() -> None:
    if len(request.query_string) > _MAX_QUERY_BYTES:
        raise RequestURITooLarge
    # No store of ours can hold NUL: refused here instead of surprising PostgreSQL.
    if "\0" in request.path or any("\0" in key + value for key, value in request.args.items(True)):
        raise BadRequest
    if request.routing_exception or request.endpoint in current_kit().csrf_exempt:
        return
    if request.content_length is None and "Transfer-Encoding" in request.headers:
        # An endless chunked body would hold a thread for as long as its sender likes; browsers
        # always say how long a form is.
        raise LengthRequired
    # A multipart part without a name comes as None.
    if any(key is None or "\0" in key + value for key, value in request.form.items(True)):
        raise BadRequest
