"""What `directory.catalogue` declares."""

from __future__ import annotations

from directory.catalogue.errors import ERRORS
from directory.component import Component

COMPONENT = Component("directory.catalogue", errors=ERRORS)
