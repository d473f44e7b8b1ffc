"""What may be done to other people's second factors. One's own need no permission."""

from __future__ import annotations

from directory.authz.permissions import OPERATORS, SUPPORT, Permission


class FactorPermission(Permission):
    RESET = (
        "factors:reset",
        ("xem hoặc gỡ yếu tố xác thực của", "look at or take away the second factors of"),
        SUPPORT,
    )
    # Whoever hands somebody their secret has seen it.
    GIVE = (
        "factors:give",
        ("cấp yếu tố xác thực cho", "set up a second factor for"),
        OPERATORS,
    )
