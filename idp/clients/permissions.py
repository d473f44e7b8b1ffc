"""What may be done to the connections of applications."""

from __future__ import annotations

from directory.authz.permissions import ADMINISTRATORS, OPERATORS, Permission


class ClientPermission(Permission):
    # Decided like the application it is the connection of (`directory.authz.permissions`).
    WRITE = "clients:write", ("sửa kết nối của", "change the connection of"), ADMINISTRATORS
    # What weakens it, or reaches beyond its application: going without PKCE, APIs and their tokens.
    TRUST = (
        "clients:trust",
        ("nới quy định kết nối của", "relax the rules for the connection of"),
        OPERATORS,
        "province",
    )
