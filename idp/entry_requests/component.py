"""What `idp.entry_requests` declares."""

from __future__ import annotations

from directory.component import Component, Route
from idp import paths

COMPONENT = Component(
    "idp.entry_requests",
    routes=(
        Route("entry_requests.ask", paths.ASK_TO_ENTER, "idp.entry_requests.views:ask"),
        Route(
            "entry_requests.send", paths.ASK_TO_ENTER, "idp.entry_requests.views:send", ("POST",)
        ),
    ),
)
