"""Connections to addresses that were checked, and keeping some for the next request."""

from __future__ import annotations

import socket
import ssl
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import BaseHTTPResponse

from directory.outbound.policy import Address
from directory.settings import Settings

# One that was idle for longer may be closed by the other side in the very moment it is used.
_IDLE_S = 1.0
_MOST_KEPT = 64
# Whoever closed a connection without a word may do it again.
_DISTRUSTED_S, _MOST_DISTRUSTED = 600.0, 1000


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


def tls_context(settings: Settings) -> ssl.SSLContext:
    """Whom we believe: what the machine does, and with `--tls` the installation's own authority."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    own_ca = settings.tls_dir / "ca.pem"
    if settings.tls and own_ca.exists():
        context.load_verify_locations(cafile=str(own_ca))
    return context


class Distrusted:
    """Servers that closed a connection after a request had gone over it, with no answer: they get a
    connection for each request."""

    def __init__(self) -> None:
        self._until: dict[Place, float] = {}

    def add(self, place: Place) -> None:
        if len(self._until) >= _MOST_DISTRUSTED:
            self._until.clear()
        self._until[place] = time.monotonic() + _DISTRUSTED_S

    def __contains__(self, place: Place) -> bool:
        return time.monotonic() < self._until.get(place, 0.0)


distrusted = Distrusted()


class Kept:
    """Connections that wait for their next request; closed when nobody has this any more. Safe to
    be called from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        weakref.finalize(self, _close_all, self._idle)

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """Made once: to read whom the machine believes takes longer than a request."""
        return tls_context(self._settings)

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
