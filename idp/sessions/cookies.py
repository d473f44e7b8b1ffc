"""The session cookie of the current request."""

from __future__ import annotations

from flask import request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from idp.sessions.liveness import ABSOLUTE_MS
from idp.sessions.store import Session, find
from web.state import current_kit


def _name() -> str:
    return current_kit().cookie_name("session")


def current_session(tx: Connection) -> Session | None:
    """The living session of the browser that sent this request."""
    value = request.cookies.get(_name())
    return find(tx, value) if value else None


def set_session_cookie(response: Response, value: str, *, shared_computer: bool) -> None:
    """Give the browser the session; on a shared computer only until the browser is closed."""
    response.set_cookie(
        _name(),
        value,
        max_age=None if shared_computer else ABSOLUTE_MS // 1000,
        path="/",
        secure=current_kit().https,
        httponly=True,
        samesite="Lax",
    )


def clear_session_cookie(response: Response) -> None:
    """Take the session cookie away."""
    response.delete_cookie(
        _name(), path="/", secure=current_kit().https, httponly=True, samesite="Lax"
    )
