"""Reading the register: one request, or pages of them as far as somebody may look."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, false, func, or_, select, true

from directory.actor import Actor
from directory.audit.log import person_tag
from directory.authz.scopes import Scope, accounts_of_actor, places_within
from directory.authz.scopes import within as places_under
from directory.clock import now_ms
from directory.database.counting import Count, answer
from directory.ids import can_be_id
from directory.requests.tables import request

State = Literal["open", "approved", "refused", "withdrawn", "lapsed"]


@dataclass(frozen=True)
class Request:
    """A request and what became of it. Tags name who (``person:<id>``, ``os:<login>``); empty and
    0 for what is not there."""

    id: str
    kind: str
    subject: str
    agency_id: str
    asked_by: str
    asked_for: str
    payload: Mapping[str, Any]
    reason: str
    basis: str
    state: State
    asked_at: int
    expires_at: int
    decided_by: str = ""
    decided_at: int = 0
    decision_reason: str = ""


@dataclass(frozen=True)
class RequestQuestion:
    """`state` and `kind` empty: all. `before`: the id of the last one of the page before.
    `place_id`: those that are decided in an agency or unit, or under it."""

    state: State | Literal[""] = "open"
    kind: str = ""
    before: str = ""
    place_id: str = ""


def find_request(tx: Connection, request_id: str) -> Request | None:
    """The request of that id, or None."""
    if not can_be_id(request_id):
        return None
    row = tx.execute(select(request).where(request.c.id == request_id)).first()
    return None if row is None else request_from_row(row)


def within(scope: Scope) -> ColumnElement[bool]:
    """A condition on requests: administrators of the scope's places decide them."""
    if scope.everywhere:
        return true()
    places = places_within(scope)
    return false() if scope.is_empty or places is None else request.c.agency_id.in_(places)


def tags_of(tx: Connection, actor: Actor) -> frozenset[str]:
    """The tags of an actor: a person may have accounts for administering beside their own."""
    if actor.kind != "person":
        return frozenset({actor.tag})
    return frozenset(map(person_tag, accounts_of_actor(tx, actor)))


def asked_by_or_for(tags: Collection[str]) -> ColumnElement[bool]:
    """A condition on requests: somebody's own."""
    return or_(request.c.asked_by.in_(tags), request.c.asked_for.in_(tags))


def waiting_for(tags: Collection[str], scopes: Mapping[str, Scope]) -> ColumnElement[bool]:
    """A condition on requests: open, and for the actor of these tags to decide. `scopes`: where
    they may decide each kind of request."""
    columns = request.c
    theirs = [and_(columns.kind == kind, within(scope)) for kind, scope in scopes.items()]
    return and_(
        columns.state == "open",
        columns.expires_at > now_ms(),
        columns.asked_by.not_in(tags),
        or_(columns.asked_for.is_(None), columns.asked_for.not_in(tags)),
        or_(false(), *theirs),
    )


def list_requests(
    tx: Connection, question: RequestQuestion, among: ColumnElement[bool], *, limit: int
) -> Sequence[Request]:
    """Requests that fit, newest first."""
    query = select(request).where(among, *_fit(question)).order_by(request.c.id.desc()).limit(limit)
    return [request_from_row(row) for row in tx.execute(query)]


def list_closed(tx: Connection) -> Sequence[Request]:
    """All that were decided, withdrawn or lapsed."""
    rows = tx.execute(select(request).where(request.c.state != "open"))
    return [request_from_row(row) for row in rows]


def list_untold(
    tx: Connection, kinds: Collection[str], since: int, limit: int
) -> Sequence[Request]:
    """Those decided or lapsed after `since` (ms) of which nobody was told, the oldest first."""
    columns = request.c
    query = (
        select(request)
        .where(
            columns.told_at.is_(None),
            columns.decided_at > since,
            columns.state.in_(("approved", "refused", "lapsed")),
            columns.kind.in_(kinds),
        )
        .order_by(columns.decided_at, columns.id)
        .limit(limit)
    )
    return [request_from_row(row) for row in tx.execute(query)]


def list_asked_by(tx: Connection, tag: str, kind: str, since: int) -> Sequence[Request]:
    """Of one kind, those that somebody asked and that wait or were closed after `since` (ms),
    newest first."""
    columns = request.c
    query = (
        select(request)
        .where(
            columns.asked_by == tag,
            columns.kind == kind,
            or_(columns.state == "open", columns.decided_at > since),
        )
        .order_by(columns.id.desc())
    )
    return [request_from_row(row) for row in tx.execute(query)]


def list_open_about(
    tx: Connection,
    among: ColumnElement[bool],
    kinds: Collection[str],
    subjects: Collection[str],
    others: Select[Any],
) -> Sequence[Request]:
    """Those that wait to be decided about one of these subjects, or `others`, newest first."""
    columns = request.c
    query = (
        select(request)
        .where(
            among,
            columns.kind.in_(kinds),
            or_(columns.subject.in_(subjects), columns.subject.in_(others)),
            columns.state == "open",
            columns.expires_at > now_ms(),
        )
        .order_by(columns.id.desc())
    )
    return [request_from_row(row) for row in tx.execute(query)]


def count_asked_since(tx: Connection, tag: str, kind: str, since: int) -> int:
    """How many of one kind somebody asked after `since` (ms), whatever became of them."""
    columns = request.c
    asked = and_(columns.asked_by == tag, columns.kind == kind, columns.asked_at > since)
    return count_requests(tx, asked)


def counting(among: ColumnElement[bool], question: RequestQuestion | None = None) -> Count:
    """How many fit."""
    fit = _fit(question) if question else ()
    return Count(select(func.count()).select_from(request).where(among, *fit))


def count_requests(
    tx: Connection, among: ColumnElement[bool], question: RequestQuestion | None = None
) -> int:
    """As `counting`, asked."""
    return answer(tx, [counting(among, question)])[0]


def _fit(question: RequestQuestion) -> Sequence[ColumnElement[bool]]:
    columns, fit = request.c, []
    if question.state:
        fit.append(columns.state == question.state)
    if question.kind:
        fit.append(columns.kind == question.kind)
    if question.before:
        fit.append(columns.id < question.before)
    if question.place_id:
        fit.append(columns.agency_id.in_(places_under([question.place_id])))
    return fit


def request_from_row(row: Row[Any]) -> Request:
    """A row of the register."""
    return Request(
        id=row.id,
        kind=row.kind,
        subject=row.subject,
        agency_id=row.agency_id or "",
        asked_by=row.asked_by,
        asked_for=row.asked_for or "",
        payload=json.loads(row.payload),
        reason=row.reason,
        basis=row.basis or "",
        state=row.state,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        decided_by=row.decided_by or "",
        decided_at=row.decided_at or 0,
        decision_reason=row.decision_reason or "",
    )
