"""Alive, and ready."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence

from flask import current_app, jsonify
from werkzeug.wrappers import Response

from directory.component import Check
from directory.installation import Installation
from web.current import current_installation
from web.health import checks

# Probes come from several sides at once and need not be known to anyone: an installation is looked
# at once a second at most.
_FRESH_S = 1.0
_lock = threading.Lock()
_EXTENSION = "readiness"


def show_alive() -> Response:
    """The process answers. Says nothing about the stores: restarting us would not mend those."""
    return jsonify({"status": "ok"})


def show_ready() -> Response:
    """Whether sign-in works: 503 while it does not. 200 and ``degraded`` while it works and a part
    behind it does not: another process would not answer better."""
    asked: Sequence[Check] = current_app.extensions[checks.EXTENSION]
    found = _looked(current_installation(), asked)
    status = checks.status(asked, found)
    response = jsonify({"status": status, "checks": found})
    response.status_code = 503 if status == "unavailable" else 200
    return response


def _looked(installation: Installation, asked: Sequence[Check]) -> Mapping[str, str]:
    with _lock:
        kept: tuple[float, Mapping[str, str]] | None = current_app.extensions.get(_EXTENSION)
        if kept is None or time.monotonic() - kept[0] >= _FRESH_S:
            found = checks.look(installation, asked)
            kept = current_app.extensions[_EXTENSION] = (time.monotonic(), found)
        return kept[1]
