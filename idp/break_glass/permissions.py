"""What may be done to accounts for emergencies."""

from __future__ import annotations

from directory.authz.permissions import OPERATORS, SECURITY_OFFICER, Permission


class BreakGlassPermission(Permission):
    READ = (
        "break-glass:read",
        ("xem tài khoản khẩn cấp của", "look at the break-glass accounts of"),
        OPERATORS | {SECURITY_OFFICER},
        "province",
    )
    SEAL = (
        "break-glass:seal",
        ("niêm phong tài khoản khẩn cấp của", "seal the break-glass accounts of"),
        OPERATORS | {SECURITY_OFFICER},
        "province",
    )
