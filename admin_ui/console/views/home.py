"""``/``: to work, or to the sign-in."""

from __future__ import annotations

from flask import Blueprint, g, redirect
from werkzeug.wrappers import Response

from admin_ui.console.errors import CONSOLE_NO_PERMISSION
from admin_ui.console.pages import menu_of
from admin_ui.console.screen import PUBLIC, Screen
from admin_ui.console.signin.begin import START_PATH
from directory.errors import Forbidden

home = Blueprint("home", __name__)
SCREEN = Screen(home, {"show": PUBLIC})


@home.get("/")
def show() -> Response:
    """The first page of the menu."""
    visitor = g.visitor
    if visitor is None:
        return redirect(START_PATH, 303)
    first = next(iter(menu_of(visitor).values()), None)
    if first is None:
        raise Forbidden(CONSOLE_NO_PERMISSION)
    return redirect(first.url, 303)
