"""Alive, and ready."""

from __future__ import annotations

import threading
import time

from flask import Blueprint, jsonify
from sqlalchemy import text
from werkzeug.wrappers import Response

from directory.errors import AppError
from directory.installation import Installation
from idp.request import current_house

health = Blueprint("health", __name__)

# Probes come from several sides at once and need not be known to anyone: the stores are asked once
# a second at most.
_FRESH_S = 1.0
_lock = threading.Lock()
_answer: tuple[float, dict[str, str]] = (float("-inf"), {})


@health.get("/healthz")
def show_alive() -> Response:
    """The process answers. Says nothing about the stores: restarting us would not mend those."""
    return jsonify({"status": "ok"})


@health.get("/readyz")
def show_ready() -> Response:
    """Whether sign-in works: 503 while a store does not answer."""
    checks = _checked(current_house())
    response = jsonify({"status": "ok" if _is_ready(checks) else "unavailable", "checks": checks})
    response.status_code = 200 if _is_ready(checks) else 503
    return response


def _is_ready(checks: dict[str, str]) -> bool:
    return all(result == "ok" for result in checks.values())


def _checked(house: Installation) -> dict[str, str]:
    global _answer
    with _lock:
        if time.monotonic() - _answer[0] >= _FRESH_S:
            _answer = (time.monotonic(), {"sql": _ask_sql(house), "ldap": _ask_ldap(house)})
        return _answer[1]


def _ask_sql(house: Installation) -> str:
    try:
        with house.database.read() as tx:
            tx.execute(text("SELECT 1"))
    except AppError as error:
        return error.code
    return "ok"


def _ask_ldap(house: Installation) -> str:
    try:
        house.ldap.read(f"ou=people,{house.settings.suffix}", ["ou"])
    except AppError as error:
        return error.code
    return "ok"
