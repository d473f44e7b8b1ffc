"""What `admin_ui.entries` declares: work over everything that is declared, which the components
themselves do not see."""

from __future__ import annotations

from directory.component import Check, Component, Job

COMPONENT = Component(
    "admin_ui.entries",
    jobs=(
        Job("forget", every_s=60, longest_s=300, work="admin_ui.entries.worker:forget_expired"),
        Job("sealing", every_s=60, longest_s=3600, work="admin_ui.entries.worker:seal_again"),
        Job("messages", every_s=2, longest_s=600, work="admin_ui.entries.messages:deliver"),
        Job(
            "request messages",
            every_s=30,
            longest_s=600,
            work="admin_ui.entries.messages:tell_of_requests",
        ),
    ),
    checks=(
        Check("jobs", "admin_ui.entries.checks:jobs"),
        Check("keys and certificates", "admin_ui.entries.checks:keys_and_certificates"),
        Check("sealing keys", "admin_ui.entries.checks:sealing_keys"),
    ),
)
