"""What `idp.journeys` declares."""

from __future__ import annotations

from directory.component import Component, Route
from idp import paths
from idp.journeys.errors import ERRORS
from idp.journeys.events import KINDS

_ACTIVATE = "idp.journeys.activate_views"
_RECOVER = "idp.journeys.recover_views"

COMPONENT = Component(
    "idp.journeys",
    routes=(
        Route("signin.show_step", paths.SIGN_IN, "idp.journeys.views:show_step"),
        Route("signin.answer_step", paths.SIGN_IN, "idp.journeys.views:answer_step", ("POST",)),
        Route("activate.show_step", paths.ACTIVATE, f"{_ACTIVATE}:show_step"),
        Route("activate.answer_step", paths.ACTIVATE, f"{_ACTIVATE}:answer_step", ("POST",)),
        Route("recover.show_step", paths.RECOVER, f"{_RECOVER}:show_step"),
        Route("recover.answer_step", paths.RECOVER, f"{_RECOVER}:answer_step", ("POST",)),
        Route("signin.begin_again", paths.SIGN_IN_AGAIN, "idp.journeys.views:begin_again"),
    ),
    kinds=KINDS,
    errors=ERRORS,
)
