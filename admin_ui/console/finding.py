"""What a word stands for, as far as an actor may know: nothing more can be reached from here.

What is out of scope answers as what is not there, after the same statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.actor import Actor
from directory.audit.acts import ActQuestion, count_acts
from directory.audit.kinds import Vocabulary
from directory.authz.applications import Application
from directory.authz.permissions import ApplicationPermission, AuditPermission
from directory.authz.places import list_named_within
from directory.authz.roles import Role
from directory.authz.scopes import (
    Scope,
    holds_person,
    people_to_list,
    places_within,
    scopes_of,
)
from directory.ids import ID_CHARS, can_be_id
from directory.installation import Installation
from directory.people.permissions import PeoplePermission
from directory.projection import queries
from directory.projection.queries import AgencyRow, PersonRow
from directory.projection.search import search_people
from idp.applications.listing import list_named

MOST_OF_A_KIND = 8


@dataclass(frozen=True)
class Hits:
    """What fits, a few of each kind. `has_acts`: the log tells of a request with that code."""

    people: Sequence[PersonRow] = ()
    agencies: Sequence[AgencyRow] = ()
    applications: Sequence[Application] = ()
    roles: Sequence[tuple[Role, Application]] = ()
    has_acts: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing fits."""
        found = (self.people, self.agencies, self.applications, self.roles)
        return not (self.has_acts or any(found))


@dataclass(frozen=True)
class FinderFor:
    """Everything that has a name, as far as `actor` may see it."""

    _installation: Installation
    _actor: Actor
    _vocabulary: Vocabulary

    def find(self, text: str, code: str) -> Hits:
        """What is called `text`; `code`: the support code that it may be."""
        actions = (PeoplePermission.READ, ApplicationPermission.READ, AuditPermission.READ)
        with self._installation.database.read() as tx:
            scopes = scopes_of(tx, self._actor, actions)
            people, registered, log = (scopes[action] for action in actions)
            applications, roles = (
                ((), ())
                if registered.is_empty
                else list_named(tx, registered, text, MOST_OF_A_KIND)
            )
            return Hits(
                people=_people(tx, people, text),
                agencies=list_named_within(tx, people, text, MOST_OF_A_KIND),
                applications=applications,
                roles=roles,
                has_acts=bool(code) and self._has_acts(tx, log, code),
            )

    def _has_acts(self, tx: Connection, scope: Scope, code: str) -> bool:
        if scope.is_empty:
            return False
        within = places_within(scope)
        asked = ActQuestion(code=code)
        return count_acts(tx, self._vocabulary, asked, most=1, agencies=within) > 0


def _people(tx: Connection, scope: Scope, text: str) -> Sequence[PersonRow]:
    if scope.is_empty:
        return ()
    if len(text) == ID_CHARS and can_be_id(text):
        # Also the `sub` of tokens.
        is_seen = holds_person(tx, scope, text, writing=False)
        return queries.list_people_with(tx, [text] if is_seen else [])
    among, parameters = people_to_list(scope)
    return search_people(
        tx, text=text, among=among, parameters=parameters, limit=MOST_OF_A_KIND
    ).people
