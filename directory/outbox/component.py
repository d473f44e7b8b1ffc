"""What `directory.outbox` declares."""

from __future__ import annotations

from directory.component import Check, Component, TableRule

COMPONENT = Component(
    "directory.outbox",
    tables_in=("directory.outbox.tables",),
    tables={
        "outbox": TableRule("until delivered or given up, at most hours", "put back"),
    },
    checks=(
        Check("deliveries", "directory.outbox.checks:retried"),
        Check("deliveries in time", "directory.outbox.checks:in_time", ready="deliveries"),
    ),
)
