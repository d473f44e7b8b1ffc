"""What may be done to requests. Who decides one, its kind says."""

from __future__ import annotations

from directory.authz.permissions import LOG_READERS, STAFF, SUPPORT, Permission


class RequestPermission(Permission):
    READ = "requests:read", ("xem yêu cầu của", "look at requests of"), LOG_READERS, "reads"
    # Their own, and those that wait for them: who may do either somewhere has the page.
    FOLLOW = (
        "requests:follow",
        ("theo dõi yêu cầu của", "follow requests of"),
        LOG_READERS | STAFF | SUPPORT,
        "sees",
    )
