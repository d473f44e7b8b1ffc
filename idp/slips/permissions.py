"""Who gives people slips."""

from __future__ import annotations

from directory.authz.permissions import OPERATORS, SECURITY_OFFICER, SUPPORT, Permission


class SlipPermission(Permission):
    ISSUE = ("slips:issue", ("cấp phiếu cho", "give a slip to"), SUPPORT)
    # For privileged accounts, two together: one asks, another agrees. Nobody has power over them
    # alone.
    AGREE = (
        "slips:agree",
        ("cấp phiếu cho tài khoản đặc quyền", "agree to slips for privileged accounts"),
        OPERATORS | {SECURITY_OFFICER},
        "province",
    )
