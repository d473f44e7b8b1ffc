"""What `directory.database` declares."""

from __future__ import annotations

from directory.component import Component, TableRule
from directory.database.errors import ERRORS

COMPONENT = Component(
    "directory.database",
    tables_in=("directory.database.tables",),
    tables={
        "installation": TableRule(
            "one row, always: whose store this is", "put back, and held against the state folder"
        ),
        "lease": TableRule("until the next holder", "emptied"),
        "job_run": TableRule("one row a job: its last run", "put back"),
        "single_use": TableRule("until expired", "put back; what it guards is revoked"),
    },
    forget=("directory.database.single_use:purge_expired",),
    errors=ERRORS,
)
