"""Sending one HTTP request out and reading a small answer."""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from directory.errors import Forbidden, Invalid, Unavailable
from directory.outbound import policy
from directory.outbound.errors import (
    OUTBOUND_BAD_URL,
    OUTBOUND_FORBIDDEN,
    OUTBOUND_TIMEOUT,
    OUTBOUND_TOO_LARGE,
    OUTBOUND_UNAVAILABLE,
)
from directory.settings import Settings

TIMEOUT_S = 5.0
MAX_RESPONSE_BYTES = 1024 * 1024
_CHUNK = 64 * 1024
# A host whose last label is a number is an IP address in disguise (WHATWG URL, "ends in a number").
_ENDS_IN_NUMBER = re.compile(r"(^|\.)(0x[0-9a-f]*|[0-9]+)\.?$", re.IGNORECASE)

# getaddrinfo has no timeout of its own; a stuck resolver must not hold a request.
_resolvers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="outbound-dns")


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. Redirects are never followed: a 3xx is an answer like any other."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)  # names in small letters


def get(settings: Settings, url: str, *, timeout_s: float = TIMEOUT_S) -> Response:
    """GET `url`; errors as in `post`."""
    return _send(settings, "GET", url, None, {}, timeout_s)


def post(
    settings: Settings,
    url: str,
    body: bytes,
    *,
    content_type: str = "application/x-www-form-urlencoded",
    timeout_s: float = TIMEOUT_S,
) -> Response:
    """POST `body` to `url`, everything within `timeout_s` seconds.

    Raises `Invalid` (``outbound.bad_url``), `Forbidden` (``outbound.forbidden``) and `Unavailable`
    (``outbound.unavailable``, ``outbound.timeout``, ``outbound.too_large``).
    """
    return _send(settings, "POST", url, body, {"Content-Type": content_type}, timeout_s)


