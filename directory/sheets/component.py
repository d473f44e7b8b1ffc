"""What `directory.sheets` declares."""

from __future__ import annotations

from directory.component import Component
from directory.sheets.errors import ERRORS

COMPONENT = Component("directory.sheets", errors=ERRORS)
