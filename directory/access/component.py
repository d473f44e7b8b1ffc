"""What `directory.access` declares."""

from __future__ import annotations

from directory.access.errors import ERRORS
from directory.access.request_kinds import ENTER, GRANT
from directory.component import Component

COMPONENT = Component("directory.access", requests=(GRANT, ENTER), errors=ERRORS)
