"""What an actor may see and do of requests: nothing more can be reached from here.

A request that is not the actor's to know answers exactly as one that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection

from directory.actor import Actor
from directory.audit.kinds import Vocabulary
from directory.authz import errors as authz_errors
from directory.authz.decisions import Decision, decide
from directory.authz.denials import record_denial
from directory.authz.objects import InPlace
from directory.authz.permissions import Permission
from directory.authz.places import list_agencies_within
from directory.authz.scopes import Scope, holds_place, scope_of, scopes_of
from directory.catalogue.errors import AGENCY_UNKNOWN
from directory.database.counting import Count
from directory.errors import Forbidden, NotFound
from directory.exports.notes import Export
from directory.installation import Installation
from directory.loading import load
from directory.projection.queries import AgencyRow
from directory.requests import service
from directory.requests.errors import REQUEST_UNKNOWN
from directory.requests.list_file import MOST_TAKEN, taken_away
from directory.requests.permissions import RequestPermission
from directory.requests.register import (
    Request,
    RequestQuestion,
    asked_by_or_for,
    count_requests,
    counting,
    find_request,
    list_requests,
    tags_of,
    waiting_for,
    within,
)
from directory.requests.service import Kinds, Prospect, kind_of
from directory.requests.showing import ShownRequest, show_requests
from directory.sheets.writing import Listing

PAGE = 50


@dataclass(frozen=True)
class OpenedRequest:
    """One request, whether the actor may decide it and why not, and whether they may withdraw
    it. `prospect`: what approving would do now, for whoever may decide it."""

    shown: ShownRequest
    decision: Decision
    may_withdraw: bool
    prospect: Prospect | None = None


@dataclass(frozen=True)
class RequestPage:
    """Requests, newest first. `older`: the `before` of the next page, empty on the last."""

    requests: Sequence[ShownRequest]
    older: str = ""


@dataclass(frozen=True)
class RequestList(RequestPage):
    """`places`: the agencies it may be narrowed to."""

    places: Sequence[AgencyRow] = ()


@dataclass(frozen=True)
class RequestsFor:
    """The register as far as `actor` may look at it and decide."""

    _installation: Installation
    _actor: Actor
    _vocabulary: Vocabulary
    _kinds: Kinds

    def page(self, question: RequestQuestion, size: int = PAGE) -> RequestPage:
        """A page of those of the actor's places. Raises Forbidden without ``requests:read``."""
        with self._installation.database.read() as tx:
            return self._page(tx, question, within(self._read_scope(tx)), size)

    def register(self, question: RequestQuestion, size: int = PAGE) -> RequestList:
        """As `page`, with the places it may be narrowed to. Raises NotFound for another place."""
        with self._installation.database.read() as tx:
            scope = self._read_scope(tx)
            if not question.place_id or holds_place(tx, scope, question.place_id):
                places = list_agencies_within(tx, scope)
                page = self._page(tx, question, within(scope), size)
                return RequestList(page.requests, page.older, places)
        raise self._unknown_place(question.place_id)

    def places_seen(self) -> Sequence[AgencyRow]:
        """The places that `register` may be narrowed to. Raises Forbidden as `page`."""
        with self._installation.database.read() as tx:
            return list_agencies_within(tx, self._read_scope(tx))

    def take_away(self, question: RequestQuestion, filter_told: str, export: Export) -> Listing:
        """All of `register` as a file to be written, noted first. Raises as `register`, and as
        `directory.exports.taking.take`."""
        question = replace(question, before="")
        with self._installation.database.read() as tx:
            scope = self._read_scope(tx)
            is_seen = not question.place_id or holds_place(tx, scope, question.place_id)
            among = within(scope)
            count = min(count_requests(tx, among, question), MOST_TAKEN) if is_seen else 0
        if not is_seen:
            raise self._unknown_place(question.place_id)

        def read(before: str, limit: int) -> Sequence[ShownRequest]:
            with self._installation.database.read() as tx:
                page = self._page(tx, replace(question, before=before), among, limit)
            return page.requests

        return taken_away(self._installation, self._actor, read, count, filter_told, export)

    def waiting(self, question: RequestQuestion, size: int = PAGE) -> RequestPage:
        """A page of those that wait for the actor."""
        with self._installation.database.read() as tx:
            return self._page(tx, question, self._waiting(tx), size)

    def counting_waiting(self) -> Count:
        """How many wait for the actor."""
        with self._installation.database.read() as tx:
            return counting(self._waiting(tx))

    def own(self, question: RequestQuestion, size: int = PAGE) -> RequestPage:
        """A page of those that the actor has asked, or that were asked for them."""
        with self._installation.database.read() as tx:
            return self._page(tx, question, asked_by_or_for(tags_of(tx, self._actor)), size)

    def open(self, request_id: str) -> OpenedRequest:
        """One request. Raises NotFound."""
        with self._installation.database.read() as tx:
            asked = self._find(tx, request_id)
            prospect = None
            if asked is not None:
                (shown,) = self._shown(tx, [asked])
                decision = self._decision(tx, asked)
                if decision.allowed and not self._actor.is_viewing:
                    prospect = service.foresee(tx, self._actor, self._kinds, asked)
        if asked is None:
            raise self._unknown(request_id)
        is_own = asked.state == "open" and asked.asked_by == self._actor.tag
        return OpenedRequest(shown, decision, is_own, prospect)

    def is_privileged(self, request_id: str) -> bool:
        """Whether approving it wants proof anew of who approves; not for one that the actor does
        not see, which whoever decides it is told."""
        with self._installation.database.read() as tx:
            asked = self._find(tx, request_id)
        return asked is not None and kind_of(self._kinds, asked).is_privileged(asked.payload)

    def approve(self, request_id: str, reason: str = "", choice: str = "") -> Request:
        """Decide that it be done, and do it: `directory.requests.service.approve`."""
        return self._decide(
            request_id,
            lambda tx: service.approve(
                tx, self._actor, self._kinds, request_id, reason, choice=choice
            ),
        )

    def refuse(self, request_id: str, reason: str) -> Request:
        """Decide that it is not done: `directory.requests.service.refuse`."""
        return self._decide(
            request_id,
            lambda tx: service.refuse(tx, self._actor, self._kinds, request_id, reason),
        )

    def withdraw(self, request_id: str, reason: str = "") -> Request:
        """Take back what one has asked: `directory.requests.service.withdraw`."""
        return self._decide(
            request_id, lambda tx: service.withdraw(tx, self._actor, request_id, reason)
        )

    def _decide(self, request_id: str, work: Callable[[Connection], Request]) -> Request:
        with self._installation.database.read() as tx:
            asked = self._find(tx, request_id)
        if asked is None:
            raise self._unknown(request_id)
        try:
            return self._installation.database.retrying(work)
        except Forbidden as refused:
            action = kind_of(self._kinds, asked).permission
            reason = str(refused.params.get("reason", ""))
            self._record_denial(action, _tag(request_id), reason)
            raise

    def _find(self, tx: Connection, request_id: str) -> Request | None:
        """The request, if the actor may see it: it is theirs, or they read or decide it."""
        scope = scope_of(tx, self._actor, RequestPermission.READ)
        asked = find_request(tx, request_id)
        place = InPlace(asked.agency_id if asked else "")
        may_read = (
            not scope.is_empty and decide(tx, self._actor, RequestPermission.READ, place).allowed
        )
        if asked is None or asked.kind not in self._kinds:
            return None
        is_theirs = bool(tags_of(tx, self._actor) & {asked.asked_by, asked.asked_for})
        if may_read or is_theirs or self._decision(tx, asked).allowed:
            return asked
        return None

    def _decision(self, tx: Connection, asked: Request) -> Decision:
        kind = kind_of(self._kinds, asked)
        if tags_of(tx, self._actor) & {asked.asked_by, asked.asked_for}:
            return Decision(False, "own_request")
        if asked.state != "open":
            return Decision(False, "decided")
        return decide(tx, self._actor, kind.permission, load(kind.about)(asked.payload))

    def _read_scope(self, tx: Connection) -> Scope:
        scope = scope_of(tx, self._actor, RequestPermission.READ)
        if scope.is_empty:
            raise Forbidden(
                authz_errors.AUTHZ_DENIED, action=RequestPermission.READ, reason="no_role"
            )
        return scope

    def _waiting(self, tx: Connection) -> ColumnElement[bool]:
        by_permission = scopes_of(
            tx, self._actor, {kind.permission for kind in self._kinds.values()}
        )
        scopes = {name: by_permission[kind.permission] for name, kind in self._kinds.items()}
        return waiting_for(tags_of(tx, self._actor), scopes)

    def _page(
        self, tx: Connection, question: RequestQuestion, among: ColumnElement[bool], size: int
    ) -> RequestPage:
        found = list_requests(tx, question, among, limit=size + 1)
        shown = found[:size]
        older = shown[-1].id if len(found) > size else ""
        known = [asked for asked in shown if asked.kind in self._kinds]
        return RequestPage(self._shown(tx, known), older)

    def _shown(self, tx: Connection, requests: Sequence[Request]) -> Sequence[ShownRequest]:
        return show_requests(tx, self._vocabulary, self._kinds, requests)

    def _unknown(self, request_id: str) -> NotFound:
        self._record_denial(RequestPermission.READ, _tag(request_id), "out_of_scope")
        return NotFound(REQUEST_UNKNOWN, value=request_id)

    def _unknown_place(self, place_id: str) -> NotFound:
        self._record_denial(RequestPermission.READ, InPlace(place_id).tag, "out_of_scope")
        return NotFound(AGENCY_UNKNOWN)

    def _record_denial(self, action: Permission, tag: str, reason: str) -> None:
        record_denial(self._installation, self._actor, action, tag, reason)


def _tag(request_id: str) -> str:
    """How the log names a request."""
    return ("request:" + request_id)[:128]
