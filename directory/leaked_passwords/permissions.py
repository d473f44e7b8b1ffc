"""What may be done with lists of leaked passwords."""

from __future__ import annotations

from directory.authz.permissions import OPERATORS, SECURITY_OFFICER, Permission


class LeakedPermission(Permission):
    IMPORT = (
        "passwords:import",
        ("đưa danh sách mật khẩu bị lộ vào", "bring lists of leaked passwords into"),
        OPERATORS | {SECURITY_OFFICER},
        "province",
    )
