"""What `idp.signin` declares."""

from __future__ import annotations

from directory.component import Component, TableRule

COMPONENT = Component(
    "idp.signin",
    tables_in=("idp.signin.tables",),
    tables={
        "signin_throttle": TableRule("until the counter has run out", "put back"),
    },
    forget=(
        "idp.signin.pauses:tell_turned_away",
        "idp.signin.throttle:purge",
    ),
)
