"""What `admin_ui.operations` declares."""

from __future__ import annotations

from admin_ui.operations.errors import ERRORS
from admin_ui.operations.events import KINDS
from directory.component import Component

COMPONENT = Component(
    "admin_ui.operations",
    actors={"init": ("Hệ thống (khi khởi tạo)", "The system (while being set up)")},
    kinds=KINDS,
    errors=ERRORS,
)
