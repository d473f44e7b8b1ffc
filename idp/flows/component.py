"""What `idp.flows` declares."""

from __future__ import annotations

from directory.component import Component, TableRule

COMPONENT = Component(
    "idp.flows",
    tables_in=("idp.flows.tables",),
    tables={
        "flows": TableRule("half an hour", "emptied"),
    },
    forget=("idp.flows.store:trim",),
)
