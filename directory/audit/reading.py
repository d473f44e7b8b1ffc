"""Reading the audit log: filters in SQL."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Select, or_, select

from directory.audit.event import Event, event_from_body
from directory.audit.sentences import Language, sentence
from directory.audit.tables import audit_event

__all__ = ["Event", "Language", "list_events", "sentence"]


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
