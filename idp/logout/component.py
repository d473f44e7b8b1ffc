"""What `idp.logout` declares."""

from __future__ import annotations

from directory.component import Component, Job
from idp.logout.errors import ERRORS
from idp.logout.events import KINDS

COMPONENT = Component(
    "idp.logout",
    jobs=(
        Job("idp.logout.dead_sessions", 2.0, "idp.logout.dead_sessions:end_dead"),
        Job("idp.logout.backchannel", 1.0, "idp.logout.backchannel:deliver"),
    ),
    kinds=KINDS,
    errors=ERRORS,
)
