"""What `directory.people` declares."""

from __future__ import annotations

from directory.component import Component, Job
from directory.people.errors import ERRORS
from directory.people.events import KINDS

COMPONENT = Component(
    "directory.people",
    jobs=(Job("catalogue.steps", 2.0, "directory.people.entry_steps:go_on"),),
    actors={"migration": ("Hệ thống (khi nâng cấp)", "The system (while upgrading)")},
    kinds=KINDS,
    errors=ERRORS,
)
