"""What may be done to releases. Whoever may change an application asks for more, or takes away."""

from __future__ import annotations

from directory.authz.permissions import ADMINISTRATORS, IT_EXECUTIVE, Permission


class ReleasePermission(Permission):
    # The owner of the data: its agency for an internal application, the province for a shared one.
    APPROVE = (
        "releases:approve",
        ("phê duyệt thông tin cung cấp cho", "approve what is told to"),
        ADMINISTRATORS | {IT_EXECUTIVE},
    )
