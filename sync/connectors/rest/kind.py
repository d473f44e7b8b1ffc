"""What such an application is to the engine: as much as its definition describes."""

from __future__ import annotations

from sync.engine.target import Capability, TargetKind

KIND = TargetKind(
    "rest",
    opens="sync.connectors.rest.target:open_target",
    can=frozenset(Capability) - {Capability.BATCH, Capability.FULL},
    reads="sync.connectors.rest.requests:read_target",
)
