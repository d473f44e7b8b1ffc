"""Before any view: what the guard is told, and refusal of what we never answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import (
    BadRequest,
    LengthRequired,
    MethodNotAllowed,
    RequestURITooLarge,
)

from web.forwarded import Sender, find_sender
from web.guard import notes_of
from web.state import current_kit

_log = logging.getLogger(__name__)

_MAX_BODY_BYTES = 256 * 1024
_MOST_BODY = "most_body_bytes"  # of a view that says how much it takes
_MAX_QUERY_BYTES = 16 * 1024
# Anybody who reaches us can claim to forward: what is remembered of it is bounded.
_MOST_WARNED = 100
_warned: set[str] = set()


_View = TypeVar("_View", bound=Callable[..., Any])


def accepts_body_of(most: int) -> Callable[[_View], _View]:
    """Declare that a view takes more than others: `most` bytes of a body, a file with its form."""

    def declare(view: _View) -> _View:
        setattr(view, _MOST_BODY, most)
        return view

    return declare


def install(app: Flask) -> None:
    """Tell the guard about every request; refuse TRACE, oversized and malformed requests."""
    app.config.setdefault("MAX_CONTENT_LENGTH", None)
    if app.config["MAX_CONTENT_LENGTH"] is None:
        app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY_BYTES
    app.before_request(_name_request)
    app.before_request(_take_larger_body)
    app.before_request(_refuse_trace)
    app.before_request(_refuse_malformed)
    app.after_request(_note_address)


def client_address() -> str:
    """The IP address of the browser or client; empty when the server does not know it.

    X-Forwarded-For is believed only as far as configured proxies wrote it (`web.forwarded`).
    """
    return sender().address


def sender() -> Sender:
    """Where this request comes from."""
    if "sender" not in g:
        g.sender = _find_sender()
    found: Sender = g.sender
    return found


def _find_sender() -> Sender:
    headers = request.headers
    found = find_sender(
        request.remote_addr or "",
        headers.get("X-Forwarded-For", ""),
        current_kit().settings.trusted_proxies,
        forwards="X-Forwarded-For" in headers or "Forwarded" in headers,
    )
    if found.undeclared_proxy and _is_new(found.undeclared_proxy):
        # Everybody behind it is recorded under its address: said once by every process.
        _log.warning(
            "a proxy is not declared: name it in DANHMUC_TRUSTED_PROXIES",
            extra={"event": "proxy.undeclared", "peer": found.undeclared_proxy},
        )
    return found


def _is_new(peer: str) -> bool:
    if peer in _warned or len(_warned) >= _MOST_WARNED:
        return False
    _warned.add(peer)
    return True


def _name_request() -> None:
    notes = notes_of(request.environ)
    notes.endpoint = request.endpoint or ""
    g.request_id = notes.request_id


def _note_address(response: Response) -> Response:
    if response.status_code >= 500:
        notes_of(request.environ).address = client_address()
    return response


def _take_larger_body() -> None:
    """Before anybody reads it: the form token in it is looked at before it is known who sends."""
    view = current_app.view_functions.get(request.endpoint or "")
    most = getattr(view, _MOST_BODY, None)
    if most is not None:
        request.max_content_length = most


def _refuse_trace() -> None:
    if request.method in ("TRACE", "TRACK", "CONNECT"):
        raise MethodNotAllowed(valid_methods=["GET", "HEAD", "POST"])


def _refuse_malformed() -> None:
    if len(request.query_string) > _MAX_QUERY_BYTES:
        raise RequestURITooLarge
    # No store of ours can hold NUL: refused here instead of surprising PostgreSQL.
    if "\0" in request.path or any("\0" in key + value for key, value in request.args.items(True)):
        raise BadRequest
    if request.routing_exception:
        return
    if request.content_length is None and "Transfer-Encoding" in request.headers:
        # An endless chunked body would hold a thread for as long as its sender likes; browsers
        # always say how long a form is, and a proxy in front says it for others.
        raise LengthRequired
    if request.endpoint in current_kit().csrf_exempt:
        return  # they look at their own parameters
    # A multipart part without a name comes as None.
    if any(key is None or "\0" in key + value for key, value in request.form.items(True)):
        raise BadRequest
