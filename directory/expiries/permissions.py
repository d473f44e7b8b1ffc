"""Who may look at keys and certificates."""

from __future__ import annotations

from directory.authz.permissions import AUDITOR, OPERATORS, SECURITY_OFFICER, Permission


class ExpiryPermission(Permission):
    READ = (
        "expiries:read",
        ("xem khóa và chứng thư của", "look at the keys and certificates of"),
        OPERATORS | {AUDITOR, SECURITY_OFFICER},
        "province",
    )
