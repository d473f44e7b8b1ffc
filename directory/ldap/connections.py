"""Opening ldap3 connections the one way that is right, and leaving dead servers alone for a while.

ldap3's own defaults are traps: no certificate check, no timeouts, referrals followed with our
credentials, 40 ms of Nagle's algorithm per connection, and a `Server` object that remembers a
dead address. Everything that is opened is opened here.
"""

from __future__ import annotations

import ipaddress
import math
import os
import select
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ldap3 import NONE, SAFE_SYNC, SASL, Connection, Server, Tls
from ldap3.core.exceptions import (
    LDAPBindError,
    LDAPCommunicationError,
    LDAPResponseTimeoutError,
    LDAPSSLConfigurationError,
)

from directory.clock import SECOND
from directory.errors import Unavailable
from directory.ldap.errors import LDAP_UNAVAILABLE
from directory.ldap.passwords import password_bytes

# What ldap3 raises when the connection, not the request, is at fault.
BROKEN = (
    LDAPCommunicationError,
    LDAPResponseTimeoutError,
    LDAPBindError,
    LDAPSSLConfigurationError,
    OSError,
)

_LEAVE_ALONE_S = 1.5


@dataclass(frozen=True)
class Login:
    """Who a connection is: a simple bind, or the operating-system user over ldapi (EXTERNAL)."""

    bind_dn: str = ""
    password: str = field(default="", repr=False)
    external: bool = False


class _Breaker:
    """Servers that did not answer: not asked again for a moment, by any thread of this process."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def trip(self, uri: str) -> None:
        with self._lock:
            self._until[uri] = time.monotonic() + _LEAVE_ALONE_S

    def reset(self, uri: str) -> None:
        with self._lock:
            self._until.pop(uri, None)

    def is_open(self, uri: str) -> bool:
        return time.monotonic() < self._until.get(uri, 0.0)


breaker = _Breaker()


@dataclass
class Link:
    """One open ldap3 connection and where it leads. Belongs to one thread and one process."""

    connection: Any  # ldap3's Connection; the stubs know only the strategies that return a bool
    uri: str
    timeout_s: float
    process: int = field(default_factory=os.getpid)
    opened_at: float = field(default_factory=time.monotonic)

    def is_usable(self) -> bool:
        """Whether a request may be sent: ours, open, and the server has not hung up.

        An idle connection has nothing to read; if it has, that is the end of the stream or a
        notice of disconnection. Finding out before sending is what makes a write after a restart
        of slapd safe: nothing was sent, so nothing has to be sent again.
        """
        if self.process != os.getpid() or self.connection.closed or not self.connection.socket:
            return False
        poll = select.poll()
        poll.register(self.connection.socket, select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        """Hang up without ceremony. After a fork only our copy of the descriptor is closed."""
        sock, self.connection.socket = self.connection.socket, None
        self.connection.closed = True
        if sock is None:
            return
        try:
            if self.process == os.getpid():
                sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the other side was first
        finally:
            sock.close()


def reachable(uris: Sequence[str]) -> Iterator[str]:
    """The servers worth trying, in order of preference."""
    return (uri for uri in uris if not breaker.is_open(uri))


class _OneThreadsConnection(Connection):
    """ldap3 copies every answer deeply, for connections that threads share. Ours are never shared,
    and the copying was a fifth of the time of a long reading."""

    def _prepare_return_value(self, status: Any, response: Any = False) -> Any:
        answer, request = self.response, self.request
        self.response = self.request = None
        return status, self.result, answer if response else None, request


def open_link(uri: str, ca_file: Path | None, timeout_s: float) -> Link:
    """Connect to `uri`, not bound yet. Raises one of `BROKEN`."""
    server = Server(
        uri,
        get_info=NONE,
        connect_timeout=timeout_s,
        tls=_tls(uri, ca_file) if uri.startswith("ldaps:") else None,
    )
    connection: Any = _OneThreadsConnection(
        server,
        client_strategy=SAFE_SYNC,
        auto_referrals=False,
        check_names=False,
        auto_range=False,
        auto_escape=False,
        return_empty_attributes=False,
        receive_timeout=max(1, math.ceil(timeout_s)),
    )
    link = Link(connection, uri, timeout_s)
    try:
        connection.open(read_server_info=False)
        if isinstance(connection.socket, ssl.SSLSocket):
            _note_certificate(uri, connection.socket)
        if connection.socket.family != socket.AF_UNIX:
            connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.socket.settimeout(timeout_s)
    except BROKEN:
        link.close()
        raise
    return link


def certificate_ends() -> Mapping[str, int]:
    """Until when (ms) the certificates live that servers showed to this process, by address."""
    return dict(_ends)


_ends: dict[str, int] = {}


def _note_certificate(uri: str, connected: ssl.SSLSocket) -> None:
    told = (connected.getpeercert() or {}).get("notAfter")
    if isinstance(told, str):
        _ends[uri] = int(ssl.cert_time_to_seconds(told)) * SECOND


def open_bound(uris: Sequence[str], login: Login, ca_file: Path | None, timeout_s: float) -> Link:
    """Connect to the first server that answers and bind as `login`.

    Raises Unavailable(``ldap.unavailable``) when none does, or when our own login is refused.
    """
    failures: list[str] = []
    for uri in reachable(uris):
        try:
            link = open_link(uri, ca_file, timeout_s)
        except BROKEN as error:
            breaker.trip(uri)
            failures.append(f"{uri}: {error}")
            continue
        try:
            refusal = _bind(link, login)
        except BROKEN as error:
            link.close()
            breaker.trip(uri)
            failures.append(f"{uri}: {error}")
            continue
        if not refusal:
            breaker.reset(uri)
            return link
        link.close()
        failures.append(f"{uri} refused {login.bind_dn or 'EXTERNAL'}: {refusal}")
    raise unavailable("; ".join(failures) or "no server answered a moment ago")


def unavailable(detail: str) -> Unavailable:
    """The error for a catalogue that cannot be reached."""
    return Unavailable(LDAP_UNAVAILABLE, detail=detail, retry_after_s=2)


def _bind(link: Link, login: Login) -> str:
    if login.external:
        link.connection.sasl_credentials = ""  # rebind ignores an empty one, and slapd then asks
        ok, result, _, _ = link.connection.rebind(
            authentication=SASL, sasl_mechanism="EXTERNAL", read_server_info=False
        )
    else:
        ok, result, _, _ = link.connection.rebind(
            login.bind_dn, password_bytes(login.password), read_server_info=False
        )
    return "" if ok else f"{result['description']} {result['message']}".strip()


def _tls(uri: str, ca_file: Path | None) -> Tls:
    host = urlsplit(uri).hostname or ""
    return Tls(
        validate=ssl.CERT_REQUIRED,
        ca_certs_file=str(ca_file) if ca_file else None,
        sni=None if _is_address(host) else host,
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
