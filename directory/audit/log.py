"""The one audit writer."""

from __future__ import annotations

import rfc8785
from sqlalchemy import Connection, insert

from directory import tally
from directory.actor import Actor
from directory.audit.kinds import KINDS
from directory.audit.tables import audit_event
from directory.clock import iso, now_ms
from directory.ids import new_event_id

SCHEMA_VERSION = 1
# Built once: every token request writes an event.
_insert = insert(audit_event)


class UndeclaredEvent(Exception):
    """The code records a kind that is not declared, or with other fields than declared: a bug."""


def record(
    tx: Connection,
    kind: str,
    actor: Actor,
    *,
    subject: str = "",
    agency: str = "",
    **fields: object,
) -> str:
    """Write one event in the transaction of its cause: no audit, no commit. Gives the event's id.

    `subject`: the tag of whom or what it happened to (``person:<id>``, ``client:<id>``);
    `agency`: the agency it concerns (the actor's own when not given). `fields` must be exactly
    those declared for `kind`, plain JSON values, never a secret.
    """
    declared = KINDS.get(kind)
    if declared is None:
        raise UndeclaredEvent(f"audit kind {kind!r} is not declared in directory.audit.kinds")
    if set(fields) != set(declared.fields):
        raise UndeclaredEvent(
            f"audit kind {kind!r} wants fields {sorted(declared.fields)}, got {sorted(fields)}"
        )
    event_id, at = new_event_id(), now_ms()
    row = {
        "id": event_id,
        "at": at,
        "kind": kind,
        "actor": actor.tag,
        "subject": subject,
        "agency": agency or actor.agency_id,
        "request_id": actor.request_id,
    }
    body = rfc8785.dumps(
        row | {"v": SCHEMA_VERSION, "at": iso(at), "address": actor.address, "fields": fields}  # type: ignore[arg-type]
    )
    tx.execute(_insert, row | {"body": body})
    tally.count("events", kind)
    return event_id


def person_tag(person_id: str) -> str:
    """How events name a person as their subject."""
    return f"person:{person_id}"


def agency_tag(agency_id: str) -> str:
    return f"agency:{agency_id}"


def client_tag(client_id: str) -> str:
    return f"client:{client_id}"
