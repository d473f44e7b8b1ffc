"""The register of releases, as it is read."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from directory.actor import Actor
from directory.authz.decisions import Decision, decide, decide_entries
from directory.authz.objects import OfApplication
from directory.authz.permissions import ApplicationPermission
from directory.database.engine import ask_once, recall, remember
from directory.release.tables import in_force, release


@dataclass(frozen=True)
class Grounds:
    """Why an application learns an attribute: what for, and which rule lets it."""

    purpose: str
    basis: str = ""


@dataclass(frozen=True)
class Release:
    """One version of what an application learns. `asked_by` and `decided_by` are tags of actors;
    `replaced_at` (ms): when the next version took its place, None for the one that counts."""

    application_id: str
    version: int
    attributes: Mapping[str, Grounds]
    reason: str
    asked_by: str
    decided_by: str
    decided_at: int
    replaced_at: int | None


@dataclass(frozen=True)
class Released:
    """Whether the person may enter the application, and the attributes that may leave to it."""

    decision: Decision
    attributes: frozenset[str]


def released(tx: Connection, application_id: str, person_id: str) -> Released:
    """What may leave to the application about the person: what was approved for it, and of those
    who may not enter it nothing. What nobody approved stays here.

    The one function that every channel asks. What the channel asks for narrows it further.
    """
    about = OfApplication(application_id)
    decision = decide(tx, Actor("person", person_id), ApplicationPermission.ENTER, about)
    if not decision.allowed:
        return Released(decision, frozenset())
    found = find_release(tx, application_id)
    return Released(decision, frozenset(found.attributes) if found else frozenset())


def released_each(
    tx: Connection, application_id: str, people: Collection[str]
) -> Mapping[str, Released]:
    """As `released`, of many people in few statements."""
    found = find_release(tx, application_id)
    learns = frozenset(found.attributes) if found else frozenset()
    return {
        person_id: Released(decision, learns if decision.allowed else frozenset())
        for person_id, decision in decide_entries(tx, people, application_id).items()
    }


def find_release(tx: Connection, application_id: str) -> Release | None:
    """The version that counts."""
    query = select(release).where(release.c.application_id == application_id, in_force)
    row = ask_once(tx, ("release", application_id), lambda: tx.execute(query).first())
    return _release(row) if row is not None else None


def list_versions(tx: Connection, application_id: str) -> Sequence[Release]:
    """All versions there ever were, the latest first."""
    query = select(release).where(release.c.application_id == application_id)
    return [_release(row) for row in tx.execute(query.order_by(release.c.version.desc()))]


def list_releases(tx: Connection, ids: Collection[str] | None = None) -> Mapping[str, Release]:
    """The version that counts of every application, or of each of `ids`, by its id."""
    query = select(release).where(in_force)
    if ids is None:
        rows = tx.execute(query).all()
        return {row.application_id: _release(row) for row in rows}
    known = {each: recall(tx, ("release", each)) for each in {*ids}}
    if missing := [each for each, row in known.items() if row is None]:
        of_them = release.c.application_id.in_(missing)
        known |= {row.application_id: row for row in tx.execute(query.where(of_them))}
        for each in missing:
            remember(tx, ("release", each), known[each])
    rows = [row for row in known.values() if row is not None]
    return {row.application_id: _release(row) for row in rows}


def _release(row: Row[Any]) -> Release:
    told = json.loads(row.attributes)
    return Release(
        application_id=row.application_id,
        version=row.version,
        attributes={name: Grounds(**grounds) for name, grounds in told.items()},
        reason=row.reason or "",
        asked_by=row.asked_by,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        replaced_at=row.replaced_at,
    )
