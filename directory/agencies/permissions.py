"""What may be done to agencies."""

from __future__ import annotations

from directory.authz.permissions import OPERATORS, READERS, Permission


class AgencyPermission(Permission):
    READ = "agencies:read", ("xem", "look at"), READERS, "reads"
    WRITE = "agencies:write", ("sửa", "change"), OPERATORS
