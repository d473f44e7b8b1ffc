"""What `sync.engine` declares."""

from __future__ import annotations

from directory.component import Check, Component, Job, TableRule
from sync.engine.errors import ERRORS
from sync.engine.events import KINDS
from sync.engine.permissions import ConnectorPermission
from sync.engine.request_kinds import LOSSES

COMPONENT = Component(
    "sync.engine",
    tables_in=("sync.engine.tables",),
    tables={
        "connector": TableRule("until removed", "put back"),
        "connector_account": TableRule(
            "as long as its connector", "put back; everybody is compared"
        ),
        "connector_finding": TableRule("until the target is read again", "put back"),
        "connector_refusal": TableRule("until taken back; as long as its connector", "put back"),
        "connector_run": TableRule("180 days after it ended; as long as its connector", "put back"),
    },
    forget=("sync.engine.runs:forget_old",),
    jobs=(Job("sync.connectors", every_s=1, longest_s=60, work="sync.engine.running:run_all"),),
    actors={
        "connectors": ("Hệ thống (đồng bộ tài khoản)", "The system (keeping accounts in step)")
    },
    kinds=KINDS,
    errors=ERRORS,
    permissions=(ConnectorPermission,),
    requests=(LOSSES,),
    checks=(Check("connectors", "sync.engine.checks:in_step"),),
)
