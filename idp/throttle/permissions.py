"""What may be done to pauses of sign-in that are nobody's own."""

from __future__ import annotations

from directory.authz.permissions import OPERATORS, SECURITY_OFFICER, Permission


class SignInPermission(Permission):
    UNPAUSE = (
        "signin:unpause",
        ("gỡ tạm dừng đăng nhập của", "end a pause of sign-in of"),
        OPERATORS | {SECURITY_OFFICER},
        "province",
    )
