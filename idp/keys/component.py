"""What `idp.keys` declares."""

from __future__ import annotations

from directory.component import Check, Component, TableRule
from idp.keys.errors import ERRORS
from idp.keys.events import KINDS

COMPONENT = Component(
    "idp.keys",
    tables_in=("idp.keys.tables",),
    tables={
        "signing_key": TableRule(
            "always: old signatures can be checked", "revocations are made again"
        ),
        "revocation_epoch": TableRule("always", "a new one is added"),
    },
    kinds=KINDS,
    errors=ERRORS,
    expiries=("idp.keys.expiries:signing_keys",),
    checks=(Check("signing keys", "idp.keys.checks:has_keys"),),
)
