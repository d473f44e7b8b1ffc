"""What `admin_ui.operations.seed` declares."""

from __future__ import annotations

from admin_ui.operations.seed.events import KINDS
from directory.component import Component

COMPONENT = Component("admin_ui.operations.seed", kinds=KINDS)
