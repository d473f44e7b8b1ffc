"""``/quen-mat-khau``: for whoever has forgotten the password."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from idp.flows.pages import STEP
from idp.journeys import pages
from idp.journeys.recover import RECOVER
from idp.recovery.ways import LINK_CODE

_LONGEST = 64


def show_step() -> Response:
    """The open step; without a flow, the choice of ways, or the code of a link that was sent.
    ``tu-flow``: of the sign-in before it."""
    back = request.args.get("tu-flow", "")
    begun_with = {"back": back} if 0 < len(back) <= _LONGEST else {}
    step = LINK_CODE if request.args.get(STEP) == LINK_CODE else ""
    return pages.show(RECOVER, begun_with, step=step)


def answer_step() -> Response:
    """The answer to it."""
    return pages.answer(RECOVER)
