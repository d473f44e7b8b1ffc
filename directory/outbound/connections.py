"""Connections to addresses that were checked, and keeping some for the next request."""

from __future__ import annotations

import socket
import ssl
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import BaseHTTPResponse

from directory.outbound.policy import Address
from directory.process_cache import ProcessCache
from directory.settings import Settings

# One that was idle for longer may be closed by the other side in the very moment it is used.
_IDLE_S = 1.0
_MOST_KEPT = 64
# Whoever closed a connection without a word may do it again.
_DISTRUSTED_S = 600.0


@dataclass(frozen=True)
class Place:
    """Where a connection leads: the name that was asked for, and the address it has now."""

    scheme: str
    host: str
    port: int
    address: Address


class Connection:
    """One over a socket that is connected to a checked address: nothing resolves the name again."""

    def __init__(self, place: Place, raw: socket.socket, tls: ssl.SSLContext | None) -> None:
        self.place, self._raw = place, raw
        self.watched = raw.dup()  # survives the wrapping into TLS
        self._http: _PinnedHTTP | _PinnedHTTPS
        if place.scheme == "http":
            self._http = _PinnedHTTP(place.host)
        else:
            self._http = _PinnedHTTPS(place.host, ssl_context=tls)
        self._http.checked = raw
        self.is_used = False
        self.idle_since = 0.0

    def ask(
        self, method: str, target: str, body: bytes | None, headers: Mapping[str, str], left: float
    ) -> BaseHTTPResponse:
        """Send a request; gives its answer, of which the body is still to be read."""
        self._http.timeout = left
        self._http.request(
            method,
            target,
            body=body,
            headers=headers,
            preload_content=False,
            decode_content=False,
        )
        return self._http.getresponse()

    def is_free_after(self, response: BaseHTTPResponse) -> bool:
        """Whether another request may follow: the answer came to its end, by its own length, and
        nobody said that it was the last one (RFC 9112 section 9.3)."""
        return response.status >= 200 and response.closed and self._http.sock is not None

    def is_silent(self) -> bool:
        """Neither closed by the other side nor holding bytes that nobody asked for."""
        held = self._http.sock.pending() if isinstance(self._http.sock, ssl.SSLSocket) else 0
        return not held and self._http.is_connected

    def close(self) -> None:
        self._http.close()
        self.watched.close()
        self._raw.close()


class _PinnedHTTP(HTTPConnection):
    checked: socket.socket

    def _new_conn(self) -> socket.socket:
        return self.checked


class _PinnedHTTPS(HTTPSConnection):
    checked: socket.socket

    def _new_conn(self) -> socket.socket:
        return self.checked


# To read whom the machine believes takes longer than a request: it is done anew twice a minute.
_BELIEVED_S = 30.0
_contexts: ProcessCache[tuple[str, int], ssl.SSLContext] = ProcessCache(4)


def tls_context(settings: Settings) -> ssl.SSLContext:
    """Whom we believe: what the machine does, and with `--tls` the installation's own authority."""
    own_ca = settings.tls_dir / "ca.pem"
    is_ours = settings.tls and own_ca.exists()
    key = (str(own_ca), own_ca.stat().st_mtime_ns) if is_ours else ("", 0)
    context = _contexts.find(key, younger_than_s=_BELIEVED_S)
    if context is None:
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if is_ours:
            context.load_verify_locations(cafile=str(own_ca))
        _contexts.put(key, context)
    return context


# Servers that closed a connection after a request had gone over it, with no answer: they get a
# connection for each request.
distrusted: ProcessCache[Place, bool] = ProcessCache(1000)


def may_be_kept(place: Place) -> bool:
    """Whether a server may be asked again over the same connection."""
    return not distrusted.find(place, younger_than_s=_DISTRUSTED_S)


class Kept:
    """Connections that wait for their next request; closed when nobody has this any more. Safe to
    be called from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        weakref.finalize(self, _close_all, self._idle)

    def take(self, place: Place) -> Connection | None:
        """One that leads there, and is certainly not closed yet as far as can be seen."""
        with self._lock:
            fresh = time.monotonic() - _IDLE_S
            old = [each for each in self._idle if each.idle_since < fresh]
            there = [each for each in self._idle if each.place == place and each not in old]
            found = there[-1:]
            self._idle[:] = [each for each in self._idle if each not in (*old, *found)]
        _close_all(old)
        for connection in found:
            if connection.is_silent():
                connection.is_used = True
                return connection
            connection.close()
        return None

    def give(self, connection: Connection) -> None:
        """Keep it for the next one."""
        connection.idle_since = time.monotonic()
        with self._lock:
            if len(self._idle) < _MOST_KEPT:
                self._idle.append(connection)
                return
        connection.close()


def _close_all(connections: Sequence[Connection]) -> None:
    for connection in connections:
        connection.close()
