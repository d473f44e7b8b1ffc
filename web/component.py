"""What `web` declares."""

from __future__ import annotations

from directory.component import Component
from web.events import KINDS

COMPONENT = Component("web", kinds=KINDS)
