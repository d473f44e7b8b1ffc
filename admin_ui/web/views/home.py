"""``/``: to work, or to the sign-in."""

from __future__ import annotations

from flask import Blueprint, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from admin_ui.web.pages import NAVIGATION
from admin_ui.web.signin.begin import START_PATH
from admin_ui.web.signin.views import SIGNED_OUT_STATE
from directory.errors import Forbidden

home = Blueprint("home", __name__)


@home.get("/")
def show() -> Response:
    """The first page of the menu; who has just signed out is told so."""
    visitor = g.visitor
    if visitor is None and request.args.get("state") == SIGNED_OUT_STATE:
        return make_response(render_template("console/signed_out.html", sign_in_url=START_PATH))
    if visitor is None:
        return redirect(START_PATH, 303)
    for item in NAVIGATION:
        if item.permission in visitor.actions:
            return redirect(item.url, 303)
    raise Forbidden("console.no_permission")
