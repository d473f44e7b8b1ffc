"""What is there, in the form that files of declarations have."""

from __future__ import annotations

from typing import Any

import yaml

from admin_ui.operations.declared.applying import SECTIONS
from admin_ui.operations.declared.document import VERSION
from admin_ui.operations.declared.planning import Planning

_WIDTH = 100


def exported(planning: Planning, within: str = "") -> str:
    """All of it, or what belongs to the place of that id and to those under it."""
    parts = [f"danhmuc: {VERSION}\n"]
    for section in SECTIONS:
        rows = [_without_nothing(row) for row in section.export(planning, within)]
        if rows:
            parts.append(_written({section.SECTION: rows}))
    return "\n".join(parts)


def _without_nothing(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value not in (None, "")}


def _written(part: dict[str, Any]) -> str:
    return yaml.safe_dump(part, allow_unicode=True, sort_keys=False, width=_WIDTH)
