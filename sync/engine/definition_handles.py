"""What an actor may do with definitions: show them, try them, put them. Nothing more can be reached
from here; a connector that is not theirs answers as `sync.engine.handles` says."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.actor import Actor
from directory.authz.decisions import decide
from directory.authz.errors import AUTHZ_DENIED
from directory.authz.objects import OfApplication, OfPerson
from directory.authz.roles import Role, list_roles
from directory.authz.scopes import scope_of
from directory.errors import Forbidden, Invalid, refuse
from directory.installation import Installation
from directory.people.permissions import PeoplePermission
from directory.projection import queries
from directory.projection.queries import PersonRow
from sync.engine import connectors, editing
from sync.engine.account_listing import names_seen
from sync.engine.definition import Definition
from sync.engine.editing import Draft, Tables
from sync.engine.editing import Previewed as Previewed
from sync.engine.errors import CONNECTOR_APPLICATION
from sync.engine.expressions import FUNCTIONS, NAMES
from sync.engine.following import AT_ONCE, Planned, plan_for
from sync.engine.handles import ConnectorsFor, OpenedConnector
from sync.engine.kinds import find_kinds
from sync.engine.listing import KeptApplication, kept_applications
from sync.engine.permissions import ConnectorPermission
from sync.engine.target import Capability, TargetKind

_LONGEST_TRIAL_S, _MOST_TRIED, _MOST_SHOWN = 2.0, 2000, 20
_ID_CHARS = 36
Whom = PersonRow
"""Somebody on whom a definition is tried."""
# Of what expressions are made.
VALUE_NAMES, FUNCTION_NAMES = tuple(NAMES), tuple(FUNCTIONS)


def plain_kinds() -> Mapping[str, TargetKind]:
    """The kinds of targets that are an address and a profile, and so can be set up by a form."""
    return {name: kind for name, kind in find_kinds().items() if not kind.reads}


@dataclass(frozen=True)
class Editable:
    """A definition to be changed, or (`opened` None) made. `is_plain`: its target is an address and
    a profile, and a form can say all of it; `roles`: those of the application."""

    opened: OpenedConnector | None
    application: KeptApplication
    name: str
    draft: Draft
    source: str
    kind: TargetKind
    tables: Tables
    roles: Sequence[Role]
    is_plain: bool

    @property
    def knows_groups(self) -> bool:
        """Whether roles can become groups there."""
        return Capability.GROUPS in self.kind.can


@dataclass(frozen=True)
class Trial:
    """What a definition would do, of so many people that were looked at: all, or the first."""

    lines: Sequence[tuple[Planned, str, str]]
    counts: Mapping[str, int]
    looked_at: int
    is_whole: bool


@dataclass(frozen=True)
class DefinitionsFor:
    """Definitions as far as `actor` may look at them and change them."""

    _installation: Installation
    _actor: Actor
    _connectors: ConnectorsFor

    def open(self, name: str) -> Editable:
        """A definition to look at. Raises NotFound."""
        return self._editable(self._connectors.open(name))

    def open_to_change(self, name: str) -> Editable:
        """A definition to change. Raises NotFound, Forbidden."""
        return self._editable(self._connectors.open_to_change(name))

    def applications(self) -> Sequence[KeptApplication]:
        """Those that the actor may set a connector up for. Raises Forbidden for whoever may for
        none."""
        with self._installation.database.read() as tx:
            scope = scope_of(tx, self._actor, ConnectorPermission.WRITE)
            if scope.is_empty:
                raise Forbidden(AUTHZ_DENIED, action=ConnectorPermission.WRITE, reason="no_role")
            return list(kept_applications(tx, scope).values())

    def begin(self, application_id: str, kind: str, url: str, profile: str) -> Editable:
        """What is proposed for a new one. Raises Invalid, NotFound for an application that is not
        the actor's."""
        kinds = find_kinds()
        refuse(editing.address_faults(url))
        with self._installation.database.read() as tx:
            about = OfApplication(application_id)
            may = decide(tx, self._actor, ConnectorPermission.WRITE, about).allowed
            scope = scope_of(tx, self._actor, ConnectorPermission.WRITE)
            app = kept_applications(tx, scope).get(application_id) if may else None
            if app is None or kind not in kinds:
                raise Invalid(CONNECTOR_APPLICATION, field="application", name=application_id)
            name = editing.free_name(tx, app.name)
            return Editable(
                None,
                app,
                name,
                editing.first_draft(tx, application_id, kind, url, profile),
                editing.first_source(name, application_id, kind, url, profile),
                kinds[kind],
                {},
                list_roles(tx, application_id),
                is_plain=True,
            )

    def find_person(self, person_id: str) -> Whom | None:
        """Somebody whom the actor may look at."""
        about = OfPerson(person_id[:_ID_CHARS])
        with self._installation.database.read() as tx:
            if not person_id or not decide(tx, self._actor, PeoplePermission.READ, about).allowed:
                return None
            return queries.person(tx, about.id)

    def preview(self, editable: Editable, draft: Draft, person: Whom) -> Mapping[str, Previewed]:
        """What would be sent of somebody (`sync.engine.editing.preview`)."""
        with self._installation.database.read() as tx:
            return editing.preview(
                tx, editable.application.id, draft.attributes, editable.tables, person
            )

    def faults_of(self, editable: Editable, draft: Draft) -> Sequence[Invalid]:
        """What is wrong with a draft, each at its field."""
        of_target = editing.address_faults(draft.url) if editable.is_plain else []
        expressions = editing.faults_of(draft.attributes, editable.tables, editable.kind.name)
        return [*expressions, *of_target, *editing.numbers_of(draft)]

    def judge(self, editable: Editable, draft: Draft) -> Definition:
        """The definition that a draft stands for. Raises Invalid with all faults."""
        refuse(self.faults_of(editable, draft))
        return connectors.read(editing.source_of(draft, editable.source))

    def attempt(self, editable: Editable, draft: Draft) -> Trial:
        """What it would do, by those who can be looked at in two seconds; nothing is written or
        asked. Raises Invalid, Conflict as `put` does for what it names."""
        definition = self.judge(editable, draft)
        until, after = time.monotonic() + _LONGEST_TRIAL_S, ""
        lines: list[Planned] = []
        counts = {"create": 0, "update": 0, "disable": 0, "conflict": 0}
        looked_at, is_whole = 0, False
        with self._installation.database.read() as tx:
            roles = {role.name for role in editable.roles}
            connectors.require_usable(tx, definition, roles)
            while not is_whole and looked_at < _MOST_TRIED and time.monotonic() < until:
                people = queries.next_people_with_posts(tx, after, AT_ONCE)
                for each in plan_for(tx, definition, people):
                    counts[each.step] += 1
                    if len(lines) < _MOST_SHOWN:
                        lines.append(each)
                looked_at += len(people)
                after = next(reversed(people), after)
                is_whole = len(people) < AT_ONCE
            names = self._names(tx, [each.person_id for each in lines])
        shown = [(each, *names.get(each.person_id, ("", ""))) for each in lines]
        return Trial(shown, counts, looked_at, is_whole)

    def put(self, editable: Editable, draft: Draft, token: str) -> str:
        """Set it up, paused, or put it in the place of the one it was made from; gives its name.
        Raises Invalid, NotFound, Conflict, Forbidden as `sync.engine.connectors.put`."""
        refuse(self.faults_of(editable, draft))
        source = editing.source_of(draft, editable.source)
        is_new = editable.opened is None
        found = connectors.put(
            self._installation,
            self._actor,
            source,
            token,
            replaces=not is_new,
            is_paused=is_new,
            seen=None if is_new else editable.source,
        )
        return found.name

    def _editable(self, opened: OpenedConnector) -> Editable:
        found = opened.connector
        definition = found.definition
        kind = find_kinds()[definition.target.kind]
        with self._installation.database.read() as tx:
            roles = list_roles(tx, definition.application_id)
        return Editable(
            opened,
            opened.application,
            found.name,
            editing.draft_of(found.source),
            found.source,
            kind,
            definition.tables,
            roles,
            is_plain=not kind.reads,
        )

    def _names(self, tx: Connection, people: Sequence[str]) -> Mapping[str, tuple[str, str]]:
        return names_seen(tx, scope_of(tx, self._actor, PeoplePermission.READ), people)
