"""What `directory.exports` declares."""

from __future__ import annotations

from directory.component import Component, TableRule
from directory.exports.errors import ERRORS
from directory.exports.events import KINDS

COMPONENT = Component(
    "directory.exports",
    tables_in=("directory.exports.tables",),
    tables={
        "export_approval": TableRule(
            "until it was taken, 24 hours at most", "emptied: it may have been taken since"
        ),
    },
    forget=("directory.exports.approvals:forget_expired",),
    errors=ERRORS,
    kinds=KINDS,
)
