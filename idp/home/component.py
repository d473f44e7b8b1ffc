"""What `idp.home` declares."""

from __future__ import annotations

from directory.component import Component, Route
from idp import paths
from idp.home.errors import ERRORS
from web.urls import HELP_PATH

COMPONENT = Component(
    "idp.home",
    routes=(
        Route("home.show_home", paths.HOME, "idp.home.views:show_home"),
        Route("home.show_released", paths.WHO_LEARNS_WHAT, "idp.home.views:show_released"),
        Route("home.show_help", HELP_PATH, "idp.home.views:show_help"),
        Route("home.show_logo", "/bieu-trung/<client_id>", "idp.home.views:show_logo"),
    ),
    errors=ERRORS,
)
