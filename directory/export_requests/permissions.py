"""Who may approve that lists leave beyond the quota."""

from __future__ import annotations

from directory.authz.permissions import ADMINISTRATORS, IT_EXECUTIVE, Permission


class ExportPermission(Permission):
    APPROVE = (
        "exports:approve",
        ("phê duyệt việc xuất danh sách của", "approve that lists are taken of"),
        ADMINISTRATORS | {IT_EXECUTIVE},
    )
