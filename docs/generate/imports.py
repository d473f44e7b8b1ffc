"""What imports what, by package."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[2]
TOPS = ("admin_ui", "idp", "sync", "web", "directory")
# A module that is drawn as the packages are: it opens the stores for everything above it.
_DRAWN_MODULES = {"directory.installation"}

Edges = Mapping[str, Collection[str]]


class Imports:
    """Packages (and the plain modules beside them), and who imports whom."""

    def __init__(self) -> None:
        graph = grimp.build_graph(*TOPS, cache_dir=None)
        self.modules = sorted(graph.modules)
        self.counts: Counter[tuple[str, str]] = Counter()
        for module in self.modules:
            for imported in graph.find_modules_directly_imported_by(module):
                pair = (unit_of(module), unit_of(imported))
                if pair[0] != pair[1]:
                    self.counts[pair] += 1

    def packages(self, top: str) -> list[str]:
        """The packages right under a top one."""
        units = {unit_of(module) for module in self.modules if module.startswith(f"{top}.")}
        return sorted(unit for unit in units if is_package(unit))

    def plain_modules(self, top: str) -> list[str]:
        units = {unit_of(module) for module in self.modules if module.startswith(f"{top}.")}
        return sorted(unit for unit in units if not is_package(unit))

    def edges(self, units: Collection[str]) -> dict[str, set[str]]:
        """Who imports whom among `units`."""
        found: dict[str, set[str]] = {unit: set() for unit in units}
        for importer, imported in self.counts:
            if importer in found and imported in found:
                found[importer].add(imported)
        return found


def unit_of(module: str) -> str:
    return ".".join(module.split(".")[:2])


def is_package(unit: str) -> bool:
    folder = ROOT / unit.replace(".", "/")
    return (folder / "__init__.py").exists() or unit in _DRAWN_MODULES


def purpose_of(unit: str) -> str:
    """The first sentence of its docstring."""
    said = (importlib.import_module(unit).__doc__ or "").split("\n\n")[0]
    said = " ".join(said.split()).replace("`", "")
    return re.split(r"(?<=[a-z])\.(?: |$)", said)[0]


def levels(edges: Edges) -> list[list[str]]:
    """Units in rows, importers above what they import; a unit stands as low as it can."""
    depth: dict[str, int] = {}

    def measure(unit: str, path: tuple[str, ...]) -> int:
        if unit in path:
            raise ValueError(f"a circle of imports: {' → '.join((*path, unit))}")
        if unit not in depth:
            below = [measure(other, (*path, unit)) for other in edges[unit]]
            depth[unit] = 1 + max(below, default=-1)
        return depth[unit]

    for unit in sorted(edges):
        measure(unit, ())
    rows: list[list[str]] = [[] for _ in range(1 + max(depth.values(), default=-1))]
    for unit in sorted(edges):
        rows[depth[unit]].append(unit)
    return rows[::-1]


def reduced(edges: Edges) -> dict[str, set[str]]:
    """Without what is reached by another way already, so that a picture shows the order only."""
    reach: dict[str, set[str]] = {}

    def reachable(unit: str) -> set[str]:
        if unit not in reach:
            reach[unit] = set(edges[unit]).union(*(reachable(other) for other in edges[unit]))
        return reach[unit]

    return {
        unit: {
            other for other in below if not any(other in reachable(via) for via in below - {other})
        }
        for unit, below in ((unit, set(below)) for unit, below in edges.items())
    }
