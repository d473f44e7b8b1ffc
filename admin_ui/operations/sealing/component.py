"""What `admin_ui.operations.sealing` declares."""

from __future__ import annotations

from admin_ui.operations.sealing.errors import ERRORS
from admin_ui.operations.sealing.events import KINDS
from directory.component import Component

COMPONENT = Component(
    "admin_ui.operations.sealing",
    kinds=KINDS,
    expiries=("admin_ui.operations.sealing.expiries:newest_key",),
    errors=ERRORS,
)
