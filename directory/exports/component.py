"""What `directory.exports` declares."""

from __future__ import annotations

from directory.component import Component
from directory.exports.errors import ERRORS
from directory.exports.events import KINDS

COMPONENT = Component("directory.exports", errors=ERRORS, kinds=KINDS)
