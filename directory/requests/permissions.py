"""What may be done to requests. Who decides one, its kind says."""

from __future__ import annotations

from directory.authz.permissions import LOG_READERS, Permission


class RequestPermission(Permission):
    READ = "requests:read", ("xem đề nghị của", "look at requests of"), LOG_READERS, "reads"
