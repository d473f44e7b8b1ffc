"""A grant as the command line tells it: names beside ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from admin_ui.components import VOCABULARY
from directory.audit.sentences import actor_name
from directory.authz.explaining import Source
from directory.authz.grants import Grant
from directory.authz.naming import NamedGrant, name_all
from directory.clock import iso


def told_grant(named: NamedGrant, names: Mapping[str, str]) -> dict[str, Any]:
    """The document of a grant; what is open is null. `names`: of the tags of actors."""
    grant = named.grant
    return asdict(grant) | {
        "application": named.application,
        "role_title": named.role.vi,
        "holder": named.holder,
        "agency": named.place,
        "agency_code": named.place_code,
        "given_by": _actor(grant.given_by, names),
        "approved_by": _actor(grant.approved_by, names),
    }


def told_grants(tx: Connection, grants: Sequence[Grant]) -> list[dict[str, Any]]:
    """The documents of grants."""
    found, names = name_all(tx, grants)
    return [told_grant(named, names) for named in found]


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


def told_source(source: Source, names: Mapping[str, str]) -> dict[str, Any]:
    """The document of what gives a role, or did."""
    grant = source.grant
    scope = {"agency": source.place_code or source.place}
    scope |= {"field": grant.field} if grant.field else {}
    scope |= {"procedure": grant.procedure} if grant.procedure else {}
    through = f"{source.through} {source.through_name}" if source.through_name else source.through
    return {
        "grant": grant.id,
        "role": grant.role,
        "scope": scope,
        "through": through,
        "state": source.state,
        "given_by": _actor(grant.given_by, names),
        "given_at": iso(source.given_at),
        "approved_by": _actor(grant.approved_by, names),
        "since": grant.start,
        "until": grant.end,
        "reason": grant.reason,
        "basis": grant.basis,
    }


def _actor(tag: str, names: Mapping[str, str]) -> str:
    return actor_name(tag, VOCABULARY, names, "en") if tag else ""
