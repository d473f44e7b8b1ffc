"""Why and why not, for a screen: who and which application may be asked about, and the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from directory.access.handles import GrantsFor
from directory.actor import Actor
from directory.authz import applications
from directory.authz.applications import list_seen
from directory.authz.explaining import Explanation
from directory.authz.permissions import ApplicationPermission, GrantPermission
from directory.authz.roles import Role, list_roles
from directory.authz.scopes import holds_person, scope_of
from directory.ids import new_id
from directory.installation import Installation
from directory.projection import queries


@dataclass(frozen=True)
class Explained:
    """The answer, with the names of whom and what it is about. `missing`: roles of the application
    that the person does not hold and could be given."""

    person_id: str
    person: str
    application: str
    told: Explanation
    missing: Sequence[Role]


@dataclass(frozen=True)
class WhyFor:
    """What `actor` may be told of why people enter applications."""

    _installation: Installation
    _actor: Actor

    def applications(self) -> Mapping[str, str]:
        """The names of those the actor may ask about, by id."""
        with self._installation.database.read() as tx:
            scope = scope_of(tx, self._actor, ApplicationPermission.READ)
            return {} if scope.is_empty else {app.id: app.name for app in list_seen(tx, scope)}

    def find(self, login: str) -> str:
        """The id of the person of that user name or address; empty where there is none the actor
        may ask about."""
        with self._installation.database.read() as tx:
            scope = scope_of(tx, self._actor, GrantPermission.READ)
            found = queries.find_person_by_login(tx, login)
            person_id = found.id if found else new_id()  # looked for all the same
            return person_id if holds_person(tx, scope, person_id, writing=False) else ""

    def name(self, person_id: str) -> str:
        """What the person is called; empty for one the actor may not ask about."""
        with self._installation.database.read() as tx:
            scope = scope_of(tx, self._actor, GrantPermission.READ)
            if not holds_person(tx, scope, person_id, writing=False):
                return ""
            return "{} ({})".format(*queries.list_names(tx, [person_id])[person_id])

    def explain(self, person_id: str, application_id: str) -> Explained:
        """Raises NotFound as `directory.access.handles.GrantsFor.why`."""
        told = GrantsFor(self._installation, self._actor).why(person_id, application_id)
        held = {source.grant.role for source in told.roles}
        with self._installation.database.read() as tx:
            names = queries.list_names(tx, [person_id])
            roles = list_roles(tx, application_id)
            app = applications.find(tx, application_id)
        return Explained(
            person_id,
            "{} ({})".format(*names[person_id]),
            app.name if app else "",
            told,
            [each for each in roles if each.name not in held and each.retired_at is None],
        )
