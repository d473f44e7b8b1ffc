"""The smallest web application: what the gunicorn settings are tried with."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable
from typing import Any

_forked_in = 0


def after_fork() -> None:
    global _forked_in
    _forked_in = os.getpid()


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/broken":
        raise RuntimeError("broken on purpose")
    body = f"{os.getpid()} {_forked_in} {environ['wsgi.url_scheme']}".encode()
    if environ["PATH_INFO"] == "/collector":
        body = f"{gc.isenabled()} {gc.get_freeze_count() > 0} {gc.get_threshold()}".encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
