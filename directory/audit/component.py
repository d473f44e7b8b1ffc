"""What `directory.audit` declares."""

from __future__ import annotations

from directory.audit.events import KINDS
from directory.component import Component, Job, TableRule

COMPONENT = Component(
    "directory.audit",
    tables_in=("directory.audit.tables",),
    tables={
        "audit_event": TableRule("always", "goes on; one event links it to the log it replaces"),
        "audit_unrecorded": TableRule("until told as a number, minutes", "put back and told"),
    },
    jobs=(
        Job(
            "audit.tell_unrecorded",
            every_s=60,
            longest_s=60,
            work="directory.audit.jobs:tell_unrecorded",
        ),
    ),
    actors={"worker": ("Hệ thống", "The system"), "audit": ("Hệ thống", "The system")},
    kinds=KINDS,
)
