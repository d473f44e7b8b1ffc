"""What `directory.messages` declares."""

from __future__ import annotations

from directory.component import Check, Component, TableRule
from directory.messages.errors import ERRORS
from directory.messages.events import KINDS
from directory.messages.permissions import MessagePermission

COMPONENT = Component(
    "directory.messages",
    tables_in=("directory.messages.tables",),
    tables={
        "message": TableRule("until it is sent; one that could not be, 30 days", "dropped"),
        "text_sent": TableRule("a day", "dropped"),
        "message_digest": TableRule("60 days after the last look", "put back"),
    },
    forget=(
        "directory.messages.queue:forget_old",
        "directory.messages.digests:forget_old",
        "directory.messages.caps:forget_old",
    ),
    checks=(
        Check("mail server", "directory.messages.checks:mail_server"),
        Check("SMS gateway", "directory.messages.checks:gateway"),
        Check("messages", "directory.messages.checks:all_sent"),
    ),
    kinds=KINDS,
    errors=ERRORS,
    permissions=(MessagePermission,),
)
