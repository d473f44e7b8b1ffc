"""What `idp.recovery` declares."""

from __future__ import annotations

from directory.component import Component
from idp.recovery.events import KINDS

COMPONENT = Component("idp.recovery", kinds=KINDS)
