"""What `sync.changes` declares."""

from __future__ import annotations

from directory.component import Check, Component, Job, TableRule
from sync.changes.events import KINDS

COMPONENT = Component(
    "sync.changes",
    tables_in=("sync.changes.tables",),
    tables={
        "change_reader": TableRule(
            "as long as somebody reads", "emptied: each reader compares everything"
        ),
    },
    jobs=(Job("sync.rights", every_s=1, longest_s=300, work="sync.changes.rights:publish_rights"),),
    actors={"changes": ("Hệ thống (phát thay đổi)", "The system (handing changes on)")},
    kinds=KINDS,
    checks=(Check("change readers", "sync.changes.checks:readers_follow"),),
)
