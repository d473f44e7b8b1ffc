"""What `admin_ui.console` declares."""

from __future__ import annotations

from directory.component import Component, TableRule

COMPONENT = Component(
    "admin_ui.console",
    tables_in=("admin_ui.console.tables",),
    tables={
        "console_session": TableRule("12 hours at most", "emptied"),
        "console_kept_form": TableRule("minutes", "put back"),
    },
)
