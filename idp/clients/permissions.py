"""What may be done to the connections of applications."""

from __future__ import annotations

from directory.authz.permissions import OPERATORS, Permission


class ClientPermission(Permission):
    WRITE = (
        "clients:write",
        ("sửa kết nối của", "change the connection of"),
        OPERATORS,
        "province",
    )
