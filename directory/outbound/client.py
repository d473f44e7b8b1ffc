"""Sending one HTTP request out and reading a small answer."""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.parse import SplitResult, urlsplit

from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from directory.errors import Forbidden, Invalid, Unavailable
from directory.outbound import policy
from directory.outbound.connections import (
    Connection,
    Kept,
    Place,
    distrusted,
    may_be_kept,
    tls_context,
)
from directory.outbound.deadlines import cut_off
from directory.outbound.errors import (
    OUTBOUND_BAD_URL,
    OUTBOUND_FORBIDDEN,
    OUTBOUND_TIMEOUT,
    OUTBOUND_TOO_LARGE,
    OUTBOUND_UNAVAILABLE,
    Unreached,
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


def get(
    settings: Settings,
    url: str,
    *,
    timeout_s: float = TIMEOUT_S,
    largest: int = MAX_RESPONSE_BYTES,
) -> Response:
    """GET `url`, of which at most `largest` bytes may come; errors as in `post`."""
    return _send(settings, "GET", url, None, {}, timeout_s, largest=largest)


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
    (``outbound.unavailable``, ``outbound.timeout``, ``outbound.too_large``; `Unreached` where
    there was no connection).
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


class Connections:
    """For whoever asks the same servers much in a short time: connections are used again. Each
    request is checked, and bound to what was checked, as one by `send`; what was sent and not
    answered is not sent a second time. Safe to be called from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._kept = settings, Kept()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        timeout_s: float = TIMEOUT_S,
        cut_at: int | None = None,
    ) -> Response:
        """As `send`. `cut_at`: of an answer that is longer only the beginning is wanted."""
        return _send(
            self._settings, method, url, body, headers, timeout_s, kept=self._kept, cut_at=cut_at
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
    kept: Kept | None = None,
    cut_at: int | None = None,
    largest: int = MAX_RESPONSE_BYTES,
) -> Response:
    deadline = time.monotonic() + min(timeout_s, TIMEOUT_S)
    parts, port = _split(url)
    host = str(parts.hostname)
    addresses = _resolve(host, port, deadline)
    if not is_ours:
        _check_addresses(settings, host, addresses, port)
        addresses = addresses[:1]
    place = Place(parts.scheme, host, port, addresses[0])
    if not may_be_kept(place):
        kept = None
    connection = kept.take(place) if kept else None
    if connection is None:
        tls = tls_context(settings) if place.scheme == "https" else None
        connection = Connection(place, _connect_first(addresses, port, deadline), tls)
    headers = {"Host": parts.netloc, **({} if kept else {"Connection": "close"}), **headers}
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    is_free = False
    try:
        with cut_off(connection.watched, deadline):
            response = connection.ask(method, target, body, headers, _left(deadline))
            answer = _read(response, deadline, cut_at, largest)
        is_free = kept is not None and connection.is_free_after(response)
        return answer
    except (OSError, HTTPError, HTTPException, ValueError) as error:
        is_trusted = not isinstance(error, ssl.SSLCertVerificationError)
        failure = _failure(error, deadline, Unavailable if is_trusted else Unreached)
        if connection.is_used and failure.code != OUTBOUND_TIMEOUT.code:
            distrusted.put(place, True)
        raise failure from error
    finally:
        if is_free and kept is not None:
            kept.give(connection)
        else:
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
        # Head and body go out apart: without it the body waits for the other side to acknowledge
        # the head, which it does 40 ms later.
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
    raise _failure(failed or OSError("no address"), deadline, Unreached) from failed


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
        raise Unreached(OUTBOUND_TIMEOUT, detail=f"{host}: name lookup") from error
    except (OSError, UnicodeError) as error:
        raise Unreached(OUTBOUND_UNAVAILABLE, detail=f"{host}: {error}") from error
    return [ipaddress.ip_address(str(info[4][0]).partition("%")[0]) for info in found]


def _read(
    response: BaseHTTPResponse, deadline: float, cut_at: int | None, largest: int
) -> Response:
    body = b""
    while chunk := response.read(_CHUNK if cut_at is None else cut_at, decode_content=False):
        body += chunk
        if cut_at is not None and len(body) >= cut_at:
            break
        if len(body) > largest:
            raise Unavailable(OUTBOUND_TOO_LARGE, detail=f"more than {largest} bytes")
    if time.monotonic() >= deadline:  # the cut-off looks like an end of the body
        raise Unavailable(OUTBOUND_TIMEOUT, detail="while reading the answer")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Response(response.status, headers.get("content-type", ""), body, headers)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise Unavailable(OUTBOUND_TIMEOUT, detail="no time left")
    return left


def _failure(
    error: Exception, deadline: float, kind: type[Unavailable] = Unavailable
) -> Unavailable:
    late = time.monotonic() >= deadline or isinstance(error, TimeoutError)
    return kind(OUTBOUND_TIMEOUT if late else OUTBOUND_UNAVAILABLE, detail=repr(error))
