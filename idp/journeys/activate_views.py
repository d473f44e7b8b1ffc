"""``/kich-hoat``: where a slip is typed."""

from __future__ import annotations

from werkzeug.wrappers import Response

from idp.journeys import pages
from idp.journeys.activate import ACTIVATE


def show_step() -> Response:
    """The open step; without a flow the one that asks for the code."""
    return pages.show(ACTIVATE)


def answer_step() -> Response:
    """The answer to it."""
    return pages.answer(ACTIVATE)
