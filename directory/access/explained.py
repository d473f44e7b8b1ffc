"""Why and why not, for somebody who may ask: whether a person may enter an application, by which
grant they hold each of its roles, what is missing, and what would mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.access.request_kinds import ENTER, GRANT
from directory.access.telling import tell_entry, tell_obstacle, tell_request, tell_source
from directory.access.unknown import unknown
from directory.actor import Actor
from directory.audit.log import person_tag
from directory.authz.applications import names_seen
from directory.authz.decisions import decide_each
from directory.authz.errors import APPLICATION_UNKNOWN, AUTHZ_DENIED, GRANT_EXCLUDED
from directory.authz.exclusions import list_barred
from directory.authz.explaining import (
    EnteredApplication,
    Explanation,
    Source,
    explain_access,
    find_entered,
)
from directory.authz.grants import require_account, require_in_use
from directory.authz.objects import Object, OfApplication, OfPerson
from directory.authz.permissions import ApplicationPermission, GrantPermission, Permission
from directory.authz.positions import tags_of_positions
from directory.authz.roles import Role, list_roles, title_of
from directory.authz.scopes import (
    EVERYWHERE,
    Scope,
    holds_person,
    scope_of_application,
    scopes_of,
)
from directory.catalogue.errors import PERSON_UNKNOWN
from directory.errors import AppError, Conflict, ErrorCode, Forbidden, NotFound, Words
from directory.ids import new_id
from directory.installation import Installation
from directory.projection import queries
from directory.projection.queries import PersonRow
from directory.requests.permissions import RequestPermission
from directory.requests.register import (
    Request,
    asked_by_or_for,
    list_open_about,
    within,
)

_ASKED: tuple[Permission, ...] = (
    GrantPermission.READ,
    ApplicationPermission.READ,
    RequestPermission.READ,
)


@dataclass(frozen=True)
class Told:
    """A grant in a sentence."""

    source: Source
    words: Words


@dataclass(frozen=True)
class RoleMissing:
    """A role of the application that the person does not hold. `past`: what gave it to them, or
    will. `problem`: why it could not be given to them as they are; None where it could be."""

    role: Role
    past: Sequence[Told]
    problem: AppError | None


@dataclass(frozen=True)
class Obstacle:
    """One thing that keeps the person out: the stable word, and the sentence."""

    reason: str
    words: Words


@dataclass(frozen=True)
class Waiting:
    """A request that would mend it, and who asked."""

    request: Request
    words: Words


@dataclass(frozen=True)
class Explained:
    """The answer. `entry`: why they may enter, or what keeps them out; `held`, `missing`: their
    roles of the application, and those they do not hold; `elsewhere`: how many they hold by grants
    that are not the asker's to know."""

    person: PersonRow
    application: EnteredApplication
    why: Explanation
    entry: Words | None
    obstacles: Sequence[Obstacle]
    held: Sequence[tuple[Role, Sequence[Told]]]
    missing: Sequence[RoleMissing]
    waiting: Sequence[Waiting]

    @property
    def may_enter(self) -> bool:
        """Whether they may."""
        return self.why.may_enter

    @property
    def elsewhere(self) -> int:
        """As `Explanation.elsewhere`."""
        return self.why.elsewhere


@dataclass(frozen=True)
class Asked:
    """Of what one may ask: the names of the applications, by id; `person`: whoever was chosen
    already."""

    applications: Mapping[str, str]
    person: PersonRow | None


def is_explained(tx: Connection, actor: Actor, scope: Scope, person_id: str) -> bool:
    """Whether the actor, whose ``grants:read`` has this scope, may ask why of the person: of
    whoever they may look at the roles of, and of themselves."""
    if actor.kind == "person" and actor.id == person_id:
        return True
    asked: Mapping[Permission, Scope] = {GrantPermission.READ: scope}
    return decide_each(tx, actor, asked, OfPerson(person_id))[GrantPermission.READ].allowed


