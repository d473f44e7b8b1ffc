"""What `idp.oidc` declares."""

from __future__ import annotations

from directory.component import Component, TableRule
from idp.oidc.errors import ERRORS
from idp.oidc.events import KINDS

COMPONENT = Component(
    "idp.oidc",
    tables_in=("idp.oidc.tables",),
    tables={
        "token_family": TableRule("until expired", "all are revoked"),
        "posted_request": TableRule("minutes", "emptied"),
    },
    forget=("idp.oidc.token_families:purge",),
    kinds=KINDS,
    errors=ERRORS,
)
