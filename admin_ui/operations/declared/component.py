"""What `admin_ui.operations.declared` declares."""

from __future__ import annotations

from admin_ui.operations.declared.errors import ERRORS
from admin_ui.operations.declared.events import KINDS
from directory.component import Component

COMPONENT = Component("admin_ui.operations.declared", errors=ERRORS, kinds=KINDS)
