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
    # The second person: the officers answer for it, whoever asks.
    WEAKEN = (
        "factor-policy:weaken",
        ("phê duyệt việc nới lỏng xác thực hai lớp của", "approve weaker rules for two factors of"),
        frozenset({SECURITY_OFFICER}),
        "province",
    )
