"""The console as it is served, writing down what each answer cost: for `bench/run console`.

One line of JSON an answer: what was asked (as the walk calls it), status, the time that the product
itself measures (`web.guard.Told`), CPU time of the thread, SQL statements, and those that wrote.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterable
from typing import Any

from sqlalchemy import event

from admin_ui.components import COMPONENTS, REGISTRATION, REQUEST_KINDS, VOCABULARY
from admin_ui.console.app import create_app
from directory import log_lines
from directory.component import expiries_of
from directory.installation import open_installation
from directory.settings import read_settings
from web.guard import Told
from web.health.checks import ready_checks

_here = threading.local()
_WRITING = ("INSERT", "UPDATE", "DELETE")
_UNCOUNTED = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")


def _note(told: Told) -> None:
    _here.told = told


def _count(_c: object, _u: object, statement: str, *_: object) -> None:
    if not statement.startswith(_UNCOUNTED):
        _here.read = getattr(_here, "read", 0) + (not statement.startswith(_WRITING))
        _here.written = getattr(_here, "written", 0) + statement.startswith(_WRITING)


_settings = read_settings(
    {name: value for name, value in os.environ.items() if name.startswith("DANHMUC_")}
)
log_lines.configure("console", _settings.log_level)
_installation = open_installation(_settings, account="catalogue")
event.listen(_installation.database.engine, "before_cursor_execute", _count)
app = create_app(
    _installation,
    VOCABULARY,
    REGISTRATION,
    REQUEST_KINDS,
    ready_checks(COMPONENTS),
    expiries_of(COMPONENTS),
    on_answer=_note,
)
_inner = app.wsgi_app
_answers = os.open(os.environ["BENCH_ANSWERS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def _measured(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    _here.read = _here.written = 0
    cpu = time.thread_time()
    answer = _inner(environ, start_response)
    if called := environ.get("HTTP_X_BENCH", ""):
        told: Told = _here.told
        line = {
            "called": called.encode("latin-1").decode(),  # PEP 3333
            "endpoint": told.endpoint,
            "status": told.status,
            "ms": told.seconds * 1000,
            "cpu_ms": (time.thread_time() - cpu) * 1000,
            "read": _here.read,
            "written": _here.written,
        }
        os.write(_answers, (json.dumps(line) + "\n").encode())  # whole lines: O_APPEND, write(2)
    return answer


app.wsgi_app = _measured  # type: ignore[method-assign]


def after_fork() -> None:
    """In a new worker: share no connection with the process that loaded us."""
    _installation.close_connections()
