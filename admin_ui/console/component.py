"""What `admin_ui.console` declares."""

from __future__ import annotations

from admin_ui.console.errors import ERRORS
from admin_ui.console.events import KINDS
from admin_ui.console.permissions import ConsolePermission
from directory.component import Component, TableRule

COMPONENT = Component(
    "admin_ui.console",
    tables_in=("admin_ui.console.tables",),
    tables={
        "console_session": TableRule(
            "8 hours at most",
            "put back, and dead: the sign-ins they came from have ended",
        ),
        "console_viewing": TableRule("as long as its session", "put back, and dead as its session"),
        "console_kept_form": TableRule("30 minutes", "put back"),
    },
    forget=(
        "admin_ui.console.sessions:forget_ended",
        "admin_ui.console.viewing:forget_over",
        "admin_ui.console.kept_forms:forget_expired",
    ),
    errors=ERRORS,
    kinds=KINDS,
    permissions=(ConsolePermission,),
)
