"""What may be done to connectors: of internal applications in their place, as of the applications
themselves; of shared ones by those who look after the whole province."""

from __future__ import annotations

from directory.authz.permissions import ADMINISTRATORS, LOG_READERS, Permission


class ConnectorPermission(Permission):
    # No mere looking: whoever only uses an application of others does not see what it is sent.
    READ = (
        "connectors:read",
        ("xem các kết nối đồng bộ của", "look at the connectors of"),
        LOG_READERS,
    )
    WRITE = (
        "connectors:write",
        ("sửa các kết nối đồng bộ của", "change the connectors of"),
        ADMINISTRATORS,
    )
