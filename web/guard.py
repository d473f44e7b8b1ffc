"""The outermost layer of a web application: no answer without our page, our headers and a line.

Whatever fails in Python below it, inside Flask or outside (building a response, a generator that
breaks, an address nothing can encode), becomes the page a person gets for any other fault. What a
server's own parser refuses before there is a request is answered by `refuse`, where the server has
a hook for it; `deploy/gunicorn.conf.py` uses it.

Each answer of 400 and more is one line in the log, with the request id whose short form is the
support code on the page.
"""

from __future__ import annotations

import io
import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, Response, g
from werkzeug.exceptions import BadRequest

from directory import log_lines
from directory.ids import new_event_id, support_code
from web.state import kit_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_log = logging.getLogger("web.guard")

REQUEST_ID = "danhmuc.request_id"
_NOTES = "danhmuc.notes"
# What stands in a page made beforehand until the id of a request takes its place.
_PLACE_OF_ID = "00000000-0000-7000-8000-0000000c0de0"
# Probes of a load balancer come by address; these answer nothing that depends on the host.
_ANY_HOST = frozenset({"/healthz", "/readyz"})
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})

# When not even the error page can be made.
_LAST_PAGE = (
    '<!doctype html><meta charset="utf-8"><title>Danh Mục</title>'
    "<h1>Đã có trục trặc</h1><p>Hệ thống đang gặp lỗi. / The system is failing.</p>"
    f"<p>Mã hỗ trợ / Support code: {support_code(_PLACE_OF_ID)}</p>"
)
_LAST_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Content-Type": "text/html; charset=utf-8",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "X-Request-Id": _PLACE_OF_ID,
}


@dataclass
class Notes:
    """What the application tells the guard about the request under way."""

    request_id: str
    endpoint: str = ""
    address: str = ""
    code: str = ""
    detail: str = ""
    error: BaseException | None = None
    is_recorded: bool = False


@dataclass(frozen=True)
class Fault:
    """A fault of ours that a person is being shown."""

    request_id: str
    address: str
    status: int
    code: str


@dataclass(frozen=True)
class Told:
    """One answered request, as the metrics count it."""

    endpoint: str
    method: str
    status: int
    seconds: float


# Renders the page or the JSON of a status outside any request of Flask's.
Render = Callable[[int, bool], Response]


class Guard:
    """WSGI middleware around one of our applications; kept as `app.extensions["guard"]`."""

    def __init__(
        self,
        app: Flask,
        own_url: str,
        render: Render,
        *,
        on_fault: Callable[[Fault], None] | None = None,
        on_answer: Callable[[Told], None] | None = None,
    ) -> None:
        self._inner: WSGIApplication = app.wsgi_app
        self._app = app
        self._own = urlsplit(own_url)
        self._render = render
        self._on_fault = on_fault
        self._on_answer = on_answer
        self._made: dict[tuple[int, bool, str], tuple[str, list[tuple[str, str]], bytes]] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
        notes = environ[_NOTES] = Notes(new_event_id())
        environ[REQUEST_ID] = notes.request_id
        log_lines.request_id.set(notes.request_id)
        answer = _Answer()
        try:
            if _has_body(environ):
                environ["wsgi.input"] = _Input(environ["wsgi.input"])
            if self._is_for_us(environ):
                answer.take(self._inner(environ, answer.start))
            else:
                answer = self._own_answer(421, environ, notes)
        except Exception as error:
            answer.close()
            notes.error, notes.code = error, ""
            answer = self._own_answer(500, environ, notes)
        answer.notes = notes
        self._tell(answer, environ, time.perf_counter() - began)
        try:
            start_response(answer.status, answer.headers)
        except Exception as error:
            # A header nothing can send: the server takes another beginning while none is sent.
            answer.close()
            notes.error, notes.code = error, ""
            answer = self._own_answer(500, environ, notes)
            self._tell(answer, environ, time.perf_counter() - began)
            start_response(answer.status, answer.headers, _exc_info())
        return answer

    def refuse(
        self, status: int, fault: BaseException, *, address: str = ""
    ) -> tuple[str, list[tuple[str, str]], bytes]:
        """Status line, headers and body for what a server refused before it was a request."""
        notes = Notes(new_event_id(), address=address, error=fault)
        log_lines.request_id.set(notes.request_id)
        answer = self._own_answer(status, {}, notes)
        answer.notes = notes
        self._tell(answer, {}, 0.0)
        log_lines.request_id.set("")
        return answer.status, answer.headers, answer.first

    def _is_for_us(self, environ: WSGIEnvironment) -> bool:
        """Absolute links come from configuration, never from Host; a foreign Host is somebody's
        trick (cache poisoning, DNS rebinding) or a wrong bookmark."""
        port = _DEFAULT_PORTS.get(self._own.scheme, "")
        sent = environ.get("HTTP_HOST", "").lower().removesuffix(port)
        if sent == self._own.netloc.lower().removesuffix(port):
            return True
        if environ.get("PATH_INFO") in _ANY_HOST:
            # Nothing below may stumble over a name that is none.
            environ["HTTP_HOST"] = self._own.netloc
            return True
        return False

    def _own_answer(self, status: int, environ: WSGIEnvironment, notes: Notes) -> _Answer:
        as_json = _wants_json(self._app, environ)
        cookies = environ.get("HTTP_COOKIE", "")
        key = (status, as_json, "en" if "_lang=en" in cookies else "vi")
        if key not in self._made:
            response = self._render_once(*key)
            self._made[key] = (response.status, list(response.headers), response.get_data())
        line, headers, body = self._made[key]
        code, whole = support_code(notes.request_id), notes.request_id
        answer = _Answer()
        answer.status = line
        answer.headers = [
            (name, value.replace(_PLACE_OF_ID, whole))
            for name, value in headers
            if name.lower() != "content-length"
        ]
        answer.first = body.replace(_PLACE_OF_ID.encode(), whole.encode()).replace(
            support_code(_PLACE_OF_ID).encode(), code.encode()
        )
        answer.headers.append(("Content-Length", str(len(answer.first))))
        return answer

    def _render_once(self, status: int, as_json: bool, language: str) -> Response:
        address = f"{self._own.scheme}://{self._own.netloc}"
        try:
            with self._app.test_request_context(f"/?lang={language}", base_url=address):
                g.request_id = _PLACE_OF_ID
                return self._render(status, as_json)
        except Exception as error:
            _log.error("error page failed", exc_info=error, extra={"request_id": ""})
            return Response(_LAST_PAGE, status, _LAST_HEADERS)

    def _tell(self, answer: _Answer, environ: WSGIEnvironment, seconds: float) -> None:
        notes, status = answer.notes, int(answer.status[:3])
        method = environ.get("REQUEST_METHOD", "")
        method = method if method in _METHODS else "other"
        if self._on_answer is not None:
            self._on_answer(Told(notes.endpoint, method, status, seconds))
        if status < 400:
            return
        _write_line(notes, status, method)
        if status < 500 or notes.is_recorded or not answer.is_page:
            return
        if self._on_fault is not None:
            address = notes.address or environ.get("REMOTE_ADDR", "")
            self._on_fault(Fault(notes.request_id, address, status, notes.code))


