"""What `idp.factors` declares: what holds for every second factor."""

from __future__ import annotations

from directory.component import Component
from idp.factors.errors import ERRORS
from idp.factors.events import KINDS
from idp.factors.messages import MESSAGES
from idp.factors.permissions import FactorPermission

COMPONENT = Component(
    "idp.factors", errors=ERRORS, kinds=KINDS, permissions=(FactorPermission,), messages=MESSAGES
)
