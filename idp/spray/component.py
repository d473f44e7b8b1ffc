"""What `idp.spray` declares."""

from __future__ import annotations

from directory.component import Check, Component, Job, TableRule
from idp.spray.events import KINDS
from idp.spray.messages import MESSAGES

COMPONENT = Component(
    "idp.spray",
    tables_in=("idp.spray.tables",),
    tables={"spray_alarm": TableRule("90 days after its end", "put back")},
    forget=("idp.spray.alarms:purge",),
    jobs=(Job("spray", every_s=15, longest_s=60, work="idp.spray.watching:watch"),),
    checks=(Check("spray", "idp.spray.checks:none_stands"),),
    kinds=KINDS,
    actors={"spray": ("Hệ thống", "The system")},
    messages=MESSAGES,
)
