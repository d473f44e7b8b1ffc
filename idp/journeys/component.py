"""What `idp.journeys` declares."""

from __future__ import annotations

from directory.component import Component
from idp.journeys.errors import ERRORS
from idp.journeys.events import KINDS

COMPONENT = Component(
    "idp.journeys",
    kinds=KINDS,
    errors=ERRORS,
)
