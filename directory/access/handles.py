"""What an actor may see and do of roles and grants: nothing more can be reached from here.

A grant, person or application that is not the actor's to know answers exactly as one that does not
exist, and leaves the same mark in the log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import Connection

from directory.access import role_file, sheet
from directory.access.asking import Given, give_or_ask, renew_or_ask
from directory.access.bulk import Done, Line, do_all
from directory.access.bulk_preview import BulkPreview, preview_all
from directory.access.conflicts import ConflictList, name_conflicts
from directory.access.explained import is_explained
from directory.access.list_file import taken_away
from directory.access.listing import (
    MOST_COUNTED,
    GrantList,
    list_with_choices,
    narrowed,
    require_known,
)
from directory.access.preview import Preview, find_problem, preview_grant
from directory.access.sheet import ReadLine
from directory.access.unknown import unknown
from directory.actor import Actor
from directory.audit.kinds import Vocabulary
from directory.audit.log import record
from directory.authz import applications, grants
from directory.authz.conflicts import Conflicting, list_conflicts
from directory.authz.decisions import Decision, decide_each
from directory.authz.errors import (
    APPLICATION_UNKNOWN,
    AUTHZ_DENIED,
    GRANT_ENDED,
    GRANT_UNKNOWN,
    ROLE_CHANGED_MEANWHILE,
    ROLE_EXISTS,
)
from directory.authz.events import AUTHZ_DENIED as DENIED
from directory.authz.grant_lists import (
    Ended,
    GrantQuestion,
    count_grants,
    count_reached,
    count_role_holders,
    counting,
    find_seen,
    list_page,
)
from directory.authz.grants import Grant, object_of
from directory.authz.handles import ActsOf, acts_of_grant
from directory.authz.naming import NamedGrant, name_all
from directory.authz.objects import InPlace, Object, OfApplication
from directory.authz.permissions import (
    ApplicationPermission,
    AuditPermission,
    GrantPermission,
    Permission,
    RolePermission,
)
from directory.authz.retiring import restore_role, retire_role
from directory.authz.roles import DEFAULT_DAYS, Role, find_role, list_roles
from directory.authz.scopes import (
    Scope,
    holds_person,
    holds_place,
    scope_of,
    scopes_of,
)
from directory.catalogue.errors import AGENCY_UNKNOWN, PERSON_UNKNOWN
from directory.clock import today
from directory.database.advisory_lock import take_advisory_lock
from directory.database.counting import Count
from directory.errors import AppError, Conflict, ErrorCode, Forbidden, NotFound
from directory.exports.notes import Export
from directory.installation import Installation
from directory.sheets.writing import Listing

MOST_ID_CHARS = 36
_ON_PAGE_OF_PERSON = 8
_OF_ONE: tuple[Permission, ...] = (
    GrantPermission.READ,
    GrantPermission.WRITE,
    GrantPermission.ASK,
    AuditPermission.READ,
)


@dataclass(frozen=True)
class GrantPage:
    """Grants with names; `next`: the `after` of the page that follows, empty on the last. `names`:
    of the tags of who gave and approved them."""

    grants: Sequence[NamedGrant]
    names: Mapping[str, str]
    next: str


@dataclass(frozen=True)
class HeldByPerson:
    """Grants to one person; `has_more` of them; `may_list`: whether the list can be asked for by
    this person; `may_explain`: whether one may ask why of them (`directory.access.explained`)."""

    grants: Sequence[NamedGrant]
    has_more: bool
    may_list: bool
    may_explain: bool


@dataclass(frozen=True)
class OpenedGrant:
    """One grant, and whether the actor may take it back or renew it, and why not. `may_ask`:
    whether they may ask for another term. `role`: what it is a grant of. `reaches`: how many people
    hold the role by it. `ended`: of one that stands no more; `follower`: the id of the grant of the
    same terms that stands now, empty for none. `sees_holder`: whether the actor may look at the
    person who holds it; `may_explain`: or ask why of them. `acts`: what happened to it; None where
    nobody asked, or may read it."""

    named: NamedGrant
    names: Mapping[str, str]
    change: Decision
    may_ask: bool
    role: Role | None
    reaches: int
    ended: Ended | None
    follower: str
    sees_holder: bool
    may_explain: bool
    acts: ActsOf | None

    @property
    def renewal(self) -> Literal["given", "asked", "refused"]:
        """What comes of giving it for longer: it is given at once, asked for, or cannot be."""
        if self.ended is not None or self.role is None:
            return "refused"
        has_end = self.named.grant.end != ""
        if self.change.allowed and not (self.role.needs_approval and has_end):
            return "given"  # what has no end can only be made shorter
        return "asked" if self.may_ask and has_end else "refused"

    @property
    def proposed_end(self) -> str:
        """The last day of another term, as a form proposes it."""
        days = self.role.default_days if self.role else DEFAULT_DAYS
        return (today() + timedelta(days=days)).isoformat()


@dataclass(frozen=True)
class GrantsFor:
    """Grants as far as `actor` may see and change them."""

    _installation: Installation
    _actor: Actor

    def page(self, question: GrantQuestion) -> GrantPage:
        """A page of the list. Raises Forbidden without ``grants:read`` anywhere, NotFound for a
        place out of scope."""
        place = InPlace(question.place_id)
        with self._installation.database.read() as tx:
            scope = self._read_scope(tx)
            if not question.place_id or holds_place(tx, scope, question.place_id):
                found, following = list_page(tx, scope, question, question.size)
                return GrantPage(*name_all(tx, found), following)
        raise self._unknown(place, AGENCY_UNKNOWN)

    def list(self, question: GrantQuestion, text: str = "") -> GrantList:
        """A page of the list with what narrows it. `text`: part of the name of who holds it. Raises
        as `page`, also for a person, position or application that is not the actor's to know."""
        with self._knowing(question), self._installation.database.read() as tx:
            scope = self._read_scope(tx)
            require_known(tx, scope, question)
            asked, too_many = narrowed(tx, question, text)
            return list_with_choices(tx, scope, asked, too_many=too_many)

    def of_person(self, person_id: str) -> HeldByPerson | None:
        """What the person holds, by whichever way: the first of it. None without ``grants:read``
        anywhere."""
        with self._installation.database.read() as tx:
            scope = scope_of(tx, self._actor, GrantPermission.READ)
            if scope.is_empty:
                return None
            question = GrantQuestion(person_id=person_id)
            found, following = list_page(tx, scope, question, _ON_PAGE_OF_PERSON)
            may_explain = is_explained(tx, self._actor, scope, person_id)
            is_own = person_id == self._actor.id
            may_list = (may_explain and not is_own) or holds_person(
                tx, scope, person_id, writing=False
            )
            return HeldByPerson(name_all(tx, found)[0], following != "", may_list, may_explain)

    def take_away(
        self, question: GrantQuestion, text: str, filter_told: str, export: Export
    ) -> Listing:
        """All grants of a question as a file to be written, noted before the first of them is read.
        Raises as `list`, and as `directory.exports.taking.take`."""
        with self._knowing(question), self._installation.database.read() as tx:
            scope = self._read_scope(tx)
            require_known(tx, scope, question)
            asked, _ = narrowed(tx, question, text)
        return taken_away(self._installation, self._actor, scope, asked, filter_told, export)

    @contextmanager
    def _knowing(self, question: GrantQuestion) -> Iterator[None]:
        """What is not the actor's to know leaves its mark in the log."""
        try:
            yield
        except NotFound as error:
            raise self._unknown(InPlace(question.place_id), error.declared) from error

    def count(self, question: GrantQuestion) -> int:
        """How many are in the list, up to `MOST_COUNTED`; none without ``grants:read``."""
        with self._installation.database.read() as tx:
            scope = scope_of(tx, self._actor, GrantPermission.READ)
            return count_grants(tx, scope, question, MOST_COUNTED)

    def counting(self, question: GrantQuestion) -> Count:
        """As `count`, for a question with others."""
        with self._installation.database.read() as tx:
            scope = scope_of(tx, self._actor, GrantPermission.READ)
            return counting(tx, scope, question, MOST_COUNTED)

    def conflicts(self, application_id: str = "") -> Sequence[Conflicting]:
        """Who holds two roles that exclude each other, by a grant of the actor's places."""
        with self._installation.database.read() as tx:
            return list_conflicts(tx, self._read_scope(tx), application_id)

    def named_conflicts(self, application_id: str = "") -> ConflictList:
        """As `conflicts`, with names for a page."""
        with self._installation.database.read() as tx:
            actions = (GrantPermission.READ, GrantPermission.WRITE)
            scopes = scopes_of(tx, self._actor, actions)
            reading, writing = (scopes[action] for action in actions)
            return name_conflicts(tx, reading, writing, application_id)

    def open(self, grant_id: str, vocabulary: Vocabulary | None = None) -> OpenedGrant:
        """One grant, also one that stands no more; with a `vocabulary` what happened to it too.
        Raises NotFound."""
        with self._installation.database.read() as tx:
            scopes = scopes_of(tx, self._actor, _OF_ONE)
            if seen := _find(tx, scopes, grant_id):
                found, ended = seen
                (named,), names = name_all(tx, [found], more=[ended.by] if ended else [])
                asked = {action: scopes[action] for action in _OF_ONE[1:3]}
                may = decide_each(tx, self._actor, asked, object_of(found))
                return OpenedGrant(
                    named,
                    names,
                    change=may[GrantPermission.WRITE],
                    may_ask=may[GrantPermission.ASK].allowed,
                    role=find_role(tx, found.application_id, found.role),
                    reaches=count_reached(tx, found.holder_kind, found.holder_id),
                    ended=ended,
                    follower=_follower(tx, found) if ended else "",
                    sees_holder=_sees_holder(tx, scopes[GrantPermission.READ], found),
                    may_explain=_may_explain(tx, self._actor, scopes[GrantPermission.READ], found),
                    acts=_acts_of(tx, vocabulary, scopes[AuditPermission.READ], found),
                )
        raise self._unknown_grant(grant_id)

    def preview(self, grant: Grant) -> Preview:
        """What giving it would do. Raises NotFound for a role, place or holder that is not there or
        not the actor's to know."""
        with self._looking() as tx:
            preview = preview_grant(tx, self._actor, grant)
        self._require_known(grant, preview.problem)
        return preview

    def find_problem(self, grant: Grant) -> AppError | None:
        """Why giving it would be refused; None where it would be given or asked for. Raises as
        `preview`."""
        with self._looking() as tx:
            problem = find_problem(tx, self._actor, grant)
        self._require_known(grant, problem)
        return problem

    def _looking(self) -> AbstractContextManager[Connection]:
        """For what an act would come to. Whoever looks as a job would see it could do nothing."""
        database = self._installation.database
        return database.write() if self._actor.is_viewing else database.read()

    def give(self, grant: Grant) -> Given:
        """Give it, or ask for it where the actor may not give it alone. Raises as `preview`, and as
        `directory.access.asking.give_or_ask`."""
        try:
            return self._installation.database.retrying(
                lambda tx: give_or_ask(tx, self._actor, grant)
            )
        except Forbidden as refused:
            self._require_known(grant, refused)
            raise

    def renew(self, grant_id: str, end: str, reason: str, basis: str = "") -> Given:
        """Give it for another term, or ask for that. Raises NotFound, and as
        `directory.access.asking.renew_or_ask`."""
        self._require_visible(grant_id)
        return self._installation.database.retrying(
            lambda tx: renew_or_ask(tx, self._actor, grant_id, end, reason, basis)
        )

    def withdraw(self, grant_id: str, reason: str) -> None:
        """Take it back, at once. Raises as `directory.authz.grants.revoke_grant`."""
        self._require_visible(grant_id)
        self._installation.database.retrying(
            lambda tx: grants.revoke_grant(tx, self._actor, grant_id, reason)
        )

    def read_sheet(self, raw: bytes, pasted: str) -> Sequence[ReadLine]:
        """What each row of a sheet, or of lines pasted from one, asks to be done. Raises Invalid
        (``sheet.*``, ``bulk.*``) for one that is not read as a whole."""
        rows = sheet.read(raw, pasted)
        with self._installation.database.read() as tx:
            return sheet.lines_of(tx, self._read_scope(tx), rows)

    def preview_lines(self, lines: Sequence[Line]) -> BulkPreview:
        """What doing them would do."""
        with self._looking() as tx:
            return preview_all(tx, self._actor, lines)

    def do_lines(self, lines: Sequence[Line], reason: str) -> Done:
        """Do all of them as one act, or none. Raises `directory.access.bulk.LinesRefused`."""
        return self._installation.database.retrying(
            lambda tx: do_all(tx, self._actor, lines, reason)
        )

    def _require_visible(self, grant_id: str) -> None:
        """Raises NotFound, and Conflict(``grant.ended``) where it stands no more."""
        with self._installation.database.read() as tx:
            seen = _find(tx, scopes_of(tx, self._actor, _OF_ONE), grant_id)
        if seen is None:
            raise self._unknown_grant(grant_id)
        if seen[1] is not None:
            raise Conflict(GRANT_ENDED)

    def _require_known(self, grant: Grant, problem: Exception | None) -> None:
        """Raise NotFound for what is not there, and for a holder the actor may not even ask
        something for."""
        if isinstance(problem, NotFound):
            raise problem
        if not isinstance(problem, Forbidden):
            return
        reason = str(problem.params.get("reason", ""))
        if reason in ("holder_out_of_scope", "out_of_scope"):
            raise self._unknown(object_of(grant), PERSON_UNKNOWN)

    def _read_scope(self, tx: Connection) -> Scope:
        scope = scope_of(tx, self._actor, GrantPermission.READ)
        if scope.is_empty:
            raise Forbidden(AUTHZ_DENIED, action=GrantPermission.READ, reason="no_role")
        return scope

    def _unknown_grant(self, grant_id: str) -> NotFound:
        self._unknown(InPlace(""), GRANT_UNKNOWN)
        return NotFound(GRANT_UNKNOWN, value=grant_id)

    def _unknown(self, about: Object, declared: ErrorCode) -> NotFound:
        return unknown(self._installation, self._actor, GrantPermission.READ, about, declared)


