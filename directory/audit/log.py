"""The one audit writer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import rfc8785
from sqlalchemy import Connection, insert

from directory import tally
from directory.actor import Actor
from directory.audit.budgets import count, who_is_over
from directory.audit.kinds import Kind
from directory.audit.tables import audit_event
from directory.clock import iso, now_ms
from directory.ids import new_event_id

SCHEMA_VERSION = 2  # 2: `part_of`
# Built once: every token request writes an event.
_insert = insert(audit_event)


class UndeclaredEvent(Exception):
    """The code records a kind with other fields than declared: a bug."""


def record(
    tx: Connection,
    kind: Kind,
    actor: Actor,
    *,
    subject: str = "",
    agency: str = "",
    part_of: str = "",
    event_id: str = "",
    **fields: object,
) -> str:
    """Write one event in the transaction of its cause: no audit, no commit. Gives the event's id.

    `subject`: the tag of whom or what it happened to (``person:<id>``, ``client:<id>``);
    `agency`: the agency it concerns (the actor's own when not given). `fields` must be exactly
    those declared for `kind`, plain JSON values, never a secret.

    `part_of`: the id of the event that began the act this belongs to, or the `sid` of its session:
    what is part of an act is no line of its own. `event_id`: for an act whose parts know only the
    id of what they carry out. What goes over the budget of its actor is counted instead, and has
    no id (`directory.audit.budgets`).
    """
    where = Where(subject, agency or actor.agency_id, part_of, event_id)
    return write_event(tx, kind, actor, where, fields, stranger=False)


@dataclass(frozen=True, slots=True)
class Event:
    """One of many events of an act; see `record`."""

    kind: Kind
    subject: str
    agency: str
    fields: Mapping[str, object]


def record_all(tx: Connection, actor: Actor, events: Sequence[Event]) -> None:
    """As `record` of each, in their order, written at once."""
    rows = []
    for each in events:
        where = Where(each.subject, each.agency or actor.agency_id)
        if _has_room(tx, each.kind, actor, where, each.fields, stranger=False):
            rows.append(_row(each.kind.name, actor, where, each.fields))
    if rows:
        tx.execute(_insert, rows)
    for row in rows:
        tally.count("events", str(row["kind"]))


@dataclass(frozen=True, slots=True)
class Where:
    """What an event is about, whose agency's it is, and its place in an act; see `record`."""

    subject: str
    agency: str
    part_of: str = ""
    event_id: str = ""


def write_event(
    tx: Connection,
    kind: Kind,
    actor: Actor,
    where: Where,
    fields: Mapping[str, object],
    *,
    stranger: bool,
) -> str:
    """As `record`. `stranger`: the request proved nobody, whatever it calls itself."""
    if not _has_room(tx, kind, actor, where, fields, stranger=stranger):
        return ""
    return _write(tx, kind.name, actor, where, fields)


def _has_room(
    tx: Connection,
    kind: Kind,
    actor: Actor,
    where: Where,
    fields: Mapping[str, object],
    *,
    stranger: bool,
) -> bool:
    """Whether it is within the budget of its actor; else it is counted."""
    _check(kind, fields)
    over = who_is_over(tx, kind, actor, where.subject, stranger=stranger)
    if over:
        tally.count("events_left_out", kind.name)
        count(tx, over, kind.name, where.agency)
    return not over


Foreseen = tuple[str, Mapping[str, object]]
"""The name of a kind, and its fields."""


def foresee(kind: Kind, fields: Mapping[str, object]) -> Foreseen:
    """An event that is kept until what it tells has been done. It may be recorded by another
    version than this one, so it is held to its declaration now."""
    _check(kind, fields)
    return kind.name, fields


def record_foreseen(
    tx: Connection,
    event: Foreseen,
    actor: Actor,
    *,
    subject: str,
    agency: str,
    part_of: str = "",
) -> str:
    """Write an event of `foresee`, as it was declared then.

    Outside the budget of its actor: it tells what was done to a person or a right, and nothing of
    that is ever left out. Nor could it be asked here: the kind may be one that only another version
    declares.
    """
    kind, fields = event
    return _write(tx, kind, actor, Where(subject, agency or actor.agency_id, part_of), fields)


def _check(kind: Kind, fields: Mapping[str, object]) -> None:
    if fields.keys() != kind.fields.keys():
        raise UndeclaredEvent(
            f"audit kind {kind.name!r} wants fields {sorted(kind.fields)}, got {sorted(fields)}"
        )


def _write(
    tx: Connection, kind: str, actor: Actor, where: Where, fields: Mapping[str, object]
) -> str:
    row = _row(kind, actor, where, fields)
    tx.execute(_insert, row)
    tally.count("events", kind)
    return str(row["id"])


def _row(kind: str, actor: Actor, where: Where, fields: Mapping[str, object]) -> dict[str, object]:
    event_id, at = where.event_id or new_event_id(), now_ms()
    row = {
        "id": event_id,
        "at": at,
        "kind": kind,
        "actor": actor.tag,
        "subject": where.subject,
        "agency": where.agency,
        "request_id": actor.request_id,
    }
    told: dict[str, Any] = row | {"at": iso(at), "address": actor.address, "fields": fields}
    if where.part_of:
        told["part_of"] = where.part_of
    body = rfc8785.dumps(told | {"v": SCHEMA_VERSION})
    return {**row, "part_of": where.part_of or None, "body": body}


def person_tag(person_id: str) -> str:
    """How events name a person as their subject."""
    return f"person:{person_id}"


def agency_tag(agency_id: str) -> str:
    return f"agency:{agency_id}"


def client_tag(client_id: str) -> str:
    return f"client:{client_id}"
