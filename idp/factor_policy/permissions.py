"""What may be done to the rules."""

from __future__ import annotations

from directory.authz.permissions import OPERATORS, SECURITY_OFFICER, Permission


class FactorPolicyPermission(Permission):
    WRITE = (
        "factor-policy:write",
        ("đặt quy định xác thực hai lớp cho", "set who proves two factors for"),
        OPERATORS | {SECURITY_OFFICER},
        "province",
    )