@dataclass(frozen=True)
class ShownRoles:
    """The roles of an application. `holders`: how many people of the actor's places hold each of
    them today, of those that somebody holds. `change`: whether the actor may declare some, and why
    not."""

    application: applications.Application
    roles: Sequence[Role]
    holders: Mapping[str, int]
    change: Decision

    def find(self, name: str) -> Role | None:
        """One of them."""
        return next((role for role in self.roles if role.name == name), None)


@dataclass(frozen=True)
class RolesFor:
    """The roles of applications as far as `actor` may see and declare them."""

    _installation: Installation
    _actor: Actor

    def show(self, application_id: str) -> ShownRoles:
        """The roles of an application. Raises NotFound."""
        about = OfApplication(application_id)
        actions = (ApplicationPermission.READ, RolePermission.WRITE)
        with self._installation.database.read() as tx:
            scopes = scopes_of(tx, self._actor, actions)
            may = decide_each(tx, self._actor, scopes, about)
            is_seen = may[ApplicationPermission.READ].allowed
            if app := applications.find(tx, about.id) if is_seen else None:
                change = may[RolePermission.WRITE]
                return ShownRoles(
                    application=app,
                    roles=list_roles(tx, app.id),
                    holders=count_role_holders(tx, scopes[ApplicationPermission.READ], app.id),
                    change=Decision(False, "built_in") if app.built_in else change,
                )
        raise self._unknown(about, APPLICATION_UNKNOWN)

    def take_away(self, application_id: str, export: Export) -> Listing:
        """The roles of an application as a file to be written, noted. Raises as `show`, and as
        `directory.exports.taking.take`."""
        shown = self.show(application_id)
        return role_file.taken_away(
            self._installation,
            self._actor,
            shown.application.name,
            shown.roles,
            shown.holders,
            export,
        )

    def show_for_change(self, application_id: str) -> ShownRoles:
        """As `show`. Raises NotFound, and Forbidden for roles the actor may only look at."""
        shown = self.show(application_id)
        if not shown.change.allowed:
            raise self._denied(OfApplication(shown.application.id), shown.change.reason)
        return shown

    def _require_change(self, application_id: str) -> None:
        """Raises as `show_for_change`."""
        about = OfApplication(application_id)
        actions = (ApplicationPermission.READ, RolePermission.WRITE)
        with self._installation.database.read() as tx:
            may = decide_each(tx, self._actor, scopes_of(tx, self._actor, actions), about)
            is_seen = may[ApplicationPermission.READ].allowed
            app = applications.find(tx, about.id) if is_seen else None
        if app is None:
            raise self._unknown(about, APPLICATION_UNKNOWN)
        change = Decision(False, "built_in") if app.built_in else may[RolePermission.WRITE]
        if not change.allowed:
            raise self._denied(about, change.reason)

    def add(self, declared: Role) -> None:
        """Declare a role. Raises as `show_for_change` and `directory.authz.grants.put_role`, and
        Conflict(``role.exists``)."""
        self._require_change(declared.application_id)
        self._installation.database.retrying(lambda tx: self._put(tx, declared, None))

    def change(self, declared: Role, seen: Role) -> None:
        """Change a role that is as it was `seen`. Raises as `show_for_change` and
        `directory.authz.grants.put_role`, and Conflict(``role.changed_meanwhile``)."""
        self._require_change(declared.application_id)
        self._installation.database.retrying(lambda tx: self._put(tx, declared, seen))

    def set_retired(self, application_id: str, name: str, reason: str, *, retired: bool) -> None:
        """Have nobody given a role any more, or have it given again. Raises as
        `show_for_change` and `directory.authz.retiring.retire_role`."""
        self._require_change(application_id)
        act = retire_role if retired else restore_role
        self._installation.database.retrying(
            lambda tx: act(tx, self._actor, application_id, name, reason)
        )

    def _put(self, tx: Connection, declared: Role, seen: Role | None) -> None:
        take_advisory_lock(tx, "application", declared.application_id)
        now = find_role(tx, declared.application_id, declared.name)
        if now != seen:
            is_new = seen is None
            raise Conflict(
                ROLE_EXISTS if is_new else ROLE_CHANGED_MEANWHILE,
                field="name",
                value=declared.name,
            )
        grants.put_role(tx, self._actor, declared)

    def _denied(self, about: OfApplication, reason: str) -> Forbidden:
        action = RolePermission.WRITE
        with self._installation.database.write() as tx:
            record(tx, DENIED, self._actor, action=action, object=about.tag, reason=reason)
        return Forbidden(AUTHZ_DENIED, action=action, reason=reason)

    def _unknown(self, about: Object, declared: ErrorCode) -> NotFound:
        return unknown(self._installation, self._actor, ApplicationPermission.READ, about, declared)


def _find(
    tx: Connection, scopes: Mapping[Permission, Scope], grant_id: str
) -> tuple[Grant, Ended | None] | None:
    reading, writing = scopes[GrantPermission.READ], scopes[GrantPermission.WRITE]
    asked = grant_id[:MOST_ID_CHARS]
    return find_seen(tx, reading, writing, [asked]).get(asked)


def _follower(tx: Connection, ended: Grant) -> str:
    found = grants.find_same(tx, ended)
    return found.id if found else ""


def _sees_holder(tx: Connection, scope: Scope, grant: Grant) -> bool:
    is_person = grant.holder_kind == "person"
    return is_person and holds_person(tx, scope, grant.holder_id, writing=False)


def _may_explain(tx: Connection, actor: Actor, scope: Scope, grant: Grant) -> bool:
    return grant.holder_kind == "person" and is_explained(tx, actor, scope, grant.holder_id)


def _acts_of(
    tx: Connection, vocabulary: Vocabulary | None, scope: Scope, grant: Grant
) -> ActsOf | None:
    may_read = not scope.is_empty and holds_place(tx, scope, grant.agency_id)
    return acts_of_grant(tx, vocabulary, grant) if vocabulary and may_read else None
