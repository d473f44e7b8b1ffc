"""Asking that somebody be given a role, and giving it when it was approved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from directory.access.request_kinds import GRANT
from directory.actor import Actor
from directory.audit.log import person_tag
from directory.authz import grants
from directory.authz.decisions import require
from directory.authz.grants import Grant, holder_tag, object_of
from directory.authz.naming import name_grants, sentence_of
from directory.authz.objects import OfGrant
from directory.authz.permissions import GrantPermission
from directory.authz.positions import find_holder
from directory.authz.roles import find_giver
from directory.errors import Words
from directory.requests import service
from directory.requests.register import Request
from directory.requests.service import Asking

# The reason is the request's own.
_TERMS = frozenset(Grant.__dataclass_fields__) - {"id", "reason"}


def ask_for_grant(tx: Connection, actor: Actor, grant: Grant) -> Request:
    """Ask those who may give it: for oneself, or for somebody of one's places.

    Raises as `directory.authz.grants.add_grant` of what nobody could give, Forbidden, and as
    `directory.requests.service.ask`.
    """
    require(tx, actor, GrantPermission.ASK, object_of(grant))
    grants.require_possible(tx, grant)
    terms = {name: value for name, value in asdict(grant).items() if name in _TERMS}
    asking = Asking(
        subject=holder_tag(grant.holder_kind, grant.holder_id),
        agency_id=_decided_in(tx, grant),
        reason=grant.reason,
        payload=terms,
        asked_for=_gainer(tx, grant),
    )
    return service.ask(tx, actor, GRANT, asking)


def about(payload: Mapping[str, Any]) -> OfGrant:
    """The grant that is asked for, as decisions see it."""
    return object_of(_grant(payload))


def describe(tx: Connection, payloads: Sequence[Mapping[str, Any]]) -> Sequence[Words]:
    """What giving it would do."""
    named = name_grants(tx, [_grant(payload) for payload in payloads])
    return [sentence_of(each) for each in named]


def carry_out(tx: Connection, approver: Actor, asked: Request) -> None:
    """Give it, if that can still be done and the approver may. Raises as `add_grant`."""
    grants.add_grant(tx, approver, _grant(asked.payload, asked.reason))


def _grant(payload: Mapping[str, Any], reason: str = "") -> Grant:
    known = {name: value for name, value in payload.items() if name in _TERMS}
    return Grant(**known, reason=reason)


def _decided_in(tx: Connection, grant: Grant) -> str:
    """The place whose administrators may give the role there; empty: those of the province."""
    given_by, owner = find_giver(tx, grant.application_id, grant.role)
    return {"agency": grant.agency_id, "owner": owner}.get(given_by, "")


def _gainer(tx: Connection, grant: Grant) -> str:
    """The tag of the one person who would gain by it; empty for whoever holds a position."""
    if grant.holder_kind == "position":
        return ""
    if grant.holder_kind == "person":
        return person_tag(grant.holder_id)
    whose = find_holder(tx, grant.holder_id)
    return person_tag(whose) if whose else ""
