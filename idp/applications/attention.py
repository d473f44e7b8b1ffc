"""What of applications somebody who keeps them should look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from directory.authz import applications
from directory.authz.applications import Kept
from directory.authz.scopes import Scope
from directory.errors import Words
from directory.outbox import queue
from directory.projection import queries
from idp.clients.service import list_doubled_secrets
from idp.logout.ending import TOPIC
from idp.logout.events import UNREACHED

# Of a province whose applications are all away.
_MOST_READ = 5_000


@dataclass(frozen=True)
class Attention:
    """Something about an application. ``not_told``: so many (`count`) sign-outs it has not been
    told of, the oldest since `at` (ms), because of `problem`; they are tried again.
    ``two_secrets``: the one before the present one works until `at`."""

    application_id: str
    name: str
    owner: str
    kind: Literal["not_told", "two_secrets"]
    at: int
    count: int = 0
    problem: Words | None = None


def list_attention(tx: Connection, scope: Scope) -> Sequence[Attention]:
    """All of it about the applications that are kept in the scope, by their names."""
    found = _found(tx, scope)
    places = {app.owner_agency_id for app, *_ in found} - {""}
    owners = queries.agencies_by_id(tx, sorted(places)) if places else {}
    told = []
    for app, failing, until in found:
        owner = owners[app.owner_agency_id].name if app.owner_agency_id in owners else ""
        if failing:
            problem = _told(failing[-1].error)
            since, count = failing[0].created_at, len(failing)
            told.append(Attention(app.id, app.name, owner, "not_told", since, count, problem))
        if until:
            told.append(Attention(app.id, app.name, owner, "two_secrets", until))
    return told


def count_attention(tx: Connection, scope: Scope) -> int:
    """How many lines `list_attention` has."""
    return sum(bool(failing) + bool(until) for _, failing, until in _found(tx, scope))


def _found(
    tx: Connection, scope: Scope
) -> Sequence[tuple[Kept, Sequence[queue.Failing], int | None]]:
    untold: dict[str, list[queue.Failing]] = {}
    for each in queue.list_failing(tx, TOPIC, _MOST_READ):
        untold.setdefault(str(each.payload.get("client_id")), []).append(each)
    doubled = list_doubled_secrets(tx)
    ids = {*untold, *doubled}
    return [
        (app, untold.get(app.id, ()), doubled.get(app.id))
        for app in (applications.list_kept(tx, scope, ids) if ids else ())
    ]


def _told(error: str) -> Words:
    """What the application answered is told by its number, as the log does."""
    answered = error.removeprefix("http_")
    if answered != error:
        return Words(f"ứng dụng trả lời mã {answered}", f"it answered {answered}")
    return Words(*UNREACHED.pair(error))
