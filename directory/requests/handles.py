"""What an actor may see and do of requests: nothing more can be reached from here.

A request that is not the actor's to know answers exactly as one that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection

from directory.actor import Actor
from directory.audit.kinds import Vocabulary
from directory.audit.log import record
from directory.audit.sentences import actor_name
from directory.authz import errors as authz_errors
from directory.authz.decisions import Decision, decide
from directory.authz.events import AUTHZ_DENIED
from directory.authz.naming import name_tags
from directory.authz.objects import InPlace
from directory.authz.permissions import Permission
from directory.authz.scopes import Scope, scope_of, scopes_of
from directory.errors import Forbidden, NotFound, Words
from directory.installation import Installation
from directory.loading import load
from directory.projection import queries
from directory.requests import service
from directory.requests.errors import REQUEST_UNKNOWN
from directory.requests.permissions import RequestPermission
from directory.requests.register import (
    Request,
    RequestQuestion,
    asked_by_or_for,
    count_requests,
    find_request,
    list_requests,
    tags_of,
    waiting_for,
    within,
)
from directory.requests.service import Kinds, kind_of

PAGE = 50


@dataclass(frozen=True)
class ShownRequest:
    """A request with what it asks in a sentence, as things are called now, and names for the tags
    in it; `place`: the agency whose administrators decide, empty for the whole province."""

    request: Request
    sentence: Words
    asked_by: Words
    asked_for: Words
    decided_by: Words
    place: str


@dataclass(frozen=True)
class OpenedRequest:
    """One request, whether the actor may decide it and why not, and whether they may withdraw
    it."""

    shown: ShownRequest
    decision: Decision
    may_withdraw: bool


@dataclass(frozen=True)
class RequestPage:
    """Requests, newest first. `older`: the `before` of the next page, empty on the last."""

    requests: Sequence[ShownRequest]
    older: str = ""


@dataclass(frozen=True)
class RequestsFor:
    """The register as far as `actor` may look at it and decide."""

    _installation: Installation
    _actor: Actor
    _vocabulary: Vocabulary
    _kinds: Kinds

    def page(self, question: RequestQuestion) -> RequestPage:
        """A page of those of the actor's places. Raises Forbidden without ``requests:read``."""
        with self._installation.database.read() as tx:
            return self._page(tx, question, within(self._read_scope(tx)))

    def waiting(self, question: RequestQuestion) -> RequestPage:
        """A page of those that wait for the actor."""
        with self._installation.database.read() as tx:
            return self._page(tx, question, self._waiting(tx))

    def count_waiting(self) -> int:
        """How many wait for the actor."""
        with self._installation.database.read() as tx:
            return count_requests(tx, self._waiting(tx))

    def own(self, question: RequestQuestion) -> RequestPage:
        """A page of those that the actor has asked, or that were asked for them."""
        with self._installation.database.read() as tx:
            return self._page(tx, question, asked_by_or_for(tags_of(tx, self._actor)))

    def open(self, request_id: str) -> OpenedRequest:
        """One request. Raises NotFound."""
        with self._installation.database.read() as tx:
            if asked := self._find(tx, request_id):
                (shown,) = self._shown(tx, [asked])
                decision = self._decision(tx, asked)
                is_own = asked.state == "open" and asked.asked_by == self._actor.tag
                return OpenedRequest(shown, decision, may_withdraw=is_own)
        raise self._unknown(request_id)

    def approve(self, request_id: str, reason: str = "") -> Request:
        """Decide that it be done, and do it: `directory.requests.service.approve`."""
        return self._decide(
            request_id,
            lambda tx: service.approve(tx, self._actor, self._kinds, request_id, reason),
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
            self._record_denial(action, request_id, str(refused.params.get("reason", "")))
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
        self, tx: Connection, question: RequestQuestion, among: ColumnElement[bool]
    ) -> RequestPage:
        found = list_requests(tx, question, among, limit=PAGE + 1)
        shown = found[:PAGE]
        older = shown[-1].id if len(found) > PAGE else ""
        known = [asked for asked in shown if asked.kind in self._kinds]
        return RequestPage(self._shown(tx, known), older)

    def _shown(self, tx: Connection, requests: Sequence[Request]) -> Sequence[ShownRequest]:
        return show_requests(tx, self._vocabulary, self._kinds, requests)

    def _unknown(self, request_id: str) -> NotFound:
        self._record_denial(RequestPermission.READ, request_id, "out_of_scope")
        return NotFound(REQUEST_UNKNOWN, value=request_id)

    def _record_denial(self, action: Permission, request_id: str, reason: str) -> None:
        tag = f"request:{request_id}"[:128]
        with self._installation.database.write() as tx:
            record(tx, AUTHZ_DENIED, self._actor, action=action, object=tag, reason=reason)


def show_requests(
    tx: Connection, vocabulary: Vocabulary, kinds: Kinds, requests: Sequence[Request]
) -> Sequence[ShownRequest]:
    """Requests with their sentences and names: a few statements for each kind among them."""
    sentences: dict[str, Words] = {}
    for name in {asked.kind for asked in requests}:
        of_kind = [asked for asked in requests if asked.kind == name]
        told = load(kinds[name].describe)(tx, [asked.payload for asked in of_kind])
        sentences |= dict(zip((asked.id for asked in of_kind), told, strict=True))
    tags = {tag for r in requests for tag in (r.asked_by, r.asked_for, r.decided_by)}
    names = name_tags(tx, tags)
    places = queries.agencies_by_id(tx, [asked.agency_id for asked in requests])

    def named(tag: str) -> Words:
        vi, en = (actor_name(tag, vocabulary, names, language) for language in ("vi", "en"))
        return Words(vi, en) if tag else Words("", "")

    return [
        ShownRequest(
            asked,
            sentences[asked.id],
            named(asked.asked_by),
            named(asked.asked_for),
            named(asked.decided_by),
            places[asked.agency_id].name if asked.agency_id in places else "",
        )
        for asked in requests
    ]
