"""What may be done to notices. Reading them needs nothing: they are for everybody."""

from __future__ import annotations

from directory.authz.permissions import OPERATORS, SECURITY_OFFICER, Permission


class NoticePermission(Permission):
    WRITE = (
        "notices:write",
        ("đăng thông báo cho", "put up notices for"),
        OPERATORS | {SECURITY_OFFICER},
        "province",
    )
