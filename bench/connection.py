"""A small HTTP/1.1 client on one kept-alive connection: cheap, so that the server is measured."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

_TIMEOUT_S = 30


@dataclass(frozen=True)
class Answer:
    """A response read to its end; header names are in small letters, the last of a name counts."""

    status: int
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    body: bytes

    @property
    def location(self) -> str:
        return self.headers.get("location", "")

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Connection:
    """A connection to one of the product's loopback ports, opened at the first request.

    It names itself ``localhost``, keeps the cookies it is given, and says it comes from `address`
    (the bench is a trusted proxy of its product), so that throttles see many people.
    """

    port: int
    address: str = "10.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)
    _socket: socket.socket | None = None
    _rest: bytes = b""

    def get(self, target: str, **headers: str) -> Answer:
        return self.send(self.request("GET", target, b"", **headers))

    def post(self, target: str, form: Mapping[str, str], **headers: str) -> Answer:
        origin = {"Origin": f"http://localhost:{self.port}"}
        return self.send(self.request("POST", target, urlencode(form).encode(), **origin | headers))

    def request(self, method: str, target: str, body: bytes = b"", **headers: str) -> bytes:
        """The bytes of a request; they may be sent many times."""
        parts = urlsplit(target)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: localhost:{self.port}",
            f"X-Forwarded-For: {self.address}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        if method == "POST":
            lines.append("Content-Type: application/x-www-form-urlencoded")
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode() + body

    def send(self, request: bytes) -> Answer:
        """Send a whole request and read the answer. Tries once more where the server hung up."""
        kept = self._socket is not None
        try:
            return self._exchange(request)
        except ConnectionError:
            self.close()
            if not kept:
                raise
            return self._exchange(request)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, self._rest = None, b""

    def _exchange(self, request: bytes) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port), _TIMEOUT_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        head, self._rest = self._read_until(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ", 2)[1])
        headers, given = read_headers(lines[1:])
        self.keep(given)
        body = b"" if status in (204, 304) else self._read(int(headers.get("content-length", 0)))
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, given, body)

    def keep(self, given: Mapping[str, str]) -> None:
        """Keep the cookies of an answer, as a browser would; an empty one is gone."""
        for name, value in given.items():
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)

    def _read_until(self, mark: bytes) -> tuple[bytes, bytes]:
        data = self._rest
        while mark not in data:
            data += self._more()
        head, _, rest = data.partition(mark)
        return head, rest

    def _read(self, length: int) -> bytes:
        data = self._rest
        while len(data) < length:
            data += self._more()
        self._rest = data[length:]
        return data[:length]

    def _more(self) -> bytes:
        assert self._socket is not None
        data = self._socket.recv(1 << 16)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data


def read_headers(lines: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """(headers by small name, cookies given) of the header lines of an answer."""
    headers: dict[str, str] = {}
    cookies: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        if name.lower() == "set-cookie":
            key, _, content = value.strip().partition(";")[0].partition("=")
            cookies[key] = content.strip('"')
        else:
            headers[name.lower()] = value.strip()
    return headers, cookies
