"""Where the time goes: operations in one process, without a server between, under the profiler.

The profiler makes calls dearer and waiting not, so the shares are a guide; the milliseconds beside
them were measured without it.
"""

from __future__ import annotations

import cProfile
import io
import pstats
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from bench.connection import Answer, Connection, read_headers
from bench.operations import Operation, Stage

PARTS = ("SQL store", "SQLAlchemy", "LDAP and hash", "crypto", "framework", "templates", "ours")
_BUILT_IN = "~"
_BY_BUILT_IN = (
    (("sqlite3", "psycopg", "flock"), "SQL store"),
    (("select.poll", "select.epoll", "_socket.socket", "select.select"), "LDAP and hash"),
    (("openssl", "_hashlib", "_hmac", "argon2", "cryptography", "_rust"), "crypto"),
)
_BY_FILE = (
    (("/sqlalchemy/", "/sqlite3/", "/psycopg"), "SQLAlchemy"),
    (("/ldap3/", "/pyasn1/", "/directory/ldap/"), "LDAP and hash"),
    (("/joserfc/", "/cryptography/", "/hashlib.py", "/hmac.py", "/secrets.py"), "crypto"),
    (("/jinja2/", "/markupsafe/", "/babel/", ".html"), "templates"),
    (("/flask/", "/werkzeug/", "/authlib/", "/blinker/"), "framework"),
    (("/directory/", "/idp/", "/admin_ui/"), "ours"),
)


@dataclass
class InProcess(Connection):
    """A connection that ends in WSGI applications of this process."""

    applications: Mapping[int, Callable[..., Any]] | None = None

    def _exchange(self, request: bytes) -> Answer:
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, target, _ = first.split(" ")
        heard: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], *_more: object) -> None:
            heard.append((status, headers))

        application = (self.applications or {})[self.port]
        parts = application(_environ(method, target, lines, body, self.port), start)
        try:
            content = b"".join(parts)
        finally:
            getattr(parts, "close", lambda: None)()
        status, pairs = heard[0]
        headers, given = read_headers([f"{name}: {value}" for name, value in pairs])
        self.keep(given)
        return Answer(int(status[:3]), headers, given, content)


def _environ(
    method: str, target: str, lines: list[str], body: bytes, port: int
) -> dict[str, object]:
    path = urlsplit(target)
    environ: dict[str, object] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path.path, "latin-1"),
        "QUERY_STRING": path.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for line in lines:
        name, _, value = line.partition(": ")
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return environ


@dataclass(frozen=True)
class Shares:
    """`elapsed_ms`, `cpu_ms`: of one operation without the profiler; `shares` add up to 1."""

    name: str
    elapsed_ms: float
    cpu_ms: float
    shares: Mapping[str, float]


def look_into(operation: Operation, stage: Stage, times: int) -> Shares:
    """Repeat an operation in this process and see which rooms its time was spent in."""
    once = operation.prepare(stage, 0)
    for _ in range(3):
        once()
    began, cpu = time.perf_counter(), time.thread_time()
    for _ in range(times):
        once()
    elapsed, used = time.perf_counter() - began, time.thread_time() - cpu
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(times):
        once()
    profile.disable()
    return Shares(operation.name, elapsed / times * 1000, used / times * 1000, _shares(profile))


def _shares(profile: cProfile.Profile) -> dict[str, float]:
    spent = dict.fromkeys((*PARTS, "Python"), 0.0)
    stats: Mapping[Any, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    for function, (_, _, own, _, callers) in stats.items():
        part = _part_of(function)
        if part or not callers:
            spent[part or "Python"] += own
            continue
        for caller, (_, _, own_there, _) in callers.items():
            spent[_part_of(caller) or "Python"] += own_there
    whole = sum(spent.values()) or 1.0
    return {part: seconds / whole for part, seconds in spent.items()}


def _part_of(function: tuple[str, int, str]) -> str:
    file, _, name = function
    table, text = (_BY_BUILT_IN, name) if file == _BUILT_IN else (_BY_FILE, file)
    return next((part for marks, part in table if any(mark in text for mark in marks)), "")
