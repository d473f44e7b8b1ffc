"""What `idp.clients` declares."""

from __future__ import annotations

from directory.component import Check, Component, TableRule
from idp.clients.errors import ERRORS
from idp.clients.events import KINDS
from idp.clients.permissions import ClientPermission

COMPONENT = Component(
    "idp.clients",
    tables_in=("idp.clients.tables",),
    tables={
        "client": TableRule(
            "until removed", "disabling and new secrets of the replaced store are kept"
        ),
        "client_logo": TableRule(
            "until removed", "disabling and new secrets of the replaced store are kept"
        ),
        "resource_server": TableRule(
            "until removed", "disabling and new secrets of the replaced store are kept"
        ),
    },
    kinds=KINDS,
    errors=ERRORS,
    permissions=(ClientPermission,),
    checks=(Check("sign-out addresses", "idp.clients.checks:can_be_told"),),
)
