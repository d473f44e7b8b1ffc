"""``/``: to work, or to the sign-in."""

from __future__ import annotations

from flask import Blueprint, g, redirect
from werkzeug.wrappers import Response

from admin_ui.console.errors import CONSOLE_NO_PERMISSION
from admin_ui.console.pages import NAVIGATION
from admin_ui.console.signin.begin import START_PATH
from directory.errors import Forbidden

home = Blueprint("home", __name__)


@home.get("/")
def show() -> Response:
    """The first page of the menu."""
    visitor = g.visitor
    if visitor is None:
        return redirect(START_PATH, 303)
    for item in NAVIGATION:
        if visitor.may(item.permission):
            return redirect(item.url, 303)
    raise Forbidden(CONSOLE_NO_PERMISSION)
