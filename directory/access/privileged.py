"""Who holds the roles that reach the whole province or change what keeps it secure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from directory.actor import Actor
from directory.audit.log import person_tag
from directory.audit.tables import audit_event
from directory.authz.errors import AUTHZ_DENIED
from directory.authz.grants import Grant, grant_from_row
from directory.authz.naming import NamedGrant, name_all
from directory.authz.permissions import ADMIN_APPLICATION, ADMIN_ROLES, GrantPermission
from directory.authz.scopes import places_within, scope_of
from directory.authz.tables import role_grant
from directory.clock import today
from directory.errors import Forbidden
from directory.installation import Installation
from directory.projection import queries
from directory.projection.tables import catalogue_person

PRIVILEGED = tuple(role.name for role in ADMIN_ROLES.values() if role.privileged)


@dataclass(frozen=True)
class PrivilegedHolder:
    """One privileged grant. `owner`: whose administration account it is, empty for none;
    `given_at`, `last_act_at` (ms): when it was given, and when the account last did something that
    the log tells, a sign-in among them; 0 for never."""

    named: NamedGrant
    owner: str
    given_at: int
    last_act_at: int


@dataclass(frozen=True)
class PrivilegedHolders:
    """`names`: of the tags of who gave and approved them."""

    holders: Sequence[PrivilegedHolder]
    names: Mapping[str, str]


@dataclass(frozen=True)
class PrivilegedFor:
    """Privileged roles as far as `actor` may look."""

    _installation: Installation
    _actor: Actor

    def list(self) -> PrivilegedHolders:
        """All grants of them that hold or are to come, by role and name: few, so there are no pages.
        Raises Forbidden without ``grants:read``."""
        columns = role_grant.c
        query = select(role_grant).where(
            columns.application_id == ADMIN_APPLICATION,
            columns.role.in_(PRIVILEGED),
            columns.revoked_at == 0,
            or_(columns.end_on == "", columns.end_on >= today().isoformat()),
        )
        with self._installation.database.read() as tx:
            scope = scope_of(tx, self._actor, GrantPermission.READ)
            if scope.is_empty:
                raise Forbidden(AUTHZ_DENIED, action=GrantPermission.READ, reason="no_role")
            if (places := places_within(scope)) is not None:
                query = query.where(columns.agency_id.in_(places))
            rows = tx.execute(query).all()
            named, names = name_all(tx, [grant_from_row(row) for row in rows])
            given_at = {row.id: row.granted_at for row in rows}
            held_by = [each.grant.holder_id for each in named]
            person = catalogue_person.c
            owners = {
                row.id: row.administrator_of
                for row in tx.execute(
                    select(person.id, person.administrator_of).where(
                        person.id.in_(held_by), person.administrator_of != ""
                    )
                )
            }
            called = queries.list_names(tx, set(owners.values()))
            event = audit_event.c
            tags = [person_tag(each) for each in held_by]
            acted: Mapping[str, int] = {
                row.actor: row.latest
                for row in tx.execute(
                    select(event.actor, func.max(event.at).label("latest"))
                    .where(event.actor.in_(tags))
                    .group_by(event.actor)
                )
            }

        def owner(grant: Grant) -> str:
            found = called.get(owners.get(grant.holder_id, ""))
            return "{} ({})".format(*found) if found else ""

        holders = [
            PrivilegedHolder(
                each,
                owner(each.grant),
                given_at[each.grant.id],
                acted.get(person_tag(each.grant.holder_id), 0),
            )
            for each in named
        ]
        return PrivilegedHolders(
            sorted(holders, key=lambda one: (one.named.grant.role, one.named.holder)), names
        )
