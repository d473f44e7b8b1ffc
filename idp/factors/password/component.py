"""What `idp.factors.password` declares."""

from __future__ import annotations

from directory.component import Component
from idp.factors.password.errors import ERRORS
from idp.factors.password.events import KINDS

COMPONENT = Component(
    "idp.factors.password",
    kinds=KINDS,
    errors=ERRORS,
)
