"""What `directory.passwords` declares."""

from __future__ import annotations

from directory.component import Component
from directory.passwords.errors import ERRORS

COMPONENT = Component("directory.passwords", errors=ERRORS)
