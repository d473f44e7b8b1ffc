"""What `idp.factor_policy` declares."""

from __future__ import annotations

from directory.component import Component, Job, TableRule
from idp.factor_policy.errors import ERRORS
from idp.factor_policy.events import KINDS
from idp.factor_policy.permissions import FactorPolicyPermission
from idp.factor_policy.request_kinds import WEAKEN

COMPONENT = Component(
    "idp.factor_policy",
    tables_in=("idp.factor_policy.tables",),
    tables={
        "factor_rule": TableRule("until removed", "put back"),
        "network_zone": TableRule("until removed", "put back"),
        "factor_grace": TableRule("as long as the person", "put back"),
    },
    jobs=(Job("session limits", 15.0, 120.0, "idp.factor_policy.limits:hold_sessions"),),
    forget=("idp.factor_policy.decision:forget_gone",),
    kinds=KINDS,
    errors=ERRORS,
    permissions=(FactorPolicyPermission,),
    requests=(WEAKEN,),
)
