"""One event as it was recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


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
    part_of: str = ""


def event_from_body(body: bytes, at: int, part_of: str = "") -> Event:
    """The event of stored bytes; what a version before this one did not record is empty.

    `part_of`: as its row says, which may know better than an event of an earlier version.
    """
    data = json.loads(body)
    return Event(
        id=data["id"],
        at=at,
        kind=data["kind"],
        actor=data.get("actor", ""),
        subject=data.get("subject", ""),
        agency=data.get("agency", ""),
        address=data.get("address", ""),
        request_id=data.get("request_id", ""),
        fields=data.get("fields", {}),
        part_of=part_of or data.get("part_of", ""),
    )
