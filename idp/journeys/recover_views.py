"""``/quen-mat-khau``: for whoever has forgotten the password."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from idp.journeys import pages
from idp.journeys.recover import RECOVER

_LONGEST = 64


def show_step() -> Response:
    """The open step; without a flow, the choice of ways. ``tu-flow``: of the sign-in before it."""
    back = request.args.get("tu-flow", "")
    return pages.show(RECOVER, {"back": back} if 0 < len(back) <= _LONGEST else {})


def answer_step() -> Response:
    """The answer to it."""
    return pages.answer(RECOVER)
