"""Letting a connector go on that the brake stopped: one asks, a second person decides.

What is approved is a number of accounts. Whose they are is read when they are disabled; are there
more of them by then, nothing is done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from directory.actor import Actor
from directory.authz import applications
from directory.authz.objects import OfApplication
from directory.errors import Conflict, Words
from directory.requests import service
from directory.requests.register import Request
from directory.requests.service import Asking
from sync.engine import accounts, connectors
from sync.engine.connectors import Connector
from sync.engine.errors import CONNECTOR_MORE_LOSSES, CONNECTOR_NOT_STOPPED
from sync.engine.request_kinds import LOSSES


def ask_for_losses(tx: Connection, actor: Actor, name: str, reason: str) -> Request:
    """Ask that all go who are to go now. Raises NotFound, Forbidden for whoever may not change it,
    Conflict(``connector.not_stopped``), and as `directory.requests.service.ask`."""
    found = connectors.get_to_write(tx, actor, name)
    if found.stopped_at is None:
        raise Conflict(CONNECTOR_NOT_STOPPED)
    lost, _ = accounts.count_losses(tx, name)
    app = applications.find(tx, found.definition.application_id)
    is_internal = app is not None and app.sharing == "internal"
    asking = Asking(
        subject=connectors.about_application(found.definition.application_id),
        agency_id=app.owner_agency_id if app is not None and is_internal else "",
        reason=reason,
        payload={
            "application_id": found.definition.application_id,
            "connector": name,
            "losses": max(lost, found.losses_found or 0),
        },
    )
    return service.ask(tx, actor, LOSSES, asking)


def about(payload: Mapping[str, Any]) -> OfApplication:
    """Whoever decides looks after the application."""
    return OfApplication(payload["application_id"])


def describe(tx: Connection, payloads: Sequence[Mapping[str, Any]]) -> Sequence[Words]:
    """What approving it would do."""
    ids = {payload["application_id"] for payload in payloads}
    named = {app.id: app.name for app in applications.list_these(tx, ids)}
    return [_sentence(payload, named) for payload in payloads]


def carry_out(tx: Connection, approver: Actor, asked: Request) -> str:
    """Let it go on, if it is stopped still and no more would go than were approved."""
    found = connectors.get_to_write(tx, approver, str(asked.payload["connector"]))
    connectors.let_go_on(tx, approver, found, losses=_require_held(tx, found, asked))
    return ""


def foresee(tx: Connection, approver: Actor, asked: Request) -> bool:
    """Raises what `carry_out` would raise. Nothing is written; nobody further decides."""
    found = connectors.get_to_look_ahead(tx, approver, str(asked.payload["connector"]))
    _require_held(tx, found, asked)
    return False


def _require_held(tx: Connection, found: Connector, asked: Request) -> int:
    """How many were approved. Raises Conflict where it is not stopped any more, or more would
    go."""
    name, most = found.name, int(asked.payload["losses"])
    is_same = found.definition.application_id == asked.payload["application_id"]
    if found.stopped_at is None or not is_same:
        raise Conflict(CONNECTOR_NOT_STOPPED)
    lost, _ = accounts.count_losses(tx, name)
    if lost > most:
        raise Conflict(CONNECTOR_MORE_LOSSES, losses=lost, approved=most)
    return most


def _sentence(payload: Mapping[str, Any], named: Mapping[str, str]) -> Words:
    name, losses = named.get(payload["application_id"], "–"), int(payload["losses"])
    vi = f"{losses:,}".replace(",", ".")
    return Words(
        f"Cho kết nối với {name} chạy tiếp và khóa {vi} tài khoản cùng lúc",
        f"Let the connector of {name} go on and disable {losses:,} accounts at once",
    )
