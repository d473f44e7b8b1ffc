"""``/phieu``: what a voucher is, for people."""

from __future__ import annotations

from flask import make_response, render_template
from werkzeug.wrappers import Response


def show_explanation() -> Response:
    """A page in the words of this folder."""
    return make_response(render_template("voucher/explanation.html"))
