"""Reading the audit log: filters in SQL, and sentences for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Select, or_, select

from directory.audit.kinds import KINDS
from directory.audit.reasons import REASONS_EN, REASONS_VI
from directory.audit.tables import audit_event

Language = Literal["vi", "en"]


@dataclass(frozen=True)
class Event:
    """One event as recorded; `at` in ms, `fields` as declared for its kind."""

    id: str
    at: int
    kind: str
    actor: str
    subject: str
    agency: str
    address: str
    request_id: str
    fields: Mapping[str, Any]


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
    return [_event(row.body, row.at) for row in tx.execute(query.order_by(order).limit(limit))]


def _event(body: bytes, at: int) -> Event:
    data = json.loads(body)
    return Event(
        id=data["id"],
        at=at,
        kind=data["kind"],
        actor=data["actor"],
        subject=data["subject"],
        agency=data["agency"],
        address=data["address"],
        request_id=data["request_id"],
        fields=data["fields"],
    )


def sentence(event: Event, names: Mapping[str, str], language: Language = "vi") -> str:
    """The event told in one sentence. `names` maps tags and agency ids to names."""
    kind = KINDS.get(event.kind)
    if kind is None:
        return f"{event.kind}: {dict(event.fields)}"
    template = kind.vi if language == "vi" else kind.en
    reasons = REASONS_VI if language == "vi" else REASONS_EN
    words = {key: _word(value, {**reasons, **names}) for key, value in event.fields.items()}
    if event.fields.get("until") == "":
        words["until"] = "không thời hạn" if language == "vi" else "no end date"
    words |= {
        "actor": names.get(event.actor, event.actor),
        "subject": names.get(event.subject, event.subject),
        "agency": names.get(event.agency, event.agency),
        "address": event.address or "máy chủ"
        if language == "vi"
        else event.address or "the server",
    }
    return template.format_map(words)


def _word(value: object, names: Mapping[str, str]) -> str:
    if isinstance(value, Mapping):
        return ", ".join(
            f"{names.get(key, key)}: {_word(part, names)}" for key, part in value.items()
        )
    if isinstance(value, list):
        return ", ".join(_word(part, names) for part in value) or "–"
    if value is None or value == "":
        return "–"
    return names.get(str(value), str(value))
