"""Asking, deciding and withdrawing. A decision and what it brings about are one transaction."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)

from directory.actor import Actor, system
from directory.audit.kinds import Kind
from directory.audit.log import Event, client_tag, record, record_all
from directory.authz.decisions import require
from directory.clock import DAY, now_ms
from directory.component import RequestKind
from directory.database.advisory_lock import take_advisory_locks
from directory.database.counting import Count
from directory.errors import AppError, Conflict, Forbidden, Invalid, NotFound, TooMany, Words
from directory.ids import new_event_id
from directory.loading import load
from directory.requests import errors
from directory.requests.events import (
    REQUEST_APPROVED,
    REQUEST_ASKED,
    REQUEST_LAPSED,
    REQUEST_REFUSED,
    REQUEST_WITHDRAWN,
)
from directory.requests.register import Request, State, find_request, request_from_row, tags_of
from directory.requests.tables import request

Kinds = Mapping[str, RequestKind]
"""What can be asked, by name: `directory.component.requests_of`."""

MOST_OPEN = 50  # of one person: whoever decides them must be able to find the others
_LAPSING = 200  # of one turn
_BY_ITSELF = system("requests")


@dataclass(frozen=True)
class Asking:
    """What somebody asks. `subject`: the tag of what it is about; `agency_id`: the place whose
    administrators decide, empty for those of the whole province; `asked_for`: the tag of the person
    who would gain by it. Of the payload events tell `application_id` and `role`, where it has them.
    """

    subject: str
    agency_id: str
    reason: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    asked_for: str = ""
    basis: str = ""


def ask(tx: Connection, actor: Actor, kind: RequestKind, asking: Asking) -> Request:
    """Put a request on the register. Whether the actor may ask it, its kind has decided.

    Raises Invalid without a reason, Conflict(``request.open_already``), TooMany.
    """
    require_asking(tx, actor, kind, asking)
    (asked,) = put_on_register(tx, actor, kind, [asking])
    return asked


def put_on_register(
    tx: Connection, actor: Actor, kind: RequestKind, askings: Sequence[Asking]
) -> Sequence[Request]:
    """`ask` for those of which `find_problems` found nothing: written at once."""
    asked = [_asked(actor, kind, asking) for asking in askings]
    if asked:
        tx.execute(insert(request), [_row(*each) for each in zip(asked, askings, strict=True)])
    events = [
        Event(
            REQUEST_ASKED,
            each.subject,
            each.agency_id,
            {**_fields(each, each.reason), "basis": each.basis},
        )
        for each in asked
    ]
    record_all(tx, actor, events)
    return asked


def _asked(actor: Actor, kind: RequestKind, asking: Asking) -> Request:
    now = now_ms()
    return Request(
        id=new_event_id(),
        kind=kind.name,
        subject=asking.subject,
        agency_id=asking.agency_id,
        asked_by=actor.tag,
        asked_for=asking.asked_for,
        payload=asking.payload,
        reason=asking.reason,
        basis=asking.basis,
        state="open",
        asked_at=now,
        expires_at=now + kind.days * DAY,
    )


def _row(asked: Request, asking: Asking) -> dict[str, object]:
    return {
        "id": asked.id,
        "kind": asked.kind,
        "subject": asked.subject,
        "agency_id": asked.agency_id or None,
        "asked_by": asked.asked_by,
        "asked_for": asked.asked_for or None,
        "payload": _payload(asking),
        "reason": asked.reason,
        "basis": asked.basis or None,
        "state": asked.state,
        "asked_at": asked.asked_at,
        "expires_at": asked.expires_at,
    }


def require_asking(tx: Connection, actor: Actor, kind: RequestKind, asking: Asking) -> None:
    """Everything that `ask` looks at before it asks; raises as it."""
    for problem in find_problems(tx, actor, kind, [asking]):
        if problem is not None:
            raise problem


def find_problems(
    tx: Connection, actor: Actor, kind: RequestKind, askings: Sequence[Asking]
) -> Sequence[AppError | None]:
    """Why each of these could not be asked after those before it; None where it could."""
    if not askings:
        return []
    # Two at once: each would find neither the other's request nor one too many.
    about = [("requests about", each.subject) for each in askings]
    take_advisory_locks(tx, [("requests of", actor.tag), *about])
    waiting, number = _read_waiting(tx, actor, kind, {each.subject for each in askings})
    problems: list[AppError | None] = []
    for each in askings:
        its = (each.subject, _payload(each))
        problem: AppError | None = None
        if not each.reason.strip():
            problem = Invalid(errors.REQUEST_REASON, field="reason")
        elif its in waiting:
            problem = Conflict(errors.REQUEST_OPEN_ALREADY, request=waiting[its])
        elif number >= MOST_OPEN and actor.kind != "system":
            # What passes on what others want is bounded by them.
            problem = TooMany(errors.REQUEST_TOO_MANY_OPEN, most=MOST_OPEN)
        else:
            waiting[its], number = "", number + 1
        problems.append(problem)
    return problems


def _payload(asking: Asking) -> str:
    return json.dumps(asking.payload, ensure_ascii=False, sort_keys=True)


def approve(
    tx: Connection,
    actor: Actor,
    kinds: Kinds,
    request_id: str,
    reason: str = "",
    *,
    choice: str = "",
) -> Request:
    """Decide that it be done, and do it. `choice`: what is given, where the approver chooses.

    Raises NotFound, Conflict(``request.decided``), Forbidden(``request.own``, ``authz.denied``) and
    whatever carrying it out raises: then it stays open.
    """
    asked = _take(tx, request_id)
    kind = _require_decider(tx, actor, kinds, asked)
    load(kind.carry_out)(tx, actor, _chosen(asked, choice))
    return _settle(tx, actor, asked, "approved", reason, REQUEST_APPROVED)


@dataclass(frozen=True)
class Prospect:
    """What approving would do now: `problem`, why it cannot be done; `passes_on`: a further person
    would decide; `choices`: what the approver may choose."""

    problem: AppError | None = None
    passes_on: bool = False
    choices: Mapping[str, Words] = field(default_factory=dict)


def foresee(tx: Connection, actor: Actor, kinds: Kinds, asked: Request) -> Prospect:
    """What approving would do (with the first choice), read and not tried."""
    kind = kind_of(kinds, asked)
    choices = load(kind.choices)(tx, actor, asked) if kind.choices else {}
    try:
        passes_on = load(kind.foresee)(tx, actor, _chosen(asked, next(iter(choices), "")))
    except AppError as problem:
        return Prospect(problem, choices=choices)
    return Prospect(passes_on=passes_on, choices=choices)


def _chosen(asked: Request, choice: str) -> Request:
    return replace(asked, payload={**asked.payload, "choice": choice}) if choice else asked


def refuse(tx: Connection, actor: Actor, kinds: Kinds, request_id: str, reason: str) -> Request:
    """Decide that it is not done. Raises as `approve`, and Invalid without a reason."""
    asked = _take(tx, request_id)
    _require_decider(tx, actor, kinds, asked)
    _require_reason(reason)
    return _settle(tx, actor, asked, "refused", reason, REQUEST_REFUSED)


def withdraw(tx: Connection, actor: Actor, request_id: str, reason: str = "") -> Request:
    """Take back what one has asked. Raises NotFound also for a request of somebody else."""
    asked = _take(tx, request_id)
    if actor.tag != asked.asked_by:
        raise NotFound(errors.REQUEST_UNKNOWN, value=request_id)
    return _settle(tx, actor, asked, "withdrawn", reason, REQUEST_WITHDRAWN)


def settle_about(tx: Connection, actor: Actor, kind: RequestKind, subject: str) -> None:
    """What was asked has been done, by whoever may do it: the requests for it are approved."""
    columns = request.c
    open_ones = (
        select(request)
        .where(columns.kind == kind.name, columns.subject == subject, columns.state == "open")
        .with_for_update()
    )
    for row in tx.execute(open_ones).all():
        _settle(tx, actor, request_from_row(row), "approved", "", REQUEST_APPROVED)


def refuse_about_application(tx: Connection, actor: Actor, application_id: str, reason: str) -> int:
    """What is asked about an application that is being removed by whoever may is refused with it.
    Gives how many."""
    values = {
        "state": "refused",
        "decided_by": actor.tag,
        "decided_at": now_ms(),
        "decision_reason": reason.strip(),
    }
    closed = update(request).where(_waits_about(application_id)).values(values).returning(request)
    rows = tx.execute(closed).all()
    for row in rows:
        record(tx, REQUEST_REFUSED, actor, **_told(request_from_row(row), reason))
    return len(rows)


def counting_about_application(application_id: str) -> Count:
    """How many requests about an application, or for a role of it, wait to be decided."""
    return Count(select(func.count()).select_from(request).where(_waits_about(application_id)))


def _waits_about(application_id: str) -> ColumnElement[bool]:
    columns = request.c
    told = (
        f'"application_id": {json.dumps(application_id, ensure_ascii=False)}'  # as `ask` writes it
    )
    return (columns.state == "open") & (
        (columns.subject == client_tag(application_id))
        | columns.payload.contains(told, autoescape=True)
    )


def close_again(tx: Connection, actor: Actor, closed: Request) -> None:
    """After a restore: a request that is open again, but was decided, stays out of reach.
    Harmless where it is not open."""
    asked = find_request(tx, closed.id)
    if asked is not None and asked.state == "open":
        _settle(tx, actor, asked, "lapsed", "", REQUEST_LAPSED)
        note_told(tx, asked.id)


def lapse_overdue(tx: Connection) -> None:
    """Close what nobody decided in time; some at a time, the oldest first."""
    overdue = (
        select(request)
        .where(request.c.state == "open", request.c.expires_at <= now_ms())
        .order_by(request.c.id)
        .limit(_LAPSING)
        .with_for_update(skip_locked=True)
    )
    for row in tx.execute(overdue).all():
        _settle(tx, _BY_ITSELF, request_from_row(row), "lapsed", "", REQUEST_LAPSED)


def note_told(tx: Connection, request_id: str) -> bool:
    """Whoever asked hears of the decision from whoever calls this; true to the first alone."""
    here = (request.c.id == request_id, request.c.told_at.is_(None))
    told = update(request).where(*here).values(told_at=now_ms()).returning(request.c.id)
    return tx.execute(told).first() is not None


def require_other(tx: Connection, actor: Actor, asked: Request) -> None:
    """Raise Forbidden(``request.own``) when the actor has asked it, or would gain by it, with
    whichever of their accounts."""
    if tags_of(tx, actor) & {asked.asked_by, asked.asked_for}:
        raise Forbidden(errors.REQUEST_OWN, reason="own_request")


def kind_of(kinds: Kinds, asked: Request) -> RequestKind:
    """Raises NotFound for one that only another version of the program knows."""
    if asked.kind not in kinds:
        raise NotFound(errors.REQUEST_UNKNOWN, value=asked.id)
    return kinds[asked.kind]


def _take(tx: Connection, request_id: str) -> Request:
    """The open request, which nobody else decides until `tx` ends."""
    found = tx.execute(select(request).where(request.c.id == request_id).with_for_update()).first()
    if found is None:
        raise NotFound(errors.REQUEST_UNKNOWN, value=request_id)
    if found.state != "open" or found.expires_at <= now_ms():
        raise Conflict(errors.REQUEST_DECIDED, state=found.state)
    return request_from_row(found)


def _require_decider(tx: Connection, actor: Actor, kinds: Kinds, asked: Request) -> RequestKind:
    kind = kind_of(kinds, asked)
    require_other(tx, actor, asked)
    require(tx, actor, kind.permission, load(kind.about)(asked.payload))
    return kind


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid(errors.REQUEST_REASON, field="reason")


def _read_waiting(
    tx: Connection, actor: Actor, kind: RequestKind, subjects: Collection[str]
) -> tuple[dict[tuple[str, str], str], int]:
    """What of a kind is asked already about these, as the id of the request by subject and payload,
    and how much the actor has asked."""
    columns = request.c
    about = select(columns.id, columns.subject, columns.payload, literal(0)).where(
        columns.subject.in_(sorted(subjects)), columns.kind == kind.name, columns.state == "open"
    )
    theirs = select(literal(""), literal(""), literal(""), func.count()).select_from(request)
    theirs = theirs.where(columns.asked_by == actor.tag, columns.state == "open")
    waiting: dict[tuple[str, str], str] = {}
    number = 0
    for request_id, subject, payload, count in tx.execute(union_all(about, theirs)):
        number += count
        if request_id:
            waiting[subject, payload] = request_id
    return waiting, number


def _settle(
    tx: Connection, actor: Actor, asked: Request, state: State, reason: str, kind: Kind
) -> Request:
    settled = replace(
        asked,
        state=state,
        decided_by=actor.tag,
        decided_at=now_ms(),
        decision_reason=reason.strip(),
    )
    values = {
        "state": settled.state,
        "decided_by": settled.decided_by,
        "decided_at": settled.decided_at,
        "decision_reason": settled.decision_reason or None,
    }
    tx.execute(update(request).where(request.c.id == asked.id).values(values))
    record(tx, kind, actor, **_told(asked, reason))
    return settled


def _told(asked: Request, reason: str) -> dict[str, Any]:
    where = {"subject": asked.subject, "agency": asked.agency_id}
    return {**where, **_fields(asked, reason)}


def _fields(asked: Request, reason: str) -> dict[str, Any]:
    return {
        "request": asked.id,
        "what": asked.kind,
        "application": asked.payload.get("application_id", ""),
        "role": asked.payload.get("role", ""),
        "reason": reason,
    }
