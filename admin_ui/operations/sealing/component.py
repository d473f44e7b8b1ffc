"""What `admin_ui.operations.sealing` declares."""

from __future__ import annotations

from admin_ui.operations.sealing.events import KINDS
from directory.component import Component, Job

COMPONENT = Component(
    "admin_ui.operations.sealing",
    jobs=(Job("sealing", 60.0, "admin_ui.operations.sealing.rotation:go_on"),),
    kinds=KINDS,
)
