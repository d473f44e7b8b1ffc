"""A grant as the command line tells it: names beside ids."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from directory.authz import applications
from directory.authz.grants import Grant
from directory.authz.positions import find_holder, find_position
from directory.authz.roles import list_roles
from directory.projection import queries


def told_grant(tx: Connection, grant: Grant) -> dict[str, Any]:
    """The document of a grant; what is open is null."""
    place = queries.agency(tx, grant.agency_id)
    titles = {role.name: role.title_vi for role in list_roles(tx, grant.application_id)}
    application = applications.find(tx, grant.application_id)
    return asdict(grant) | {
        "application": application.name if application else None,
        "role_title": titles.get(grant.role),
        "holder": _holder(tx, grant),
        "agency": place.name if place else None,
        "agency_code": place.code if place else None,
        "start": grant.start or None,
        "end": grant.end or None,
    }


def line_of(told: dict[str, Any]) -> tuple[str, str, str, str, str]:
    """Id, role, holder, place and last day, for people."""
    role = f"{told['application_id']}:{told['role']}"
    return (
        told["id"],
        f"{role} ({told['role_title']})" if told["role_title"] else role,
        told["holder"] or f"{told['holder_kind']} {told['holder_id']}",
        told["agency_code"] or told["agency"] or "?",
        told["end"] or "–",
    )


def _holder(tx: Connection, grant: Grant) -> str | None:
    """Whom it was given to, in words; None for what is not there any more."""
    if grant.holder_kind == "person":
        return _person(tx, grant.holder_id)
    if grant.holder_kind == "position":
        position = find_position(tx, grant.holder_id)
        if position is None:
            return None
        place = queries.agency(tx, position.place_id)
        return f"{position.name}, {place.name}" if place else position.name
    holder = find_holder(tx, grant.holder_id)
    person = queries.person(tx, holder) if holder else None
    post = next((p for p in person.posts if p.id == grant.holder_id), None) if person else None
    if person is None:
        return None
    return f"{person.full_name} ({person.username})" + (f": {post.title}" if post else "")


def _person(tx: Connection, person_id: str) -> str | None:
    person = queries.person(tx, person_id)
    return f"{person.full_name} ({person.username})" if person else None
