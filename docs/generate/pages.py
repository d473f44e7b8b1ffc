"""What is made from the code, and by whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from admin_ui.cli.reference import write_reference
from docs.generate import (
    claims,
    errors,
    events,
    packages_image,
    permissions,
    retention,
    settings,
    tables,
    tables_image,
)

ROOT = Path(__file__).resolve().parents[2]

PAGES: Mapping[str, Callable[[], str]] = {
    "docs/images/packages.svg": packages_image.draw,
    "docs/images/tables.svg": tables_image.draw,
    "docs/reference/claims.md": claims.write,
    "docs/reference/commands.md": write_reference,
    "docs/reference/errors.md": errors.write,
    "docs/reference/events.md": events.write,
    "docs/reference/permissions.md": permissions.write,
    "docs/reference/retention.md": retention.write,
    "docs/reference/settings.md": settings.write,
    "docs/reference/tables.md": tables.write,
}
