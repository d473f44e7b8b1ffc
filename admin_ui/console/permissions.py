"""What may be done in the console that belongs to no component below."""

from __future__ import annotations

from directory.authz.permissions import AUDITOR, OPERATORS, Permission


class ConsolePermission(Permission):
    # Looks, and changes nothing: no more is seen than one may see oneself.
    VIEW_AS = (
        "console:view_as",
        ("xem như một vai trò tại", "look as a job sees it in"),
        OPERATORS | {AUDITOR},
        "reads",
    )