def is_machine_path(app: Flask, path: str) -> bool:
    """Whether `path` is an endpoint that answers machines, whatever the method and however a slash
    at its end; errors are JSON there."""
    paths = app.extensions.get("machine_paths")
    if paths is None:
        wanted = kit_of(app).json_endpoints
        rules = app.url_map.iter_rules()
        paths = frozenset(rule.rule for rule in rules if rule.endpoint in wanted)
        app.extensions["machine_paths"] = paths
    return path.rstrip("/") in paths


def notes_of(environ: WSGIEnvironment) -> Notes:
    """The notes of a request; new ones where no guard stands around the application."""
    notes = environ.get(_NOTES)
    if not isinstance(notes, Notes):
        notes = environ[_NOTES] = Notes(new_event_id())
    return notes


def _has_body(environ: WSGIEnvironment) -> bool:
    length = environ.get("CONTENT_LENGTH", "")
    return length not in ("", "0") or "HTTP_TRANSFER_ENCODING" in environ


def _write_line(notes: Notes, status: int, method: str) -> None:
    failed = status >= 500
    level = logging.ERROR if failed and status != 503 else logging.WARNING
    facts: dict[str, object] = {
        "event": "request.failed" if failed else "request.refused",
        "request_id": notes.request_id,
        "status": status,
        "method": method,
        "endpoint": notes.endpoint,
        "code": notes.code,
    }
    if notes.detail:
        facts["detail"] = notes.detail
    if failed:
        _log.log(level, "request failed", exc_info=notes.error, extra=facts)
        return
    if notes.error is not None:
        # Anybody can cause these: the class of the mistake, not where we found it.
        facts["fault"] = {"class": type(notes.error).__name__}
    _log.info("request refused", extra=facts)


def _wants_json(app: Flask, environ: WSGIEnvironment) -> bool:
    if is_machine_path(app, environ.get("PATH_INFO", "")):
        return True
    accept = environ.get("HTTP_ACCEPT", "")
    return "application/json" in accept and "text/html" not in accept


def _exc_info() -> Any:
    return sys.exc_info()


class _Answer:
    """An answer whose beginning is held back until its first bytes are there."""

    def __init__(self) -> None:
        self.status = "500 Internal Server Error"
        self.headers: list[tuple[str, str]] = []
        self.first = b""
        self.notes = Notes("")
        self._rest: Iterator[bytes] = iter(())
        self._body: Iterable[bytes] = ()
        self._is_first_due = True

    def start(
        self, status: str, headers: list[tuple[str, str]], _exc_info: object = None
    ) -> Callable[[bytes], object]:
        self.status, self.headers = status, headers
        return _write_nothing

    def take(self, body: Iterable[bytes]) -> None:
        self._body = body
        self._rest = iter(body)
        self.first = next(self._rest, b"")
        if not isinstance(self.first, bytes):
            raise TypeError("a body is made of bytes (PEP 3333)")

    @property
    def is_page(self) -> bool:
        return any(
            name.lower() == "content-type" and value.startswith("text/html")
            for name, value in self.headers
        )

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._is_first_due:
            self._is_first_due = False
            return self.first
        try:
            return next(self._rest)
        except StopIteration:
            raise
        except Exception as error:
            # Too late for a page: the server closes the connection.
            self.notes.error = error
            _write_line(self.notes, 500, "")
            raise

    def close(self) -> None:
        close = getattr(self._body, "close", None)
        if close is not None:
            close()
        log_lines.request_id.set("")


def _write_nothing(_data: bytes) -> None:
    raise TypeError("our applications answer with iterables")


class _Input(io.RawIOBase):
    """The body of a request; what the server raises while it reads a broken one is the sender's
    mistake (RFC 9112 section 7.1), not a fault of ours."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def read(self, size: int = -1) -> bytes:
        return self._ask(self._body.read, size)

    def readline(self, size: int | None = -1) -> bytes:
        return self._ask(self._body.readline, size)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    @staticmethod
    def _ask(read: Callable[[Any], bytes], size: Any) -> bytes:
        try:
            return read(size)
        except Exception as error:
            raise BadRequest from error
