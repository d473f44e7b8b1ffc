"""What `web` declares."""

from __future__ import annotations

from directory.component import Component
from web.errors import ERRORS
from web.events import KINDS
from web.routes import ROUTES

COMPONENT = Component(
    "web",
    kinds=KINDS,
    errors=ERRORS,
    routes=ROUTES,
)
