"""What `admin_ui.operations.backup` declares."""

from __future__ import annotations

from admin_ui.operations.backup.errors import ERRORS
from admin_ui.operations.backup.events import KINDS
from directory.component import Check, Component, Job

COMPONENT = Component(
    "admin_ui.operations.backup",
    jobs=(
        Job(
            "backup",
            every_s=3600,
            longest_s=7200,
            work="admin_ui.operations.backup.schedule:back_up_when_due",
        ),
    ),
    actors={
        "restore": ("Hệ thống (khi khôi phục)", "The system (while restoring)"),
        "drill": ("Hệ thống (diễn tập khôi phục)", "The system (a drill)"),
    },
    kinds=KINDS,
    errors=ERRORS,
    checks=(Check("backup", "admin_ui.operations.backup.checks:is_backed_up"),),
)
