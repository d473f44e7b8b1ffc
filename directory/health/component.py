"""What `directory.health` declares."""

from __future__ import annotations

from directory.component import Check, Component

COMPONENT = Component(
    "directory.health",
    checks=(
        Check("writing", "directory.health.checks:takes_writes", ready="sql", decisive=True),
        Check("LDAP", "directory.health.checks:ldap_answers", ready="ldap", decisive=True),
        Check("room", "directory.health.checks:has_room", ready="disk", decisive=True),
        Check("room for the catalogue", "directory.health.checks:ldap_has_room", ready="ldap_room"),
        Check("worker", "directory.health.checks:worker_runs", ready="worker"),
    ),
)
