"""Our sources as text, and what they import, read from the syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("directory", "web", "idp", "sync", "admin_ui")

Sources = Mapping[str, str]  # text by module


def read_sources() -> Sources:
    """Every module of the product."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): (
            path.read_text(encoding="utf-8")
        )
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    }


@cache
def parsed(text: str) -> ast.Module:
    """The syntax tree of a module; not to be changed."""
    return ast.parse(text)


def imported(tree: ast.AST, sources: Sources) -> Iterator[str]:
    """Modules of ours that are imported anywhere below, inside a function and for the types too;
    relative imports ruff refuses (TID)."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            members = (f"{node.module}.{alias.name}" for alias in node.names)
            names = [name if name in sources else node.module or "" for name in members]
        yield from (name for name in names if name in sources)
