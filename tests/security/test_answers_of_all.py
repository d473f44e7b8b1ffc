"""Every web process of the running product, demos included: whatever is sent, our page and headers.

The support code of each error page stands once in that process's log, with time and level; nothing
that was sent stands in any log.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.security.malformed_requests import Template, malformed_requests
from tests.support.product import Product

pytestmark = pytest.mark.only_on_sqlite("what servers answer does not depend on the store")

SECRET = "pl4nted-s3cret"
SEED, COUNT = 20_261_126, 120


@dataclass(frozen=True)
class Process:
    """One web process: its log and where it listens."""

    name: str
    address: tuple[str, int]
    host: str
    log: Path
    posts: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    status: int
    head: str
    body: str


def processes(product: Product) -> list[Process]:
    def one(name: str, host: str, offset: int, *posts: str) -> Process:
        url = "localhost" if host == "127.0.0.1" else host
        port = product.port + offset
        log = product.state / "logs" / f"{name}.log"
        return Process(name, (host, port), f"{url}:{port}", log, posts)

    return [
        one("web", "127.0.0.1", 0, "/dang-nhap", "/token", "/logout", "/authorize", "/userinfo"),
        one("console", "127.0.0.1", 1, "/backchannel-logout", "/dang-xuat", "/nguoi-dung/1/sua"),
        one("document", "127.0.0.2", 4, "/backchannel-logout", "/dang-xuat", "/van-ban"),
        one("one_stop", "127.0.0.3", 5, "/backchannel-logout", "/dang-xuat", "/ho-so"),
    ]


def send(process: Process, data: bytes) -> Answer:
    received = b""
    with socket.create_connection(process.address, 5) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while chunk := connection.recv(65536):
                received += chunk
        except OSError:
            pass  # closed while a large body was still on its way
    head, _, body = received.partition(b"\r\n\r\n")
    found = re.match(rb"HTTP/1\.[01] (\d{3}) ", head)
    return Answer(
        int(found[1]) if found else 0, head.decode("latin-1"), body.decode("utf-8", "replace")
    )


def faulty(process: Process) -> Iterator[tuple[str, bytes]]:
    """A request with a secret in each of its parts, and what a proxy would never let through."""
    host, post, many = process.host, process.posts[0], f"X: {SECRET}\r\n" * 70
    lines = {
        "line without a method": f"login=x&password={SECRET}",
        "method": f"{SECRET.upper()} / HTTP/1.1\r\nHost: {host}",
        "odd method": f"GE\x01T /?{SECRET} HTTP/1.1\r\nHost: {host}",
        "path": f"GET /{SECRET} HTTP/1.1\r\nHost: {host}",
        "query": f"GET /nowhere?code={SECRET} HTTP/1.1\r\nHost: {host}",
        "version": f"GET /{SECRET} HTTP/7.{SECRET}\r\nHost: {host}",
        "header name": f"GET / HTTP/1.1\r\nHost: {host}\r\nX {SECRET}: 1",
        "header value": f"GET / HTTP/1.1\r\nHost: {host}\r\nX-A: {SECRET}\x00",
        "folded header": f"GET / HTTP/1.1\r\nHost: {host}\r\nX-A: 1\r\n {SECRET}",
        "expect": f"GET / HTTP/1.1\r\nHost: {host}\r\nExpect: {SECRET}",
        "transfer coding": f"POST {post} HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: {SECRET}",
        "cookie too large": f"GET / HTTP/1.1\r\nHost: {host}\r\nCookie: a={SECRET * 700}",
        "line too long": f"GET /{SECRET * 700} HTTP/1.1\r\nHost: {host}",
        "too many headers": f"GET / HTTP/1.1\r\nHost: {host}\r\n{many}Y: 1",
        "host": f"GET /?{SECRET} HTTP/1.1\r\nHost: {SECRET}.example",
        "long label": f"GET / HTTP/1.1\r\nHost: {'a' * 70}.{SECRET}",
        "no host": f"GET /{SECRET} HTTP/1.0",
        "length": f"POST {post} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {SECRET}",
        "two lengths": f"POST {post} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\n"
        f"Transfer-Encoding: chunked\r\n\r\n{SECRET}",
    }
    form = "Content-Type: application/x-www-form-urlencoded"
    for path in process.posts:
        top = f"POST {path} HTTP/1.1\r\nHost: {host}\r\n{form}\r\n"
        lines[f"chunk of {path}"] = f"{top}Transfer-Encoding: chunked\r\n\r\n{SECRET}"
        lines[f"broken chunk of {path}"] = f"{top}Transfer-Encoding: chunked\r\n\r\nzz\r\n{SECRET}"
        lines[f"body of {path}"] = f"{top}Content-Length: 200\r\n\r\npassword={SECRET}&a=%00"
        lines[f"wrong method at {path}"] = f"PATCH {path}?a={SECRET} HTTP/1.1\r\nHost: {host}"
    for name, text in lines.items():
        yield name, text.encode("latin-1") + b"\r\n\r\n"


def lines_of(path: Path, since: int) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_bytes()[since:].decode().splitlines()]


def test_every_error_is_ours_and_its_code_stands_once_in_the_log(http_product: Product) -> None:
    for process in processes(http_product):
        begins = process.log.stat().st_size
        codes: dict[str, str] = {}
        for name, data in faulty(process):
            where = f"{process.name}: {name}"
            answer = send(process, data)
            assert 300 <= answer.status < 500, (where, answer)
            assert "x-content-type-options: nosniff" in answer.head.lower(), (where, answer.head)
            assert "content-security-policy:" in answer.head.lower(), where
            assert SECRET not in answer.body, where
            found = re.search(r"(?:Mã hỗ trợ|Support code):? <code>(\w{8})<", answer.body)
            if answer.status >= 400 and "text/html" in answer.head and answer.status != 421:
                assert found, (where, answer.body)
                codes[found[1]] = where
        assert len(codes) > 10, process.name
        written = lines_of(process.log, begins)
        assert all(line["time"] and line["level"] for line in written)
        for code, where in codes.items():
            ids = [line for line in written if str(line.get("request_id", "")).endswith(code)]
            assert len(ids) == 1, (where, ids)
    for log in (http_product.state / "logs").glob("*"):
        assert SECRET not in log.read_text(errors="replace"), log


def test_malformed_requests_to_every_route_of_the_others(http_product: Product) -> None:
    """The sign-in has a campaign of its own (`test_fuzz_malformed`)."""
    for process in processes(http_product)[1:]:
        templates = [
            Template("POST", path, form=(("logout_token", "x"),)) for path in process.posts
        ]
        templates += [Template("GET", path) for path in ("/", "/healthz", "/callback", "/nowhere")]
        for request in malformed_requests(templates, process.host, COUNT, SEED):
            answer = send(process, request.serialise())
            where = (process.name, request.damages, request.serialise()[:300])
            if answer.status == 0:
                # Closed while the sender had not finished, or was sending very much.
                unfinished = request.framing in ("chunked without end", "length too long")
                assert unfinished or len(request.serialise()) > 60_000, where
                continue
            assert answer.status < 500, (where, answer)
            assert "x-content-type-options: nosniff" in answer.head.lower(), (where, answer.head)
