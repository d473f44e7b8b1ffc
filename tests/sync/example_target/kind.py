"""What the table is to the engine: it has no groups, and nothing is ever deleted in it."""

from __future__ import annotations

import yaml

from sync.engine.target import Capability, TargetDefinition, TargetKind
from sync.engine.yaml_reading import YamlReading

CAN = frozenset(
    {
        Capability.FIND,
        Capability.CREATE,
        Capability.UPDATE,
        Capability.DISABLE,
        Capability.LIST,
    }
)

KIND = TargetKind(
    "table",
    opens="tests.sync.example_target.target:open_target",
    can=CAN,
    attributes=("login", "name"),
    reads="tests.sync.example_target.kind:read",
)


def read(reading: YamlReading, node: yaml.Node) -> TargetDefinition:
    """Its part of a definition: ``target: {kind: table, file: /srv/cu/accounts.db}``."""
    parts = reading.mapping(node, required=("kind", "file"))
    return TargetDefinition("table", reading.text(parts.get("file")), can=CAN)
