"""What `idp.factors.password` declares."""

from __future__ import annotations

from directory.component import Component, Route
from idp import paths
from idp.factors.password.errors import ERRORS
from idp.factors.password.events import KINDS

_VIEWS = "idp.factors.password.change"

COMPONENT = Component(
    "idp.factors.password",
    routes=(
        Route("password.show", paths.CHANGE_PASSWORD, f"{_VIEWS}:show"),
        Route("password.change", paths.CHANGE_PASSWORD, f"{_VIEWS}:change", ("POST",)),
        # https://www.w3.org/TR/change-password-url/
        Route("password.well_known", "/.well-known/change-password", f"{_VIEWS}:redirect_here"),
    ),
    kinds=KINDS,
    errors=ERRORS,
)
