"""What `admin_ui.console` declares."""

from __future__ import annotations

from admin_ui.console.errors import ERRORS
from directory.component import Component, TableRule

COMPONENT = Component(
    "admin_ui.console",
    tables_in=("admin_ui.console.tables",),
    tables={
        "console_session": TableRule(
            "8 hours at most",
            "put back, and dead: the sign-ins they came from have ended",
        ),
        "console_kept_form": TableRule("30 minutes", "put back"),
    },
    forget=("admin_ui.console.sessions:forget_ended", "admin_ui.console.kept_forms:forget_expired"),
    errors=ERRORS,
)
