"""What can be asked for of connectors."""

from __future__ import annotations

from directory.component import RequestKind
from sync.engine.permissions import ConnectorPermission

LOSSES = RequestKind(
    "connector_losses",
    told=("khóa nhiều tài khoản cùng lúc", "many accounts to be disabled at once"),
    permission=ConnectorPermission.WRITE,
    about="sync.engine.losses:about",
    describe="sync.engine.losses:describe",
    carry_out="sync.engine.losses:carry_out",
    foresee="sync.engine.losses:foresee",
    days=7,
)
