"""What may be done to connectors."""

from __future__ import annotations

from directory.authz.permissions import LOG_READERS, OPERATORS, Permission


class ConnectorPermission(Permission):
    READ = (
        "connectors:read",
        ("xem các kết nối đồng bộ của", "look at the connectors of"),
        LOG_READERS,
        "province",
    )
    WRITE = (
        "connectors:write",
        ("sửa các kết nối đồng bộ của", "change the connectors of"),
        OPERATORS,
        "province",
    )
