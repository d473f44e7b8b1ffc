"""Pages of registered browser applications may read the endpoints that they themselves call.

The fetch standard lets a page read an answer of another origin only where the answer says so. It
does for the origins of the redirect URIs of public web clients, and never with credentials: these
endpoints look at no cookie, and no page is to send one.
"""

from __future__ import annotations

import threading
import time
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from flask import Response, request
from sqlalchemy import Connection

from directory.database.engine import Database
from directory.errors import Unavailable
from idp.clients.model import Client
from idp.clients.service import list_clients
from idp.oidc.provider import current_endpoint
from web.current import current_installation

# An origin that is registered or taken back anywhere counts in every process after this long.
FRESH_S = 4.0
_PREFLIGHT_S = 600
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_MAX_ORIGIN_CHARS = 300


def allow_origin(response: Response) -> Response:
    """Add what the fetch standard asks for to the answer of an endpoint that pages may read."""
    endpoint = current_endpoint()
    if endpoint is None or not endpoint.is_read_by_pages:
        return response
    response.vary.add("Origin")
    origin = request.headers.get("Origin", "")
    if not origin or not _is_allowed(origin):
        return response
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = "Retry-After, WWW-Authenticate"
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
        response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        response.headers["Access-Control-Max-Age"] = str(_PREFLIGHT_S)
    return response


def _is_allowed(origin: str) -> bool:
    if len(origin) > _MAX_ORIGIN_CHARS:
        return False
    try:
        return origin in _origins()
    except Unavailable:
        return False  # the answer says so already; the page may not read it


class _Held:
    def __init__(self, origins: frozenset[str]) -> None:
        self.origins = origins
        self.read_at = time.monotonic()


_held: WeakKeyDictionary[Database, _Held] = WeakKeyDictionary()
_lock = threading.Lock()


def _origins() -> frozenset[str]:
    database = current_installation().database
    held = _held.get(database)
    if held is not None and time.monotonic() - held.read_at < FRESH_S:
        return held.origins
    with database.read() as tx:
        fresh = _Held(read_origins(tx))
    with _lock:
        _held[database] = fresh
    return fresh.origins


def read_origins(tx: Connection) -> frozenset[str]:
    """The origins of the redirect URIs of every enabled public web client."""
    browser_clients = (client for client in list_clients(tx) if _runs_in_browsers(client))
    return frozenset(origin_of(uri) for client in browser_clients for uri in client.redirect_uris)


def _runs_in_browsers(client: Client) -> bool:
    return client.is_public and not client.is_native and client.disabled_at is None


def origin_of(uri: str) -> str:
    """The origin of a registered http(s) address as browsers write it (RFC 6454 section 6.2)."""
    parts = urlsplit(uri)
    authority = parts.netloc.removesuffix(":" + _DEFAULT_PORTS[parts.scheme])
    return f"{parts.scheme}://{authority}"
