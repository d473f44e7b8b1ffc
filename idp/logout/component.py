"""What `idp.logout` declares."""

from __future__ import annotations

from directory.component import Component, Job
from idp.logout.errors import ERRORS
from idp.logout.events import KINDS

COMPONENT = Component(
    "idp.logout",
    jobs=(
        Job(
            "idp.logout.dead_sessions",
            every_s=2,
            longest_s=300,
            work="idp.logout.dead_sessions:end_dead",
        ),
        Job(
            "idp.logout.backchannel",
            every_s=1,
            longest_s=300,
            work="idp.logout.backchannel:deliver",
        ),
    ),
    kinds=KINDS,
    errors=ERRORS,
)
