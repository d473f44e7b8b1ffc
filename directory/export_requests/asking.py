"""Asking for a list beyond the quota, and letting it be taken once that was approved.

What is approved is a filter, columns and a number of lines: what the list holds is read, and what
the asker may see of it decided, when it is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from directory.actor import Actor
from directory.authz.objects import InPlace
from directory.authz.permissions import ADMIN_ROLES
from directory.authz.scopes import admin_roles_of
from directory.errors import Words
from directory.export_requests.request_kinds import EXPORT
from directory.exports import approvals
from directory.exports.approvals import APPROVED_HOURS, WantedExport
from directory.exports.taking import OverQuota, list_name
from directory.projection import queries
from directory.projection.queries import AgencyRow
from directory.requests import service
from directory.requests.register import Request
from directory.requests.service import Asking

_TERMS = ("list", "address", "columns", "count")


def ask_for_export(tx: Connection, actor: Actor, refused: OverQuota, reason: str) -> Request:
    """Ask for what was refused. Raises as `directory.requests.service.ask`."""
    wanted = refused.wanted
    payload = {name: getattr(wanted, name) for name in _TERMS} | {
        "filter": refused.taking.filter,
        "narrowed_to": refused.taking.place,
        "place": _decided_in(tx, actor),
    }
    asking = Asking(
        subject=actor.tag, agency_id=str(payload["place"]), reason=reason, payload=payload
    )
    return service.ask(tx, actor, EXPORT, asking)


def about(payload: Mapping[str, Any]) -> InPlace:
    """The place whose administrators decide."""
    return InPlace(payload["place"])


def describe(tx: Connection, payloads: Sequence[Mapping[str, Any]]) -> Sequence[Words]:
    """Which list, of which place, how much of it, filtered how, with which columns."""
    ids = {payload["narrowed_to"] for payload in payloads} - {""}
    places = queries.agencies_by_id(tx, sorted(ids)) if ids else {}
    return [_sentence(payload, places) for payload in payloads]


def carry_out(tx: Connection, _approver: Actor, asked: Request) -> str:
    """Let the asker take it once."""
    approvals.approve(tx, asked.id, asked.asked_by, _wanted(asked))
    return ""


def foresee(_tx: Connection, _approver: Actor, asked: Request) -> bool:
    """What is in the list by then is looked at when it is taken: nothing stands in the way."""
    _wanted(asked)
    return False


def _wanted(asked: Request) -> WantedExport:
    return WantedExport(**{name: asked.payload[name] for name in _TERMS})


def _sentence(payload: Mapping[str, Any], places: Mapping[str, AgencyRow]) -> Words:
    name, count = list_name(payload["list"]), payload["count"]
    filtered, place = payload["filter"], places.get(payload["narrowed_to"])
    of_vi, of_en = (f" của {place.name}", f" of {place.name}") if place else ("", "")
    vi = f"{count:,}".replace(",", ".")
    return Words(
        f"Xuất {name.vi}{of_vi}, {vi} dòng{f', lọc theo {filtered}' if filtered else ''}, "
        f"một lần trong {APPROVED_HOURS} giờ kể từ khi phê duyệt. Các cột: {payload['columns']}.",
        f"Take {name.en}{of_en}, {count:,} lines{f', filtered by {filtered}' if filtered else ''}"
        f", once, within {APPROVED_HOURS} hours of the approval. Columns: {payload['columns']}.",
    )


def _decided_in(tx: Connection, actor: Actor) -> str:
    """The one place that the asker works for; those of the province where there are several."""
    held = admin_roles_of(tx, actor.id)
    places = {place for role, where in held.items() if role in ADMIN_ROLES for place in where}
    return places.pop() if len(places) == 1 else ""
