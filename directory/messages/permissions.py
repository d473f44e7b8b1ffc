"""What may be done to messages. None of it shows what one says, or its address."""

from __future__ import annotations

from directory.authz.permissions import OPERATORS, Permission


class MessagePermission(Permission):
    RETRY = (
        "messages:retry",
        ("gửi lại tin nhắn của", "send messages again of"),
        OPERATORS,
        "province",
    )
