"""Asking that somebody be given a role, and giving it when it was approved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, cast

from sqlalchemy import Connection

from directory.access.request_kinds import GRANT
from directory.actor import Actor, ActorKind
from directory.audit.log import person_tag
from directory.authz import grants
from directory.authz.decisions import decide, require
from directory.authz.errors import GRANT_APPROVER
from directory.authz.grants import Approval, Grant, holder_tag, object_of
from directory.authz.naming import GIVE, RENEW, name_grants, sentence_of
from directory.authz.objects import OfGrant
from directory.authz.permissions import GrantPermission
from directory.authz.positions import find_holder
from directory.authz.roles import find_giver, find_role
from directory.errors import Conflict, Forbidden, Words
from directory.requests import service
from directory.requests.register import Request
from directory.requests.service import Asking

# The reason and the basis are the request's own.
_TERMS = frozenset(Grant.__dataclass_fields__) - {
    "id",
    "reason",
    "basis",
    "given_by",
    "approved_by",
}


@dataclass(frozen=True)
class Given:
    """What came of giving: the grant, or the request that waits for a second person."""

    grant_id: str = ""
    request_id: str = ""


def give_or_ask(tx: Connection, actor: Actor, grant: Grant) -> Given:
    """Give a role, or ask those who may where the actor may not give it alone.

    Raises as `directory.authz.grants.add_grant` where the actor may not ask for it either.
    """
    try:
        return Given(grant_id=grants.add_grant(tx, actor, grant))
    except Forbidden as refused:
        if not may_ask(tx, actor, grant):
            raise refused
    return Given(request_id=ask_for_grant(tx, actor, grant).id)


def foresee_giving(tx: Connection, actor: Actor, grant: Grant) -> Literal["given", "asked"]:
    """What would come of `give_or_ask`, as things are; nothing is written. Raises as it."""
    try:
        grants.require_giving(tx, actor, grant)
        return "given"
    except Forbidden as refused:
        if not may_ask(tx, actor, grant):
            raise refused
    grants.require_possible(tx, actor, grant)
    service.require_asking(tx, actor, GRANT, _asking(tx, actor, grant))
    return "asked"


def renew_or_ask(
    tx: Connection, actor: Actor, grant_id: str, end: str, reason: str, basis: str = ""
) -> Given:
    """As `give_or_ask` for another term of a grant that stands. Raises as `renew_grant`."""
    try:
        renewed = grants.renew_grant(tx, actor, grant_id, end, reason, basis=basis)
        return Given(grant_id=renewed)
    except Forbidden as refused:
        old = grants.find_standing(tx, grant_id)
        if old is None or not may_ask(tx, actor, old):
            raise refused
    asking = ask_renewal(tx, actor, old, end, reason, basis)
    return Given(request_id=service.ask(tx, actor, GRANT, asking).id)


def ask_renewal(
    tx: Connection, actor: Actor, old: Grant, end: str, reason: str, basis: str = ""
) -> Asking:
    """What is asked for where another term of a grant is."""
    return _asking(tx, actor, replace(old, end=end, reason=reason, basis=basis), renews=old.id)


def may_ask(tx: Connection, actor: Actor, grant: Grant) -> bool:
    """Whether the actor may ask that it be given."""
    return decide(tx, actor, GrantPermission.ASK, object_of(grant)).allowed


def ask_for_grant(tx: Connection, actor: Actor, grant: Grant) -> Request:
    """Ask those who may give it: for oneself, or for somebody of one's places.

    Raises as `directory.authz.grants.add_grant` of what nobody could give, Forbidden, and as
    `directory.requests.service.ask`.
    """
    require(tx, actor, GrantPermission.ASK, object_of(grant))
    grants.require_possible(tx, actor, grant)
    return _ask(tx, actor, grant)


def _ask(tx: Connection, actor: Actor, grant: Grant, renews: str = "") -> Request:
    return service.ask(tx, actor, GRANT, _asking(tx, actor, grant, renews))


def _asking(tx: Connection, actor: Actor, grant: Grant, renews: str = "") -> Asking:
    terms = {name: value for name, value in asdict(grant).items() if name in _TERMS}
    return Asking(
        subject=holder_tag(grant.holder_kind, grant.holder_id),
        agency_id=_decided_in(tx, grant),
        reason=grant.reason,
        basis=grant.basis,
        payload=terms | {"renews": renews, "asker_may_give": _may_give(tx, actor, grant)},
        asked_for=_gainer(tx, grant),
    )


def about(payload: Mapping[str, Any]) -> OfGrant:
    """The grant that is asked for, as decisions see it."""
    return object_of(_grant(payload))


def describe(tx: Connection, payloads: Sequence[Mapping[str, Any]]) -> Sequence[Words]:
    """What giving it would do."""
    named = name_grants(tx, [_grant(payload) for payload in payloads])
    acts = [RENEW if payload.get("renews") else GIVE for payload in payloads]
    return [sentence_of(each, act) for each, act in zip(named, acts, strict=True)]


def carry_out(tx: Connection, approver: Actor, asked: Request) -> str:
    """Give it, if that can still be done and both may; gives the id of the request that waits for
    the second of two. Raises as `add_grant`, and Conflict(``grant.approver``) when whoever asked
    could give it then and cannot any more."""
    grant = replace(_grant(asked.payload), reason=asked.reason, basis=asked.basis)
    declared = find_role(tx, grant.application_id, grant.role)
    if declared is None or not declared.needs_approval:
        _carry_out(tx, approver, asked, grant, None)
        return ""
    asker = _actor(asked.asked_by)
    if not asked.payload.get("asker_may_give"):
        # Two who may give it must agree: the approver is the first of them.
        return _ask(tx, approver, grant, renews=asked.payload.get("renews", "")).id
    if not _may_give(tx, asker, grant):
        raise Conflict(GRANT_APPROVER)
    _carry_out(tx, asker, asked, grant, Approval(approver))
    return ""


def foresee(tx: Connection, approver: Actor, asked: Request) -> bool:
    """Whether a further person would decide; raises what `carry_out` would raise. Nothing is
    written."""
    grant = replace(_grant(asked.payload), reason=asked.reason, basis=asked.basis)
    declared = find_role(tx, grant.application_id, grant.role)
    if declared is None or not declared.needs_approval:
        _require(tx, approver, asked, grant, None)
        return False
    asker = _actor(asked.asked_by)
    if not asked.payload.get("asker_may_give"):
        asking = _asking(tx, approver, grant, asked.payload.get("renews", ""))
        service.require_asking(tx, approver, GRANT, asking)
        return True
    if not _may_give(tx, asker, grant):
        raise Conflict(GRANT_APPROVER)
    _require(tx, asker, asked, grant, Approval(approver))
    return False


def _require(
    tx: Connection, giver: Actor, asked: Request, grant: Grant, approval: Approval | None
) -> None:
    """As `_carry_out`, without doing it."""
    if renews := asked.payload.get("renews", ""):
        grants.require_renewal(
            tx, giver, renews, grant.end, grant.reason, basis=grant.basis, approval=approval
        )
        return
    grants.require_giving(tx, giver, grant, approval)


def _carry_out(
    tx: Connection, giver: Actor, asked: Request, grant: Grant, approval: Approval | None
) -> None:
    renews = asked.payload.get("renews", "")
    if not renews:
        grants.add_grant(tx, giver, grant, approval)
        return
    grants.renew_grant(
        tx, giver, renews, grant.end, grant.reason, basis=grant.basis, approval=approval
    )


def _actor(tag: str) -> Actor:
    kind, _, actor_id = tag.partition(":")
    return Actor(cast(ActorKind, kind), actor_id)


def _may_give(tx: Connection, actor: Actor, grant: Grant) -> bool:
    return decide(tx, actor, GrantPermission.WRITE, object_of(grant)).allowed


def _grant(payload: Mapping[str, Any]) -> Grant:
    known = {name: value for name, value in payload.items() if name in _TERMS}
    return Grant(**known, reason="")


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
