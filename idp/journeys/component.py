"""What `idp.journeys` declares."""

from __future__ import annotations

from directory.component import Component, Route
from idp import paths
from idp.journeys.errors import ERRORS
from idp.journeys.events import KINDS

COMPONENT = Component(
    "idp.journeys",
    routes=(
        Route("signin.show_step", paths.SIGN_IN, "idp.journeys.views:show_step"),
        Route("signin.answer_step", paths.SIGN_IN, "idp.journeys.views:answer_step", ("POST",)),
        Route("signin.begin_again", paths.SIGN_IN_AGAIN, "idp.journeys.views:begin_again"),
    ),
    kinds=KINDS,
    errors=ERRORS,
)
