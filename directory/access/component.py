"""What `directory.access` declares."""

from __future__ import annotations

from directory.access.request_kinds import GRANT
from directory.component import Component

COMPONENT = Component("directory.access", requests=(GRANT,))
