"""What can be asked for here."""

from __future__ import annotations

from directory.component import RequestKind
from idp.factor_policy.permissions import FactorPolicyPermission

WEAKEN = RequestKind(
    "factor_policy",
    told=("nới lỏng xác thực hai lớp", "weaker rules for two factors"),
    permission=FactorPolicyPermission.WEAKEN,
    about="idp.factor_policy.service:about",
    describe="idp.factor_policy.service:describe",
    carry_out="idp.factor_policy.service:carry_out",
    foresee="idp.factor_policy.service:foresee",
    days=7,
)
