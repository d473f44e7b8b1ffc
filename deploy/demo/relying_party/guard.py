"""The outermost layer: our page and our headers, whatever fails and whatever was sent.

Flask answers what goes wrong inside its views. What goes wrong around them, and what the web server
refuses before there is a request (`refuse`, called by `deploy/gunicorn.conf.py`), is answered here.
Each answer of 400 and more is one line in the log; the support code on the page is the end of its
`request_id`.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, request
from werkzeug.wrappers import Response

from relying_party import log_lines
from relying_party.settings import Settings

REQUEST_ID = "relying_party.request_id"
ERROR = "relying_party.error"
HEALTH = "/healthz"

log = logging.getLogger(__name__)


class Guard:
    """WSGI middleware; kept as `app.extensions["guard"]`.

    `render` makes the page of a status inside a request of `app`; `headers` stand on a page even
    when that cannot be made.
    """

    def __init__(
        self,
        app: Flask,
        settings: Settings,
        render: Callable[[int], Response],
        headers: Mapping[str, str],
    ) -> None:
        self._app = app
        self._inner = app.wsgi_app
        self._own = settings.base_url
        self._host = urlsplit(settings.base_url).netloc.lower()
        self._render = render
        self._headers = dict(headers)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        begin_request(environ)
        status = self._refusal(environ)
        if status:
            answer = self._answer(status, environ)
        else:
            try:
                answer = Response.from_app(self._inner, environ, buffered=True)
                answer.get_data()  # made of bytes, whatever a view returned
            except Exception as error:
                environ[ERROR] = error
                answer = self._answer(500, environ)
        if answer.status_code >= 400:
            write_line(answer.status_code, environ)
        return answer(environ, start_response)

    def refuse(
        self, status: int, fault: BaseException, *, address: str = ""
    ) -> tuple[str, list[tuple[str, str]], bytes]:
        """Status line, headers and body for what the server could not read; `address` of whom."""
        environ: dict[str, Any] = {ERROR: fault, "REMOTE_ADDR": address}
        begin_request(environ)
        answer = self._answer(status, environ)
        write_line(status, environ)
        return answer.status, list(answer.headers), answer.get_data()

    def _refusal(self, environ: dict[str, Any]) -> int:
        if environ.get("PATH_INFO") == HEALTH:
            environ["HTTP_HOST"] = self._host  # probes come by address
        elif environ.get("HTTP_HOST", "").lower() != self._host:
            return 421  # DNS rebinding, a poisoned cache, a wrong bookmark
        if "HTTP_TRANSFER_ENCODING" in environ and not environ.get("CONTENT_LENGTH"):
            return 411  # browsers and the provider always say how long a form is
        return 0

    def _answer(self, status: int, environ: dict[str, Any]) -> Response:
        try:
            with self._app.test_request_context("/", base_url=self._own):
                request.environ[REQUEST_ID] = environ[REQUEST_ID]
                answer = self._app.process_response(self._render(status))  # type: ignore[arg-type]
                return Response(answer.get_data(), status, list(answer.headers))
        except Exception as error:
            environ.setdefault(ERROR, error)
            code = environ[REQUEST_ID][-8:]
            page = (
                f"<!doctype html><p>Ứng dụng đang có lỗi.</p><p>Mã hỗ trợ: <code>{code}</code></p>"
            )
            return Response(page, status, self._headers, content_type="text/html; charset=utf-8")


def begin_request(environ: dict[str, Any]) -> None:
    """Give a request its id."""
    environ[REQUEST_ID] = secrets.token_hex(16)
    log_lines.request_id.set(environ[REQUEST_ID])


def support_code() -> str:
    """What a person reads out to whoever looks into the log."""
    return str(request.environ.get(REQUEST_ID, ""))[-8:]


def note(error: BaseException) -> None:
    """Leave the exception behind an error page for the log."""
    request.environ[ERROR] = error


def write_line(status: int, environ: dict[str, Any]) -> None:
    """One line for one refused or failed request: nothing of what was sent."""
    error = environ.get(ERROR)
    facts = {"status": status, "fault": type(error).__name__} if error else {"status": status}
    if status >= 500:
        log.error("request failed", exc_info=error, extra=facts)
    else:
        log.info("request refused", extra=facts)
