"""Who is not let go without a second factor when their account is made ready."""

from __future__ import annotations

from sqlalchemy import Connection

from directory.authz.scopes import admin_roles_of
from directory.projection.queries import PersonRow


def must_have(tx: Connection, person: PersonRow) -> bool:
    """Whoever administers: the console asks them for two factors anyway."""
    return bool(person.administrator_of or admin_roles_of(tx, person.id))
