"""``/xac-nhan``: before something weighty is done, its visitor proves anew who they are."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from admin_ui.console.pages import leave_notice
from admin_ui.console.screen import SIGNED_IN, Screen
from admin_ui.console.signin.begin import anew_url
from admin_ui.console.step_up import PATH, find_waiting, is_fresh
from admin_ui.console.visitor import current_visitor

step_up = Blueprint("step_up", __name__)

SCREEN = Screen(step_up, {"show": SIGNED_IN})


@step_up.get(PATH)
def show() -> Response:
    """What waits, and what is wanted for it; or, once that is there, the way on."""
    waiting = find_waiting()
    if waiting is None:
        response = redirect("/", 303)
        leave_notice(response, "typed_gone")
        return response
    return make_response(
        render_template(
            "console/step_up.html",
            waiting=waiting,
            is_fresh=is_fresh(current_visitor()),
            anew_url=anew_url(request.full_path.rstrip("?")),
        )
    )
