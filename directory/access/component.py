"""What `directory.access` declares."""

from __future__ import annotations

from directory.access.errors import ERRORS
from directory.access.messages import MESSAGES
from directory.access.request_kinds import ENTER, GRANT
from directory.component import Component, Job, TableRule

COMPONENT = Component(
    "directory.access",
    tables_in=("directory.access.tables",),
    tables={"grant_reminder": TableRule("37 days: until the role has ended", "put back")},
    forget=("directory.access.reminders:forget_old",),
    jobs=(
        Job("role reminders", every_s=600, longest_s=600, work="directory.access.reminders:remind"),
    ),
    requests=(GRANT, ENTER),
    messages=MESSAGES,
    errors=ERRORS,
)
