"""What `idp.flows` declares."""

from __future__ import annotations

from directory.component import Component, TableRule
from idp.flows.errors import ERRORS
from idp.flows.events import KINDS

COMPONENT = Component(
    "idp.flows",
    tables_in=("idp.flows.tables",),
    tables={
        "flows": TableRule(
            "45 minutes, and 12 hours more: whoever comes back reads where they were going",
            "emptied",
        ),
    },
    forget=("idp.flows.store:trim",),
    errors=ERRORS,
    kinds=KINDS,
)
