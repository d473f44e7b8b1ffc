"""What `idp.devices` declares."""

from __future__ import annotations

from directory.component import Component, TableRule
from idp.devices.messages import MESSAGES

COMPONENT = Component(
    "idp.devices",
    tables_in=("idp.devices.tables",),
    tables={
        "known_device": TableRule(
            "90 days unused, or until suspension or a new password", "put back"
        ),
    },
    forget=("idp.devices.store:purge",),
    messages=MESSAGES,
)