@dataclass(frozen=True)
class WhyFor:
    """What `actor` may be told of why people enter applications: of whoever they may look at the
    roles of, and of themselves; of applications they see, and of those that are where they are."""

    _installation: Installation
    _actor: Actor

    def ask(self, person_id: str = "") -> Asked:
        """What may be asked, of the person where one is named. Raises Forbidden without
        ``grants:read`` anywhere, NotFound."""
        with self._installation.database.read() as tx:
            scopes = scopes_of(tx, self._actor, _ASKED)
            if scopes[GrantPermission.READ].is_empty:
                raise Forbidden(AUTHZ_DENIED, action=GrantPermission.READ, reason="no_role")
            seeing = scopes[ApplicationPermission.READ]
            names = {} if seeing.is_empty else names_seen(tx, seeing)
            if not person_id:
                return Asked(names, None)
            if is_explained(tx, self._actor, scopes[GrantPermission.READ], person_id):
                return Asked(names, queries.person(tx, person_id))
        raise self._unknown(OfPerson(person_id), PERSON_UNKNOWN)

    def find_person(self, login: str) -> str:
        """The id of the person of that user name or address; empty where there is none whom the
        actor may ask about."""
        with self._installation.database.read() as tx:
            scopes = scopes_of(tx, self._actor, _ASKED)
            found = queries.find_person_by_login(tx, login)
            person_id = found.id if found else new_id()  # looked for all the same
            return (
                person_id
                if is_explained(tx, self._actor, scopes[GrantPermission.READ], person_id)
                else ""
            )

    def explain(self, person_id: str, application_id: str) -> Explained:
        """Why, or why not. Raises NotFound."""
        with self._installation.database.read() as tx:
            scopes = scopes_of(tx, self._actor, _ASKED)
            is_known = is_explained(tx, self._actor, scopes[GrantPermission.READ], person_id)
            person = queries.person(tx, person_id) if is_known else None
            if person is not None:
                app = self._find(tx, scopes[ApplicationPermission.READ], application_id)
                if app is not None:
                    return self._explained(tx, scopes, person, app)
        if person is None:
            raise self._unknown(OfPerson(person_id), PERSON_UNKNOWN)
        raise self._unknown(OfApplication(application_id), APPLICATION_UNKNOWN)

    def _find(
        self, tx: Connection, seeing: Scope, application_id: str
    ) -> EnteredApplication | None:
        """The application, where the actor sees it, or is themselves where it is."""
        app = find_entered(tx, seeing, application_id)
        if app is not None and not seeing.is_empty and app.is_near:
            return app
        # One that is not there is looked for all the same.
        where = scope_of_application(tx, application_id)
        is_here = holds_person(tx, where, self._actor.id, writing=False)
        return app if is_here else None

    def _explained(
        self,
        tx: Connection,
        scopes: Mapping[Permission, Scope],
        person: PersonRow,
        app: EnteredApplication,
    ) -> Explained:
        scope = EVERYWHERE if self._is_own(person.id) else scopes[GrantPermission.READ]
        asked = self._asked(tx, scopes[RequestPermission.READ], person, app.id)
        why = explain_access(tx, person, app, scope, {each.asked_by for each in asked})
        told = [Told(each, tell_source(each, why.names)) for each in (*why.roles, *why.others)]
        roles = list_roles(tx, app.id)
        now = {each.grant.role for each in why.roles}
        titles = {each.name: title_of(each) for each in roles}
        return Explained(
            person=person,
            application=app,
            why=why,
            entry=tell_entry(person, app, why) if why.may_enter else None,
            obstacles=[
                Obstacle(each, tell_obstacle(tx, each, person, app)) for each in why.obstacles
            ],
            held=[
                (role, [one for one in told if one.source.grant.role == role.name])
                for role in roles
                if role.name in now
            ],
            missing=_missing(tx, person, roles, told),
            waiting=[Waiting(each, tell_request(each, why.names, titles)) for each in asked],
        )

    def _asked(
        self, tx: Connection, scope: Scope, person: PersonRow, application_id: str
    ) -> Sequence[Request]:
        """The requests that wait to be decided and that the actor may see."""
        subjects = {person_tag(person.id), *(f"post:{post.id}" for post in person.posts)}
        among = within(scope) | asked_by_or_for({self._actor.tag})
        kinds, positions = (GRANT.name, ENTER.name), tags_of_positions(person.id)
        found = list_open_about(tx, among, kinds, subjects, positions)
        return [each for each in found if each.payload.get("application_id") == application_id]

    def _is_own(self, person_id: str) -> bool:
        return self._actor.kind == "person" and self._actor.id == person_id

    def _unknown(self, about: Object, declared: ErrorCode) -> NotFound:
        return unknown(self._installation, self._actor, GrantPermission.READ, about, declared)


def _missing(
    tx: Connection, person: PersonRow, roles: Sequence[Role], told: Sequence[Told]
) -> Sequence[RoleMissing]:
    """Those that are given still, or were. `roles`: all of the application."""
    now = {one.source.grant.role for one in told if one.source.state == "holds"}
    names = {each.name: title_of(each) for each in roles}
    missing = [each for each in roles if each.name not in now]
    barred = list_barred(tx, missing, person.id)
    found = []
    for role in missing:
        past = [one for one in told if one.source.grant.role == role.name]
        if past or role.retired_at is None:
            problem = _problem(person, role, names, barred.get(role.name, ""))
            found.append(RoleMissing(role, past, problem))
    return found


def _problem(
    person: PersonRow, role: Role, names: Mapping[str, Words], other: str
) -> AppError | None:
    """What giving it would raise, of what does not hang on who gives it. `other`: a role they hold
    that excludes it."""
    try:
        require_in_use(role)
        require_account(role, is_account=person.administrator_of != "")
    except AppError as error:
        return error
    if not other:
        return None
    return Conflict(
        GRANT_EXCLUDED, role=names[role.name], other=names[other], people=person.full_name
    )
