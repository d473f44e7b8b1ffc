"""What `directory.outbound` declares."""

from __future__ import annotations

from directory.component import Component
from directory.outbound.errors import ERRORS

COMPONENT = Component("directory.outbound", errors=ERRORS)