def send(
    settings: Settings,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Response:
    """Any request, with `headers` of the caller's (a token, a content type). Errors as in `post`;
    the answer's own headers stand in it."""
    return _send(settings, method, url, body, headers, timeout_s)


def post_to_ourselves(
    settings: Settings,
    origin: str,
    path: str,
    body: bytes,
    *,
    headers: Mapping[str, str] | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Response:
    """POST a form to one of our own web applications: the console redeems its codes at the issuer,
    the issuer tells the console of a sign-out. Errors as in `post`.

    `origin` must be the issuer's or the console's, as configured; no address that anybody
    registered comes this way, so the allow list is not asked.
    """
    if origin not in (settings.issuer, settings.console_url) or not path.startswith("/"):
        raise Forbidden(OUTBOUND_FORBIDDEN, detail=f"{origin} is not ours")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return _send(
        settings, "POST", origin + path, body, {**form, **(headers or {})}, timeout_s, is_ours=True
    )


def _send(
    settings: Settings,
    method: str,
    url: str,
    body: bytes | None,
    headers: Mapping[str, str],
    timeout_s: float,
    *,
    is_ours: bool = False,
) -> Response:
    deadline = time.monotonic() + min(timeout_s, TIMEOUT_S)
    parts, port = _split(url)
    addresses = _resolve(str(parts.hostname), port, deadline)
    if not is_ours:
        _check_addresses(settings, str(parts.hostname), addresses, port)
        addresses = addresses[:1]
    raw = _connect_first(addresses, port, deadline)
    with _cut_off(raw, deadline):
        connection = _connection(settings, parts, raw)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(
                method,
                target,
                body=body,
                headers={"Host": parts.netloc, "Connection": "close", **headers},
                preload_content=False,
                decode_content=False,
            )
            return _read(connection.getresponse(), deadline)
        except (OSError, HTTPError, ValueError) as error:
            raise _failure(error, deadline) from error
        finally:
            connection.close()


def _split(url: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        raise Invalid(OUTBOUND_BAD_URL, detail=url) from None
    is_odd = not parts.hostname or parts.username or parts.password or parts.fragment
    if is_odd or re.search(r"[\x00-\x20\x7f\\]", url):
        raise Invalid(OUTBOUND_BAD_URL, detail=url)
    return parts, port


def _connect(address: policy.Address, port: int, deadline: float) -> socket.socket:
    raw = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6)
    try:
        raw.settimeout(_left(deadline))
        raw.connect((str(address), port))
    except BaseException:
        raw.close()
        raise
    return raw


def _connect_first(
    addresses: Sequence[policy.Address], port: int, deadline: float
) -> socket.socket:
    """A connection to the first of the addresses that answers (`localhost` has two)."""
    failed: OSError | None = None
    for address in addresses:
        try:
            return _connect(address, port, deadline)
        except OSError as error:
            failed = error
    raise _failure(failed or OSError("no address"), deadline) from failed


def _check_addresses(
    settings: Settings, host: str, addresses: Sequence[policy.Address], port: int
) -> None:
    """Every address must be allowed: a name that also resolves inside is not trusted at all."""
    for address in addresses:
        if reason := policy.refusal(settings, address, port):
            raise Forbidden(OUTBOUND_FORBIDDEN, detail=f"{host} ({address}) port {port}: {reason}")


def _resolve(host: str, port: int, deadline: float) -> list[policy.Address]:
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        if _ENDS_IN_NUMBER.search(host):
            raise Forbidden(OUTBOUND_FORBIDDEN, detail=f"{host}: a disguised address") from None
    lookup = _resolvers.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        found = lookup.result(timeout=_left(deadline))
    except FutureTimeout as error:
        raise Unavailable(OUTBOUND_TIMEOUT, detail=f"{host}: name lookup") from error
    except (OSError, UnicodeError) as error:
        raise Unavailable(OUTBOUND_UNAVAILABLE, detail=f"{host}: {error}") from error
    return [ipaddress.ip_address(str(info[4][0]).partition("%")[0]) for info in found]


def _connection(settings: Settings, parts: SplitResult, raw: socket.socket) -> HTTPConnection:
    """A connection over the socket that was checked: nothing resolves the name a second time."""
    host = str(parts.hostname)
    if parts.scheme == "http":
        plain = _PinnedHTTP(host, timeout=raw.gettimeout())
        plain.checked = raw
        return plain
    secure = _PinnedHTTPS(host, timeout=raw.gettimeout(), ssl_context=_tls_context(settings))
    secure.checked = raw
    return secure


class _PinnedHTTP(HTTPConnection):
    checked: socket.socket

    def _new_conn(self) -> socket.socket:
        return self.checked


class _PinnedHTTPS(HTTPSConnection):
    checked: socket.socket

    def _new_conn(self) -> socket.socket:
        return self.checked


def _tls_context(settings: Settings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    own_ca = settings.tls_dir / "ca.pem"
    if settings.tls and own_ca.exists():
        context.load_verify_locations(cafile=str(own_ca))
    return context


@contextmanager
def _cut_off(raw: socket.socket, deadline: float) -> Iterator[None]:
    """Shut the connection down at the deadline: socket timeouts only bound the wait between two
    bytes, and a peer that sends one byte a second would hold us for ever."""
    watched = raw.dup()  # survives the wrapping into TLS

    def shut() -> None:
        try:
            watched.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # already gone

    timer = threading.Timer(_left(deadline), shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        watched.close()
        raw.close()


def _read(response: BaseHTTPResponse, deadline: float) -> Response:
    body = b""
    while chunk := response.read(_CHUNK, decode_content=False):
        body += chunk
        if len(body) > MAX_RESPONSE_BYTES:
            raise Unavailable(OUTBOUND_TOO_LARGE, detail=f"more than {MAX_RESPONSE_BYTES} bytes")
    if time.monotonic() >= deadline:  # the cut-off looks like an end of the body
        raise Unavailable(OUTBOUND_TIMEOUT, detail="while reading the answer")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Response(response.status, headers.get("content-type", ""), body, headers)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise Unavailable(OUTBOUND_TIMEOUT, detail="no time left")
    return left


def _failure(error: Exception, deadline: float) -> Unavailable:
    late = time.monotonic() >= deadline or isinstance(error, TimeoutError)
    return Unavailable(OUTBOUND_TIMEOUT if late else OUTBOUND_UNAVAILABLE, detail=repr(error))
