"""The kinds of targets there are: a line for each. It is loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from sync.engine.target import TargetKind

# Where each says what it is: `KIND` of a module.
DECLARED = (
    "sync.connectors.scim.kind",
    "sync.connectors.rest.kind",
    "sync.connectors.csv_drop.kind",
)


def find_kinds() -> Mapping[str, TargetKind]:
    """Every kind by its name, in the order in which they stand here."""
    kinds: list[TargetKind] = [import_module(name).KIND for name in DECLARED]
    return {kind.name: kind for kind in kinds}
