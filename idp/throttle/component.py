"""What `idp.throttle` declares."""

from __future__ import annotations

from directory.component import Check, Component, TableRule
from idp.throttle.errors import ERRORS
from idp.throttle.events import KINDS
from idp.throttle.permissions import SignInPermission

COMPONENT = Component(
    "idp.throttle",
    tables_in=("idp.throttle.tables",),
    tables={
        "signin_throttle": TableRule("until the counter has run out", "put back"),
        "signin_miss": TableRule("a quarter of an hour", "put back, and forgotten at once"),
    },
    forget=(
        "idp.throttle.pauses:tell_turned_away",
        "idp.throttle.store:purge",
        "idp.throttle.misses:forget",
    ),
    actors={"throttle": ("Hệ thống", "The system")},
    kinds=KINDS,
    errors=ERRORS,
    permissions=(SignInPermission,),
    checks=(Check("proxies", "idp.throttle.checks:proxies_are_declared"),),
)
