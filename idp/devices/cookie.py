"""The cookie that holds a browser's id."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from directory.clock import SECOND
from idp.devices.store import UNUSED_MS
from web.state import current_kit


def _name() -> str:
    return current_kit().cookie_name("device")


def device_id() -> str:
    """The id of the browser that sent this request; empty when it has none."""
    return request.cookies.get(_name(), "")


def set_device_cookie(response: Response, value: str) -> None:
    """Give the browser its id."""
    response.set_cookie(
        _name(),
        value,
        max_age=UNUSED_MS // SECOND,
        path="/",
        secure=current_kit().https,
        httponly=True,
        samesite="Lax",
    )
