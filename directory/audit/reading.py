"""Reading the audit log: filters in SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy import Connection, Select, func, or_, select

from directory.audit.event import Event, event_from_body
from directory.audit.sentences import Language, sentence
from directory.audit.tables import audit_event

__all__ = ["Event", "Language", "list_events", "sentence"]

_AT_ONCE = 1000


def list_events(
    tx: Connection,
    *,
    limit: int = 50,
    after: str = "",
    kind: str = "",
    subject: str = "",
    agency: str = "",
    actor: str = "",
    newest_first: bool = True,
    before: str = "",
    kinds: Sequence[str] = (),
    agencies: Select[tuple[str]] | None = None,
    also_of_no_agency: bool = False,
) -> Sequence[Event]:
    """Events matching every filter given. `kind` may be a prefix such as ``signin.``, `kinds` are
    several of them; `after` and `before` are event ids: only later, only earlier events.
    `agencies`: only events of these, as a subquery, and with `also_of_no_agency` those that
    belong to none, such as sign-ins."""
    columns = audit_event.c
    query = select(columns.body, columns.at)
    for column, value in (
        (columns.subject, subject),
        (columns.agency, agency),
        (columns.actor, actor),
    ):
        if value:
            query = query.where(column == value)
    if kind:
        query = query.where(columns.kind.startswith(kind, autoescape=True))
    if kinds:
        query = query.where(or_(*(columns.kind.startswith(k, autoescape=True) for k in kinds)))
    if after:
        query = query.where(columns.id > after)
    if before:
        query = query.where(columns.id < before)
    if agencies is not None:
        theirs = columns.agency.in_(agencies)
        query = query.where(or_(theirs, columns.agency == "") if also_of_no_agency else theirs)
    order = columns.id.desc() if newest_first else columns.id
    return [
        event_from_body(row.body, row.at) for row in tx.execute(query.order_by(order).limit(limit))
    ]


def list_since(tx: Connection, kind: str, actor: str, since: int) -> Sequence[Event]:
    """The events of one kind and actor that happened since then (ms)."""
    columns = audit_event.c
    query = select(columns.body, columns.at).where(
        columns.actor == actor, columns.at >= since, columns.kind == kind
    )
    return [event_from_body(row.body, row.at) for row in tx.execute(query)]


def list_about(
    tx: Connection, kinds: Sequence[str], subject: str, *, since: int, limit: int
) -> Sequence[Event]:
    """The latest events of these kinds about a subject since then (ms), newest first. For kinds
    that are few beside all that is told of the subject."""
    columns = audit_event.c
    # Found by their kind: of a busy application millions of sign-ins bear the same subject.
    is_about = func.coalesce(columns.subject, "") == subject
    query = select(columns.body, columns.at).where(
        columns.kind.in_(kinds), columns.at >= since, is_about
    )
    newest = query.order_by(columns.at.desc(), columns.id.desc()).limit(limit)
    return [event_from_body(row.body, row.at) for row in tx.execute(newest)]


def each_under(tx: Connection, run: str) -> Iterator[Event]:
    """The events that are folded under a run (`Kind.is_folded`), in no order: there may be very
    many."""
    columns = audit_event.c
    query = select(columns.body, columns.at, columns.part_of).where(columns.part_of == run)
    for row in tx.execute(query.execution_options(yield_per=_AT_ONCE)):
        yield event_from_body(row.body, row.at, row.part_of)


def count_events(tx: Connection) -> int:
    """How many events the log holds."""
    return tx.execute(select(func.count()).select_from(audit_event)).scalar_one()


def find_newest_id(tx: Connection) -> str | None:
    """The id of the newest event."""
    return tx.execute(select(func.max(audit_event.c.id))).scalar()


def find_newest_at(tx: Connection) -> int | None:
    """The latest instant of any event (ms)."""
    return tx.execute(select(func.max(audit_event.c.at))).scalar()


def has_event(tx: Connection, event_id: str) -> bool:
    """Whether the log holds this event."""
    query = select(audit_event.c.id).where(audit_event.c.id == event_id)
    return tx.execute(query).first() is not None


def has_acted(tx: Connection, actor: str) -> bool:
    """Whether any event is of this actor's tag."""
    query = select(audit_event.c.id).where(audit_event.c.actor == actor).limit(1)
    return tx.execute(query).first() is not None


def last_acts(tx: Connection, actors: Collection[str]) -> Mapping[str, int]:
    """When each of these actors last did something (ms), of those that ever did."""
    columns = audit_event.c
    query = (
        select(columns.actor, func.max(columns.at).label("latest"))
        .where(columns.actor.in_(actors))
        .group_by(columns.actor)
    )
    return {row.actor: row.latest for row in tx.execute(query)}


def last_by_subject(tx: Connection, kind: str, since: int) -> Mapping[str, int]:
    """When the kind happened last to each subject, since then (ms)."""
    columns = audit_event.c
    query = select(columns.subject, func.max(columns.at)).group_by(columns.subject)
    rows = tx.execute(query.where(columns.kind == kind, columns.at >= since))
    return {row[0]: row[1] for row in rows}
