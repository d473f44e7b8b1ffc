"""The page of permissions: what each role of our own application allows."""

from __future__ import annotations

from collections.abc import Iterator

from admin_ui.components import COMPONENTS
from directory.authz.permissions import ADMIN_ROLES
from docs.generate.markdown import code, table

_HEAD = """# Permissions

Made from the code (`PYTHONPATH=. .venv/bin/python -m docs.generate`); a test keeps it true. A
permission is declared in the `permissions.py` of the component that owns the action; what a role
may do beside others is in the table of decisions (`tests/directory/decision_table.py`). A role
holds in the agency of its grant and in everything under it. The effect says what else is asked:
`sees` nothing; `reads` that the main post is there; `changes` also that the actor could give every
administrative role the other person has; `province` power over all of it.
"""


def write() -> str:
    """A line a permission, a column a role."""
    heads = (
        "permission",
        "owner",
        "effect",
        *(f"{role.title.en} (`{name}`)" for name, role in ADMIN_ROLES.items()),
    )
    return "\n".join([_HEAD, *table(heads, _rows())])


def _rows() -> Iterator[tuple[str, ...]]:
    for component in COMPONENTS:
        for kind in component.permissions:
            for each in kind:
                held = ("yes" if name in each.held_by else "" for name in ADMIN_ROLES)
                yield code(each), code(component.package), each.effect, *held
