"""What an actor may see and do of connectors: nothing more can be reached from here.

A connector that is not the actor's to know answers exactly as one that does not exist: the same
error after the same statements, and the same mark in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from sqlalchemy import Connection

from directory.actor import Actor
from directory.audit.acts import Act, ActQuestion, events_of, list_acts
from directory.audit.kinds import Vocabulary
from directory.audit.log import record
from directory.audit.names import names_for
from directory.audit.sentences import actor_name
from directory.authz.decisions import Decision, decide, decide_each
from directory.authz.denials import record_denial
from directory.authz.errors import AUTHZ_DENIED as AUTHZ_REFUSED
from directory.authz.naming import name_tags, people_in
from directory.authz.objects import OfApplication, OfPerson
from directory.authz.permissions import ApplicationPermission, AuditPermission, Permission
from directory.authz.scopes import Scope, holds_person, places_within, scope_of, scopes_of
from directory.catalogue.person import home_agency
from directory.clock import today
from directory.errors import Conflict, Forbidden, NotFound, Words
from directory.exports.notes import Export
from directory.installation import Installation
from directory.people.permissions import PeoplePermission
from directory.projection import queries
from directory.projection.queries import AgencyRow, PersonRow
from directory.requests.errors import REQUEST_OPEN_ALREADY
from directory.sheets.writing import Listing
from sync.engine import accounts, connectors, matching, reconciling
from sync.engine.account_listing import (
    AccountList,
    AccountQuestion,
    ListedAccount,
    PersonAccount,
    count_failed_of_others,
    list_accounts,
    list_failed,
    list_of_person,
    names_seen,
    person_account,
)
from sync.engine.connectors import Connector
from sync.engine.errors import (
    CONNECTOR_ACCOUNT_UNKNOWN,
    CONNECTOR_PERSON,
    CONNECTOR_READ_ONLY,
    CONNECTOR_RUN_UNKNOWN,
    CONNECTOR_UNKNOWN,
)
from sync.engine.events import CONNECTOR_TESTED
from sync.engine.expressions import Value
from sync.engine.following import Planned, planned, side_by_side
from sync.engine.list_files import (
    MOST_TAKEN,
    accounts_taken_away,
    connectors_taken_away,
    findings_taken_away,
    plan_taken_away,
)
from sync.engine.listing import (
    ConnectorPage,
    ConnectorQuestion,
    Figures,
    KeptApplication,
    State,
    count_stuck,
    figures_of,
    find_application,
    list_page,
    list_whole,
    state_of,
)
from sync.engine.losses import ask_for_losses
from sync.engine.matching import (
    Candidate,
    Refusal,
    keep_free,
    list_likely,
    list_refusals,
    list_unknown,
)
from sync.engine.permissions import ConnectorPermission
from sync.engine.reconciling import Finding, FindingKind, count_findings, list_findings
from sync.engine.runs import Run, count_runs, find_run, list_runs, live
from sync.engine.target import Unreachable
from sync.engine.wanted import from_json, wanted_of

LATEST_ACTS = 10
_ID_CHARS = 36
_MOST_FAILED = 100
_MOST_MATCHED = 100  # accounts of a page: each is looked up
_T = TypeVar("_T")
_READ, _WRITE = ConnectorPermission.READ, ConnectorPermission.WRITE


@dataclass(frozen=True)
class OpenedConnector:
    """A connector the actor may know of. `change`: whether they may change it, and why not."""

    connector: Connector
    application: KeptApplication
    state: State
    change: Decision


@dataclass(frozen=True)
class ShownConnector(OpenedConnector):
    """A connector in full. `findings`: how much of each kind the last reading of the target found;
    `acts`: the latest of it, newest first, None when the actor may not read those, with the names
    that tell them."""

    figures: Figures
    findings: Mapping[FindingKind, int]
    acts: Sequence[Act] | None
    names: Mapping[str, str]


@dataclass(frozen=True)
class OpenedAccount:
    """Somebody in one target. `account`: how it stands, None where nothing was ever to be done;
    `entry`: whether they may enter the application, and why not; `is_wanted`: they are to have an
    account; `values`: of each attribute and the groups, what the target took last and what it is to
    hold."""

    opened: OpenedConnector
    person: PersonRow
    account: PersonAccount | None
    entry: Decision
    is_wanted: bool
    values: Sequence[tuple[str, Value, Value]]


@dataclass(frozen=True)
class SeenPerson:
    """Somebody whom the actor sees (`id`), in a connector that they may change."""

    connector: str
    id: str


@dataclass(frozen=True)
class Plan:
    """A page of what is to be done, as the catalogue is now: whose account, and what of it. `total`
    of that step; `others`: so many more are of people whom the actor does not see."""

    lines: Sequence[tuple[ListedAccount, Planned]]
    total: int
    others: int


@dataclass(frozen=True)
class Findings:
    """A page of what the last reading found of one kind or of all, with the names of people whom
    the actor sees."""

    findings: Sequence[Finding]
    total: int
    names: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class ShownCandidate:
    """An account that was there before, beside a person whose it could be."""

    candidate: Candidate
    person: PersonRow
    agency: str


@dataclass(frozen=True)
class Runs:
    """A page of runs, each with whoever began it, and how many there are."""

    opened: OpenedConnector
    runs: Sequence[ListedRun]
    total: int


@dataclass(frozen=True)
class ListedRun:
    """A run, and what whoever began it is called."""

    run: Run
    begun_by: Words


@dataclass(frozen=True)
class ShownRun(ListedRun):
    """A run in full. `waiting`: how many accounts are still to be done; `failed`: those that did
    not get there, of people whom the actor sees; `others`: so many more are of others."""

    opened: OpenedConnector
    waiting: int
    failed: Sequence[ListedAccount]
    others: int


@dataclass(frozen=True)
class ShownRefusal:
    """An account of which somebody said that it is not a person's. `person`: full name and user
    name, None for one whom the actor does not see."""

    refusal: Refusal
    person: tuple[str, str] | None
    refused_by: Words


@dataclass(frozen=True)
class Matching:
    """How many accounts were found that are nobody's, whose the first of them could be (people whom
    the actor sees, the surest first), and of whom that was refused."""

    opened: OpenedConnector
    unknown: int
    candidates: Sequence[ShownCandidate]
    refusals: Sequence[ShownRefusal]


@dataclass(frozen=True)
class Tested:
    """What came of asking a target: what it is, or why it does not answer."""

    answers: bool
    says: str


@dataclass(frozen=True)
class ConnectorsFor:
    """Connectors as far as `actor` may see and change them."""

    _installation: Installation
    _actor: Actor
    _vocabulary: Vocabulary

    def page(self, asked: ConnectorQuestion) -> ConnectorPage:
        """A page of the list. Raises Forbidden for whoever sees none."""
        with self._installation.database.read() as tx:
            return list_page(tx, self._scope(tx), asked)

    def count_stuck(self) -> int:
        """How many wait for somebody. Raises as `page`."""
        with self._installation.database.read() as tx:
            return count_stuck(tx, self._scope(tx))

    def take_away(self, asked: ConnectorQuestion, export: Export) -> Listing:
        """All of the list as a file to be written, noted first. Raises as `page`, and as
        `directory.exports.taking.take`."""
        with self._installation.database.read() as tx:
            listed = list_whole(tx, self._scope(tx), asked)
        return connectors_taken_away(self._installation, self._actor, asked, export, listed)

    def show(self, name: str) -> ShownConnector:
        """A connector with its figures and history. Raises NotFound."""
        return self._read(name, self._shown)

    def open(self, name: str) -> OpenedConnector:
        """A connector without those. Raises NotFound."""
        return self._read(name, lambda _tx, opened: opened)

    def open_to_change(self, name: str) -> OpenedConnector:
        """As `open`. Raises NotFound, and Forbidden for one the actor may only look at."""
        opened = self.open(name)
        if not opened.change.allowed:
            raise self._denied(_WRITE, opened.connector.name, opened.change.reason)
        return opened

    def figures(self, opened: OpenedConnector) -> Figures:
        """How its accounts stand."""
        with self._installation.database.read() as tx:
            return figures_of(tx, opened.connector.name)

    def pause(self, name: str) -> bool:
        """As `sync.engine.connectors.pause`. Raises as `open_to_change`."""
        found = self.open_to_change(name).connector
        return connectors.pause(self._installation, self._actor, found.name)

    def resume(self, name: str) -> bool:
        """As `sync.engine.connectors.resume`: what the brake would stop, it stops again. Raises as
        `open_to_change`."""
        found = self.open_to_change(name).connector
        return connectors.resume(self._installation, self._actor, found.name)

    def retry(self, name: str) -> int:
        """As `sync.engine.connectors.retry`, of all. Raises as `open_to_change`."""
        found = self.open_to_change(name).connector
        return connectors.retry(self._installation, self._actor, found.name)

    def open_person(self, name: str, person_id: str) -> SeenPerson:
        """Somebody whom the actor sees, in a connector that the actor may change. Raises NotFound,
        and as `open_to_change`."""
        about = OfPerson(person_id[:_ID_CHARS])

        def work(tx: Connection, opened: OpenedConnector) -> tuple[OpenedConnector, bool]:
            return opened, decide(tx, self._actor, PeoplePermission.READ, about).allowed

        opened, is_seen = self._read(name, work)
        if not is_seen:
            raise self._no_person(name, about)
        if not opened.change.allowed:
            raise self._denied(_WRITE, opened.connector.name, opened.change.reason)
        return SeenPerson(opened.connector.name, about.id)

    def retry_person(self, seen: SeenPerson) -> int:
        """As `sync.engine.connectors.retry`, of one person."""
        return connectors.retry(self._installation, self._actor, seen.connector, seen.id)

    def skip(self, seen: SeenPerson, reason: str) -> None:
        """As `sync.engine.connectors.skip`. Raises as that."""
        connectors.skip(self._installation, self._actor, seen.connector, seen.id, reason)

    def replay(self, seen: SeenPerson) -> int:
        """As `sync.engine.connectors.replay`, of one person."""
        return connectors.replay(self._installation, self._actor, seen.connector, seen.id)

    def reconcile(self, name: str, *, repairs: bool) -> None:
        """As `sync.engine.reconciling.begin`: the worker does it. Raises as `open_to_change`."""
        found = self.open_to_change(name).connector
        reconciling.begin(self._installation, self._actor, found.name, repairs=repairs)

    def test(self, name: str) -> Tested:
        """Ask the target whether it can be worked with; changes nothing there. Raises as
        `open_to_change`."""
        found = self.open_to_change(name).connector
        target = connectors.open_target_of(self._installation, found.name)
        try:
            tested = Tested(True, target.test())
        except Unreachable as error:
            tested = Tested(False, error.why)
        with self._installation.database.write() as tx:
            about = connectors.about(tx, found.definition)
            record(
                tx,
                CONNECTOR_TESTED,
                self._actor,
                **about,
                name=found.name,
                answers=tested.answers,
            )
        return tested

    def of_person(self, person_id: str) -> Sequence[PersonAccount]:
        """The accounts of somebody whom the actor may look at, in the applications they may know
        of."""
        actions = (ApplicationPermission.READ, _READ, _WRITE)
        with self._installation.database.read() as tx:
            scopes = scopes_of(tx, self._actor, actions)
            if scopes[_READ].is_empty:
                return ()
            return list_of_person(tx, person_id, *(scopes[action] for action in actions))

    def accounts(
        self, name: str, asked: AccountQuestion
    ) -> tuple[OpenedConnector, Figures, AccountList]:
        """A page of its accounts, of people whom the actor sees. Raises NotFound."""

        def work(
            tx: Connection, opened: OpenedConnector
        ) -> tuple[OpenedConnector, Figures, AccountList]:
            its = opened.connector.name
            return opened, figures_of(tx, its), list_accounts(tx, self._seen(tx), its, asked)

        return self._read(name, work)

    def take_accounts_away(self, name: str, asked: AccountQuestion, export: Export) -> Listing:
        """All of that list as a file. Raises NotFound, and as `directory.exports.taking.take`."""
        asked = replace(asked, page=1, size=MOST_TAKEN)
        opened, _, found = self.accounts(name, asked)
        return accounts_taken_away(self._installation, self._actor, opened, asked, export, found)

    def plan(self, name: str, asked: AccountQuestion) -> tuple[OpenedConnector, Figures, Plan]:
        """A page of what is to be done. Raises NotFound."""

        def work(tx: Connection, opened: OpenedConnector) -> tuple[OpenedConnector, Figures, Plan]:
            its = opened.connector
            found = list_accounts(tx, self._seen(tx), its.name, asked)
            steps = planned(tx, its.definition, [each.account for each in found.accounts])
            lines = list(zip(found.accounts, steps, strict=True))
            return opened, figures_of(tx, its.name), Plan(lines, found.total, found.others)

        return self._read(name, work)

    def take_plan_away(self, name: str, asked: AccountQuestion, export: Export) -> Listing:
        """All of that step as a file. Raises NotFound, and as `directory.exports.taking.take`."""
        opened, _, found = self.accounts(name, replace(asked, page=1, size=MOST_TAKEN))

        def lines() -> Iterator[tuple[ListedAccount, Planned]]:
            with self._installation.database.read() as tx:
                states = [each.account for each in found.accounts]
                steps = planned(tx, opened.connector.definition, states)
                yield from zip(found.accounts, steps, strict=True)

        return plan_taken_away(
            self._installation, self._actor, opened, export, lines(), len(found.accounts)
        )

    def findings(
        self, name: str, kind: FindingKind | Literal[""], page: int, size: int
    ) -> tuple[OpenedConnector, Mapping[FindingKind, int], Findings]:
        """A page of what the last reading found. Raises NotFound."""

        def work(
            tx: Connection, opened: OpenedConnector
        ) -> tuple[OpenedConnector, Mapping[FindingKind, int], Findings]:
            counts, _ = count_findings(tx, opened.connector)
            listed = list_findings(tx, opened.connector, kind, size, (page - 1) * size)
            people = [each.person_id for each in listed if each.person_id]
            names = names_seen(tx, self._seen(tx), people)
            total = counts.get(kind, 0) if kind else sum(counts.values())
            return opened, counts, Findings(listed, total, names)

        return self._read(name, work)

    def take_findings_away(
        self, name: str, kind: FindingKind | Literal[""], export: Export
    ) -> Listing:
        """All of that as a file. Raises NotFound, and as `directory.exports.taking.take`."""
        opened, _, found = self.findings(name, kind, 1, MOST_TAKEN)
        return findings_taken_away(self._installation, self._actor, opened, kind, export, found)

    def candidates(self, name: str) -> Matching:
        """Whose the accounts could be that were there before. Raises NotFound."""

        def work(tx: Connection, opened: OpenedConnector) -> Matching:
            its = opened.connector
            unknown, count = list_unknown(tx, its, _MOST_MATCHED)
            refusals = list_refusals(tx, its.name)
            likely = list_likely(tx, unknown, refusals)
            refused = refusals[:_MOST_MATCHED]
            # Everybody whom the page names, at once.
            named = {*(each.person_id for each in likely), *(each.person_id for each in refused)}
            named |= people_in({each.refused_by for each in refused})
            people = queries.read_placed_people(tx, named)
            scope = self._seen(tx)
            seen = {
                id_: each.person
                for id_, each in people.items()
                if holds_person(tx, scope, id_, writing=False)
            }
            found = [each for each in keep_free(tx, its, likely) if each.person_id in seen]
            return Matching(
                opened,
                count,
                self._shown_candidates(tx, found, seen),
                self._shown_refusals(tx, refused, seen),
            )

        return self._read(name, work)

    def _shown_candidates(
        self, tx: Connection, found: Sequence[Candidate], seen: Mapping[str, PersonRow]
    ) -> Sequence[ShownCandidate]:
        now = today().isoformat()
        homes = {each.person_id: home_agency(seen[each.person_id], now) for each in found}
        places = queries.agencies_by_id(tx, sorted(set(homes.values()) - {""}))
        return [
            ShownCandidate(each, seen[each.person_id], _name(places, homes[each.person_id]))
            for each in found
        ]

    def _shown_refusals(
        self, tx: Connection, refused: Sequence[Refusal], seen: Mapping[str, PersonRow]
    ) -> Sequence[ShownRefusal]:
        named = self._who(tx, {each.refused_by for each in refused})
        names = {id_: (each.full_name, each.username) for id_, each in seen.items()}
        return [
            ShownRefusal(each, names.get(each.person_id), named[each.refused_by])
            for each in refused
        ]

    def _who(self, tx: Connection, tags: Collection[str]) -> Mapping[str, Words]:
        """What actors are called, by their tags."""
        if not tags:
            return {}
        names, its = name_tags(tx, tags), self._vocabulary
        return {
            tag: Words(actor_name(tag, its, names, "vi"), actor_name(tag, its, names, "en"))
            for tag in tags
        }

    def runs(self, name: str, page: int, size: int) -> Runs:
        """A page of what it did, the latest first. Raises NotFound."""

        def work(tx: Connection, opened: OpenedConnector) -> Runs:
            its = opened.connector.name
            found = [live(tx, each) for each in list_runs(tx, its, size, (page - 1) * size)]
            named = self._who(tx, {each.begun_by for each in found})
            listed = [ListedRun(each, named[each.begun_by]) for each in found]
            return Runs(opened, listed, count_runs(tx, its))

        return self._read(name, work)

    def show_run(self, name: str, run_id: str) -> ShownRun:
        """One run, as far as it is. Raises NotFound."""

        def work(tx: Connection, opened: OpenedConnector) -> ShownRun | None:
            its = opened.connector.name
            found = find_run(tx, its, run_id)
            if found is None:
                return None
            scope, run = self._seen(tx), live(tx, found)
            others = 0
            if not scope.everywhere and run.failed:
                others = count_failed_of_others(tx, scope, its, run.id)
            return ShownRun(
                run,
                self._who(tx, {run.begun_by})[run.begun_by],
                opened,
                figures_of(tx, its).waiting if run.ended_at is None else 0,
                list_failed(tx, scope, its, run.id, _MOST_FAILED) if run.failed else (),
                others,
            )

        found = self._read(name, work)
        if found is None:
            raise NotFound(CONNECTOR_RUN_UNKNOWN, name=name)
        return found

    def open_pair(self, name: str, person_id: str, remote_id: str) -> tuple[OpenedAccount, str]:
        """Somebody whom the actor sees, and the user name of an account that is nobody's. Raises
        NotFound, and as `open_to_change`."""
        opened = self.person(name, person_id)
        if not opened.opened.change.allowed:
            raise self._denied(_WRITE, name[:40], opened.opened.change.reason)
        with self._installation.database.read() as tx:
            login = matching.find_login(tx, opened.opened.connector.name, remote_id)
        if login is None:
            raise NotFound(CONNECTOR_ACCOUNT_UNKNOWN, account=remote_id)
        return opened, login

    def refuse_pair(self, name: str, person_id: str, remote_id: str, reason: str) -> bool:
        """As `sync.engine.matching.refuse_pair`, of somebody whom the actor sees. Raises as that,
        and as `open_to_change`."""
        seen = self.open_person(name, person_id)
        return matching.refuse_pair(
            self._installation, self._actor, seen.connector, seen.id, remote_id, reason
        )

    def take_refusal_back(self, name: str, person_id: str, remote_id: str) -> bool:
        """As `sync.engine.matching.take_refusal_back`, of somebody whom the actor sees. Raises as
        `open_to_change`."""
        seen = self.open_person(name, person_id)
        return matching.take_refusal_back(
            self._installation, self._actor, seen.connector, seen.id, remote_id
        )

    def confirm(self, name: str, person_id: str, remote_id: str) -> None:
        """As `sync.engine.matching.confirm`, of somebody whom the actor sees. Raises as that, and
        as `open_to_change`."""
        seen = self.open_person(name, person_id)
        matching.confirm(self._installation, self._actor, seen.connector, seen.id, remote_id)

    def confirm_certain(self, name: str) -> int:
        """Confirm each account whose user name and work address are one person's; gives how many.
        Raises as `open_to_change`."""
        found = self.open_to_change(name).connector
        return matching.confirm_certain(self._installation, self._actor, found.name, _MOST_MATCHED)

    def ask_for_losses(self, name: str, reason: str) -> str:
        """Ask a second person to let all go who are to go (`sync.engine.losses`); gives the id of
        the request, also of one that is open already. Raises as `open_to_change`, Invalid without a
        reason, Conflict for one that is not stopped, TooMany."""
        found = self.open_to_change(name).connector
        try:
            return self._installation.database.retrying(
                lambda tx: ask_for_losses(tx, self._actor, found.name, reason).id
            )
        except Conflict as error:
            if error.declared is not REQUEST_OPEN_ALREADY:
                raise
            return str(error.params["request"])

    def person(self, name: str, person_id: str) -> OpenedAccount:
        """Somebody whom the actor may look at, in one target. Raises NotFound."""
        about = OfPerson(person_id[:_ID_CHARS])

        def work(tx: Connection, opened: OpenedConnector) -> OpenedAccount | None:
            is_seen = decide(tx, self._actor, PeoplePermission.READ, about).allowed
            person = queries.person(tx, about.id) if is_seen else None
            return None if person is None else _opened_account(tx, opened, person)

        found = self._read(name, work)
        if found is None:
            raise self._no_person(name, about)
        return found

    def _no_person(self, name: str, about: OfPerson) -> NotFound:
        action = PeoplePermission.READ
        record_denial(self._installation, self._actor, action, about.tag, "out_of_scope")
        return NotFound(CONNECTOR_PERSON, name=name)

    def _read(self, name: str, work: Callable[[Connection, OpenedConnector], _T]) -> _T:
        with self._installation.database.read() as tx:
            opened = self._opened(tx, name)
            if opened is not None:
                return work(tx, opened)
        self._denied(_READ, name[:40], "out_of_scope")
        raise NotFound(CONNECTOR_UNKNOWN, name=name)

    def _opened(self, tx: Connection, name: str) -> OpenedConnector | None:
        found = connectors.find(tx, name[:40])
        application_id = found.definition.application_id if found is not None else "-"
        scopes = scopes_of(tx, self._actor, (_READ, _WRITE))
        may = decide_each(tx, self._actor, scopes, OfApplication(application_id))
        if found is None or not may[_READ].allowed:
            return None
        its = find_application(tx, scopes[_READ], application_id)
        return OpenedConnector(found, its, state_of(found), may[_WRITE])

    def _shown(self, tx: Connection, opened: OpenedConnector) -> ShownConnector:
        name = opened.connector.name
        acts, names = self._acts(tx, opened)
        return ShownConnector(
            opened.connector,
            opened.application,
            opened.state,
            opened.change,
            figures_of(tx, name),
            count_findings(tx, opened.connector)[0],
            acts,
            names,
        )

    def _acts(
        self, tx: Connection, opened: OpenedConnector
    ) -> tuple[Sequence[Act] | None, Mapping[str, str]]:
        scope = scope_of(tx, self._actor, AuditPermission.READ)
        if scope.is_empty:
            return None, {}
        about = (connectors.about_application(opened.application.id),)
        question = ActQuestion(kinds=("connector.",), who=about)
        found = list_acts(
            tx,
            self._vocabulary,
            question,
            limit=LATEST_ACTS,
            agencies=places_within(scope),
            also_of_no_agency=True,
        )
        return found, names_for(tx, self._vocabulary, events_of(found))

    def _seen(self, tx: Connection) -> Scope:
        """Whom the actor sees: the accounts of others are counted alone."""
        return scope_of(tx, self._actor, PeoplePermission.READ)

    def _scope(self, tx: Connection) -> Scope:
        scope = scope_of(tx, self._actor, _READ)
        if scope.is_empty:
            raise Forbidden(AUTHZ_REFUSED, action=_READ, reason="no_role")
        return scope

    def _denied(self, action: Permission, name: str, reason: str) -> Forbidden:
        tag = f"connector:{name}"
        record_denial(self._installation, self._actor, action, tag, reason)
        return Forbidden(CONNECTOR_READ_ONLY, action=action, object=tag, reason=reason)


def _name(places: Mapping[str, AgencyRow], place_id: str) -> str:
    return places[place_id].name if place_id in places else ""


def _opened_account(tx: Connection, opened: OpenedConnector, person: PersonRow) -> OpenedAccount:
    definition, its = opened.connector.definition, opened.application
    states = accounts.find_states(tx, definition.name, [person.id])
    account = None
    if states:
        known = {its.id: its.name}
        may_change = opened.change.allowed
        account = person_account(opened.connector, states[0], known, True, may_change)
    wanted = wanted_of(tx, definition, person)
    entry = Decision(True, "wanted")
    if wanted is None:
        about = OfApplication(its.id)
        entry = decide(tx, Actor("person", person.id), ApplicationPermission.ENTER, about)
    held = from_json(person.id, states[0].held) if states else None
    return OpenedAccount(
        opened,
        person,
        account,
        entry,
        wanted is not None,
        side_by_side(held, wanted),
    )
