"""Who looks after the whole province: to be told, or to be the second person, as things are now."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from directory.actor import Actor
from directory.authz.grant_lists import list_of_roles
from directory.authz.permissions import ADMIN_APPLICATION, Permission
from directory.authz.scopes import scope_of


def list_keepers(tx: Connection, roles: Collection[str], action: Permission) -> Sequence[str]:
    """The accounts that hold one of these roles by a grant of their own and may do `action` in the
    whole province now, by id. For privileged roles, which few hold."""
    given = list_of_roles(tx, ADMIN_APPLICATION, sorted(roles))
    holders = sorted({each.holder_id for each in given if each.holder_kind == "person"})
    return [each for each in holders if scope_of(tx, Actor("person", each), action).everywhere]
