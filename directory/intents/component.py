"""What `directory.intents` declares."""

from __future__ import annotations

from directory.component import Check, Component, Job, TableRule
from directory.intents.errors import ERRORS
from directory.intents.events import KINDS

COMPONENT = Component(
    "directory.intents",
    tables_in=("directory.intents.tables",),
    tables={
        "intent": TableRule(
            "open ones until settled; settled ones 90 days, and until the feed has judged them",
            "settled ones that the LDAP copy lacks are made again",
        ),
        "reserved_value": TableRule(
            "always: a login or address is never given to somebody else", "put back"
        ),
    },
    jobs=(
        Job(
            "recover-intents",
            every_s=2,
            longest_s=300,
            work="directory.intents.recovery:recover_open_intents",
        ),
    ),
    kinds=KINDS,
    errors=ERRORS,
    checks=(Check("open changes", "directory.intents.checks:open_changes"),),
)
