"""What `idp.sessions` declares."""

from __future__ import annotations

from directory.component import Component, TableRule
from idp.sessions.events import KINDS

COMPONENT = Component(
    "idp.sessions",
    tables_in=("idp.sessions.tables",),
    tables={
        "sessions": TableRule("30 days after their end", "all are ended, their applications told"),
        "session_clients": TableRule(
            "30 days after their end", "all are ended, their applications told"
        ),
    },
    forget=("idp.sessions.store:purge",),
    kinds=KINDS,
)
