"""Declaring roles, granting and revoking them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any, get_args

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Select,
    delete,
    insert,
    or_,
    select,
    union_all,
    update,
)

from directory.actor import Actor
from directory.audit.kinds import Kind
from directory.audit.log import Event, client_tag, record, record_all
from directory.authz.applications import require_there
from directory.authz.code_lists import CodeList
from directory.authz.codes import require_valid
from directory.authz.conflicts import forget_conflicts, note_conflicts
from directory.authz.decisions import decide, find_position_row, holds_holder, require
from directory.authz.errors import (
    GRANT_ADMINISTERS_ONLY,
    GRANT_BEYOND,
    GRANT_DATES,
    GRANT_EXISTS,
    GRANT_NARROWED,
    GRANT_NEEDS_APPROVAL,
    GRANT_NEEDS_END,
    GRANT_OVER,
    GRANT_PRIVILEGED,
    GRANT_REASON,
    GRANT_TOO_LONG,
    GRANT_UNKNOWN,
    POSITION_CLOSED,
    POSITION_UNKNOWN,
    ROLE_DAYS,
    ROLE_DESCRIPTION,
    ROLE_EXCLUDES,
    ROLE_GIVEN_BY,
    ROLE_NAME,
    ROLE_RETIRED,
    ROLE_TITLE,
    ROLE_UNKNOWN,
)
from directory.authz.events import GRANT_ADDED, GRANT_ENDS, GRANT_REVOKED, ROLE_PUT
from directory.authz.exclusions import Holder
from directory.authz.grant import Grant as Grant
from directory.authz.grant import HolderKind as HolderKind
from directory.authz.grant import grant_from_row as grant_from_row
from directory.authz.grant import holder_tag as holder_tag
from directory.authz.grant import object_of as object_of
from directory.authz.objects import OfApplication
from directory.authz.permissions import (
    ADMIN_APPLICATION,
    ADMIN_ROLES,
    PROVINCE_OPERATOR,
    ApplicationPermission,
    GivenBy,
    GrantPermission,
    RolePermission,
    is_privileged,
)
from directory.authz.reached import tell
from directory.authz.roles import (
    ROLE_NAME_FORM,
    Role,
    find_role,
    is_given_everywhere,
    title_of,
)
from directory.authz.scopes import admin_roles, holds_place, scope_of_application
from directory.authz.standing import Standing, not_over
from directory.authz.tables import (
    role,
    role_exclusion,
    role_grant,
    settled_post,
)
from directory.catalogue.errors import AGENCY_UNKNOWN, PERSON_UNKNOWN, POST_UNKNOWN
from directory.clock import is_date, now_ms, today, written
from directory.database.advisory_lock import take_advisory_lock
from directory.database.without_index import without_index
from directory.errors import Conflict, Forbidden, Invalid, NotFound
from directory.errors.input import INPUT_DATE
from directory.ids import new_id
from directory.projection import queries
from directory.projection.apply import count_grants_up
from directory.projection.queries import HeldPost
from directory.text import clean

TITLE_CHARS = 200
DESCRIPTION_CHARS = 500
_MOST_DAYS = 3660  # ten years: longer than anybody is appointed for
# Of a role, what its event keeps beside the titles.
_TERMS = frozenset(
    ("by_field", "by_procedure", "default_days", "is_endless", "needs_approval", "excludes")
)


def put_role(tx: Connection, actor: Actor, declared: Role) -> bool:
    """Declare a role of an application, or change its titles and who gives it. False when it says
    so already: nothing is written.

    Raises Invalid, NotFound.
    """
    take_advisory_lock(tx, "application", declared.application_id)
    require(tx, actor, RolePermission.WRITE, OfApplication(declared.application_id))
    if not ROLE_NAME_FORM.fullmatch(declared.name):
        raise Invalid(ROLE_NAME, field="name", value=declared.name)
    require_there(tx, declared.application_id)
    before = find_role(tx, declared.application_id, declared.name)
    given_by = _checked_giver(declared, before.given_by if before else "")
    declared = replace(
        declared,
        given_by=given_by,
        title_vi=clean(declared.title_vi),
        title_en=clean(declared.title_en),
        description=clean(declared.description),
        excludes=tuple(sorted(declared.excludes)),
        needs_approval=declared.needs_approval or given_by == "operators",
    )
    declared = replace(declared, retired_at=before.retired_at if before else None)
    _check_role(tx, declared)
    if declared == before:
        return False
    _write_role(tx, declared, is_new=before is None)
    record(
        tx,
        ROLE_PUT,
        actor,
        subject=client_tag(declared.application_id),
        application=declared.application_id,
        role=declared.name,
        title=declared.title_vi,
        given_by=given_by,
        terms={name: value for name, value in asdict(declared).items() if name in _TERMS},
        needs_approval=declared.needs_approval,
    )
    return True


def _check_role(tx: Connection, declared: Role) -> None:
    for name in ("title_vi", "title_en"):
        title = getattr(declared, name)
        if len(title) > TITLE_CHARS or (name == "title_vi" and not title):
            raise Invalid(ROLE_TITLE, field=name, longest=TITLE_CHARS)
    if len(declared.description) > DESCRIPTION_CHARS:
        raise Invalid(ROLE_DESCRIPTION, field="description", longest=DESCRIPTION_CHARS)
    if not 1 <= declared.default_days <= _MOST_DAYS:
        raise Invalid(ROLE_DAYS, field="default_days", most=_MOST_DAYS)
    for other in declared.excludes:
        if other == declared.name or find_role(tx, declared.application_id, other) is None:
            raise Invalid(ROLE_EXCLUDES, field="excludes", value=other)


def _write_role(tx: Connection, declared: Role, *, is_new: bool) -> None:
    values = asdict(declared) | {"description": declared.description or None}
    values |= {name: values[name] or None for name in ("by_field", "by_procedure")}
    excluded = values.pop("excludes")
    if is_new:
        tx.execute(insert(role).values(values))
    else:
        key = (role.c.application_id == declared.application_id) & (role.c.name == declared.name)
        tx.execute(update(role).where(key).values(values))
    columns = role_exclusion.c
    either = or_(columns.role == declared.name, columns.excluded == declared.name)
    of_role = (columns.application_id == declared.application_id) & either
    tx.execute(delete(role_exclusion).where(of_role))
    forget_conflicts(tx, declared.application_id, declared.name)
    pairs = [
        pair for other in excluded for pair in ((declared.name, other), (other, declared.name))
    ]
    if pairs:
        rows = [
            {"application_id": declared.application_id, "role": one, "excluded": other}
            for one, other in pairs
        ]
        tx.execute(insert(role_exclusion), rows)


def _checked_giver(declared: Role, before: str) -> GivenBy:
    """Of our own roles the program says who gives them: that is what they allow."""
    is_ours = declared.application_id == ADMIN_APPLICATION and declared.name in ADMIN_ROLES
    fixed = ADMIN_ROLES[declared.name].given_by if is_ours else None
    wanted = fixed or declared.given_by or before or "agency"
    if wanted not in get_args(GivenBy) or (fixed and declared.given_by not in ("", fixed)):
        raise Invalid(ROLE_GIVEN_BY, field="given_by", value=declared.given_by)
    return wanted  # type: ignore[return-value]


_FIRST_HOLDERS = 2
FIRST_HOLDERS = "first holders"
"""The turn of whoever counts how many have a role."""


@dataclass(frozen=True)
class Approval:
    """That a second person agreed to a grant of somebody who may give it."""

    by: Actor


@dataclass(frozen=True)
class Change:
    """What is done with a grant: `ended` is taken back, `begun` is given; with both it is renewed.
    `may_conflict`: by what is renewed somebody may hold two roles that exclude each other."""

    ended: Grant | None = None
    begun: Grant | None = None
    may_conflict: bool = False

    @property
    def begun_id(self) -> str:
        """Of what is given."""
        return self.begun.id if self.begun else ""


def add_grant(
    tx: Connection,
    actor: Actor,
    grant: Grant,
    approval: Approval | None = None,
) -> str:
    """Give a role. Gives the grant's id.

    Raises Invalid, NotFound, Forbidden(``grant.needs_approval``), Conflict(``grant.exists``) when
    it is given already, Conflict(``grant.excluded``).
    """
    change = decide_giving(tx, actor, grant, Standing(tx), approval)
    write_changes(tx, actor, [change], grant.reason, approval)
    return change.begun_id


def require_giving(
    tx: Connection, actor: Actor, grant: Grant, approval: Approval | None = None
) -> None:
    """Everything that `add_grant` looks at before it gives; raises as it. Where `tx` only reads:
    whether it could be given, as things are."""
    decide_giving(tx, actor, grant, Standing(tx), approval)


def decide_giving(
    tx: Connection,
    actor: Actor,
    grant: Grant,
    standing: Standing,
    approval: Approval | None = None,
) -> Change:
    """What `add_grant` would write; raises as it. From now on the grant is part of `standing`."""
    if grant.holder_kind != "person":
        # One that is just being put on a position, or whose position is just being closed.
        take_advisory_lock(tx, grant.holder_kind, grant.holder_id)
    require(tx, actor, GrantPermission.WRITE, object_of(grant))
    declared = require_possible(tx, actor, grant, standing)
    _require_short(declared, grant)
    _require_end(tx, actor, declared, grant)
    _require_approval(tx, actor, declared, grant, approval, standing)
    standing.require_compatible(declared, grant)
    if grant.holder_kind == "post":
        _require_one_holder(tx, grant.holder_id)
    return _decided(Change(begun=replace(grant, id=grant.id or new_id())), standing)


def _decided(change: Change, standing: Standing) -> Change:
    if change.ended is not None:
        standing.end(change.ended)
    if change.begun is not None:
        standing.begin(change.begun)
    return change


def default_end(tx: Connection, application_id: str, role_name: str, start: str = "") -> str:
    """The last day of a grant where nothing else is said; empty for an unknown role."""
    declared = find_role(tx, application_id, role_name)
    if declared is None:
        return ""
    first = date.fromisoformat(start) if is_date(start) else today()
    return (first + timedelta(days=declared.usual_days)).isoformat()


def _require_short(declared: Role, grant: Grant) -> None:
    """Some roles of ours are given for a while only, by whoever gives them (`AdminRole`)."""
    if declared.most_days is None:
        return
    first = date.fromisoformat(grant.start) if grant.start else today()
    last = (first + timedelta(days=declared.most_days)).isoformat()
    if not grant.end or grant.end > last:
        raise Invalid(GRANT_TOO_LONG, field="end", days=declared.most_days)


def _require_end(tx: Connection, actor: Actor, declared: Role, grant: Grant) -> None:
    """Without end a role is given by operators of the province, or where it says so."""
    if grant.end or declared.is_endless or actor.kind in ("os", "system"):
        return
    operates_in = admin_roles(tx, actor).get(PROVINCE_OPERATOR, frozenset())
    if not operates_in:
        raise Invalid(GRANT_NEEDS_END, field="end")


def _require_approval(
    tx: Connection,
    actor: Actor,
    declared: Role,
    grant: Grant,
    approval: Approval | None,
    standing: Standing,
) -> None:
    """A second person who may give it themselves, and is not the first with another account."""
    if not declared.needs_approval:
        return
    if approval is None and actor.kind in ("os", "system") and _is_among_first(tx, grant, standing):
        return
    if approval is None or _is_same(tx, actor, approval.by):
        raise Forbidden(GRANT_NEEDS_APPROVAL, reason="needs_approval")
    require(tx, approval.by, GrantPermission.WRITE, object_of(grant))


def _is_among_first(tx: Connection, grant: Grant, standing: Standing) -> bool:
    """Whether a role of ours that two give has not two holders yet who could."""
    if not is_privileged(grant.application_id, grant.role):
        return False
    take_advisory_lock(tx, FIRST_HOLDERS, grant.role)
    return standing.count_other_holders(grant) < _FIRST_HOLDERS


def _is_same(tx: Connection, one: Actor, other: Actor) -> bool:
    if one.kind != other.kind:
        return False
    return one.id == other.id or (
        one.kind == "person" and other.id in queries.list_accounts_of(tx, one.id)
    )


def write_changes(
    tx: Connection,
    actor: Actor,
    changes: Sequence[Change],
    reason: str,
    approval: Approval | None = None,
) -> None:
    """Write what was decided: a few statements for all. `reason`: of what ends."""
    if not changes:
        return
    ended = [change.ended for change in changes if change.ended is not None]
    begun = [change.begun for change in changes if change.begun is not None]
    if begun and tx.dialect.name == "postgresql":  # in SQLite whoever writes waits anyway
        require_there(tx, *{each.application_id for each in begun})
    _settle_posts(tx, sorted({each.holder_id for each in begun if each.holder_kind == "post"}))
    if ended:
        its = role_grant.c.id.in_([each.id for each in ended])
        told = {"revoked_at": now_ms(), "revoked_by": actor.tag, "revoke_reason": reason or None}
        tx.execute(update(role_grant).where(its).values(told))
    approved_by = approval.by.tag if approval else ""
    if begun:
        tx.execute(insert(role_grant), [_row_of(each, actor, approved_by) for each in begun])
    holders = {each.holder for each in (*ended, *begun)}
    _count_up(tx, holders)
    events = []
    for change in changes:
        if change.ended is not None:
            events.append(_event(GRANT_REVOKED, change.ended, reason=reason))
        if change.begun is not None:
            events.append(_event_of_giving(change.begun, approved_by))
    record_all(tx, actor, events)
    if renewed := {each.begun.holder for each in changes if each.may_conflict and each.begun}:
        # Who held both before still does, by another grant.
        note_conflicts(tx, reached_by(renewed))


def _row_of(grant: Grant, actor: Actor, approved_by: str) -> dict[str, object]:
    return {
        "id": grant.id,
        "application_id": grant.application_id,
        "role": grant.role,
        "holder_kind": grant.holder_kind,
        "holder_id": grant.holder_id,
        "agency_id": grant.agency_id,
        "field": grant.field,
        "procedure": grant.procedure,
        "start_on": grant.start,
        "end_on": grant.end,
        "reason": grant.reason,
        "granted_by": actor.tag,
        "granted_at": now_ms(),
        "revoked_at": None,
        "basis": grant.basis or None,
        "approved_by": approved_by or None,
    }


def _event_of_giving(grant: Grant, approved_by: str) -> Event:
    return _event(
        GRANT_ADDED,
        grant,
        reason=grant.reason,
        holder=grant.holder_kind,
        scope=grant.agency_id,
        until=grant.end,
        basis=grant.basis,
        approved_by=approved_by,
    )


def _event(kind: Kind, grant: Grant, **fields: object) -> Event:
    which = {"grant": grant.id, "application": grant.application_id, "role": grant.role}
    return Event(kind, holder_tag(*grant.holder), grant.agency_id, {**which, **fields})


def revoke_grant(tx: Connection, actor: Actor, grant_id: str, reason: str) -> None:
    """Take a role back, at once. Raises NotFound when no such grant stands."""
    change = decide_revoking(tx, actor, grant_id, reason, Standing(tx))
    write_changes(tx, actor, [change], reason)


def decide_revoking(
    tx: Connection, actor: Actor, grant_id: str, reason: str, standing: Standing
) -> Change:
    """What `revoke_grant` would write; raises as it. From now on the grant is no part of
    `standing`."""
    old = _require_taken(standing, grant_id)
    require(tx, actor, GrantPermission.WRITE, object_of(old))
    if not reason.strip():
        raise Invalid(GRANT_REASON, field="reason")
    return _decided(Change(ended=old), standing)


def renew_grant(
    tx: Connection,
    actor: Actor,
    grant_id: str,
    end: str,
    reason: str,
    *,
    basis: str = "",
    approval: Approval | None = None,
) -> str:
    """Give a role for longer, or shorter: the old grant ends and one of the same terms begins.

    `basis`: empty: the same. Gives the new grant's id. Raises as `add_grant` and `revoke_grant`.
    """
    wanted = Renewed(grant_id, end, reason, basis)
    change = decide_renewing(tx, actor, wanted, Standing(tx), approval)
    write_changes(tx, actor, [change], reason, approval)
    return change.begun_id


def require_renewal(
    tx: Connection,
    actor: Actor,
    grant_id: str,
    end: str,
    reason: str,
    *,
    basis: str = "",
    approval: Approval | None = None,
) -> None:
    """Everything that `renew_grant` looks at before it renews, as `require_giving`."""
    wanted = Renewed(grant_id, end, reason, basis)
    decide_renewing(tx, actor, wanted, Standing(tx), approval)


@dataclass(frozen=True)
class Renewed:
    """The terms of `renew_grant`."""

    grant_id: str
    end: str
    reason: str
    basis: str = ""


def decide_renewing(
    tx: Connection,
    actor: Actor,
    wanted: Renewed,
    standing: Standing,
    approval: Approval | None = None,
) -> Change:
    """What `renew_grant` would write; raises as it. From now on the one is no part of `standing`,
    and the other is."""
    old = _require_taken(standing, wanted.grant_id)
    start = old.start if old.start > today().isoformat() else ""
    renewed = replace(
        old,
        id="",
        start=start,
        end=wanted.end,
        reason=wanted.reason,
        basis=wanted.basis or old.basis,
    )
    require(tx, actor, GrantPermission.WRITE, object_of(renewed))
    declared = _declared_role(tx, renewed)
    _check_terms(renewed)
    _require_short(declared, renewed)
    if is_longer(renewed.end, old.end):
        # For a shorter time nothing is given that was not given before.
        require_in_use(declared)
        if not _is_there(tx, renewed):
            raise Invalid(GRANT_BEYOND, field="agency")
        _require_end(tx, actor, declared, renewed)
        _require_approval(tx, actor, declared, renewed, approval, standing)
        standing.require_compatible(declared, renewed, instead_of=old.id)
    its = Change(old, replace(renewed, id=new_id()), may_conflict=bool(declared.excludes))
    return _decided(its, standing)


def _require_taken(standing: Standing, grant_id: str) -> Grant:
    """The grant, which nobody else ends until the transaction does. Raises NotFound."""
    found = standing.take(grant_id)
    if found is None:
        raise NotFound(GRANT_UNKNOWN, value=grant_id)
    return found


def is_longer(end: str, than: str) -> bool:
    """Whether a last day lies after another; without one it goes on for ever."""
    return bool(than) and (not end or end > than)


def find_standing(tx: Connection, grant_id: str) -> Grant | None:
    """A grant that was not revoked."""
    columns = role_grant.c
    query = select(role_grant).where(columns.id == grant_id, columns.revoked_at.is_(None))
    row = tx.execute(query).first()
    return None if row is None else grant_from_row(row)


def _declared_role(tx: Connection, grant: Grant) -> Role:
    declared = find_role(tx, grant.application_id, grant.role)
    if declared is None:
        raise _unknown_role(grant)
    return declared


def require_in_use(declared: Role) -> None:
    """Raise Conflict(``role.retired``) for one that is not given any more."""
    if declared.retired_at is not None:
        raise Conflict(ROLE_RETIRED, role=declared.title_vi)


def _unknown_role(grant: Grant) -> NotFound:
    return NotFound(ROLE_UNKNOWN, value=f"{grant.application_id}:{grant.role}")


def _is_there(tx: Connection, grant: Grant) -> bool:
    """Whether its application is in the place it is for, and where its holder is."""
    if is_given_everywhere(tx, grant.application_id, grant.role):
        return True
    where = scope_of_application(tx, grant.application_id)
    return where.everywhere or (
        holds_place(tx, where, grant.agency_id) and holds_holder(tx, where, object_of(grant))
    )


def end_grant(
    tx: Connection,
    actor: Actor,
    grant: Grant,
    reason: str,
    last_day: str = "",
) -> None:
    """End a standing grant, whoever may: decided elsewhere. `last_day`: until when it holds still;
    empty: at once."""
    is_over = not last_day or last_day < today().isoformat()
    ended: dict[str, object] = {"end_on": last_day}
    if is_over:
        ended = {"revoked_at": now_ms(), "revoked_by": actor.tag, "revoke_reason": reason or None}
    tx.execute(update(role_grant).where(role_grant.c.id == grant.id).values(ended))
    _count_up(tx, {grant.holder})
    if is_over:
        record_all(tx, actor, [_event(GRANT_REVOKED, grant, reason=reason)])
    else:
        record_all(tx, actor, [_event(GRANT_ENDS, grant, reason=reason, until=last_day)])


def list_grants(
    tx: Connection, *, application_id: str = "", holder_id: str = ""
) -> Sequence[Grant]:
    """Grants that were not revoked, of one application or holder or of all."""
    columns = role_grant.c
    is_few = application_id or holder_id
    stands = without_index(columns.revoked_at).is_(None) if is_few else columns.revoked_at.is_(None)
    query = select(role_grant).where(stands)
    if application_id:
        query = query.where(columns.application_id == application_id)
    if holder_id:
        # Of whichever kind: the index begins with it.
        kinds = get_args(HolderKind)
        query = query.where(columns.holder_kind.in_(kinds), columns.holder_id == holder_id)
    rows = tx.execute(query.order_by(columns.application_id, columns.role, columns.id))
    return [grant_from_row(row) for row in rows]


def list_revoked_ids(tx: Connection) -> Sequence[str]:
    """The ids of grants that were revoked."""
    columns = role_grant.c
    return tx.execute(select(columns.id).where(columns.revoked_at.is_not(None))).scalars().all()


def list_standing(tx: Connection, kind: HolderKind, holder_id: str) -> Sequence[Grant]:
    """The grants to a holder that hold today, or will."""
    columns = role_grant.c
    rows = tx.execute(
        not_over(select(role_grant)).where(
            columns.holder_kind == kind, columns.holder_id == holder_id
        )
    )
    return [grant_from_row(row) for row in rows]


def require_possible(
    tx: Connection, actor: Actor, grant: Grant, standing: Standing | None = None
) -> Role:
    """The role, after raising what `add_grant` raises of a grant that nobody could give. To whoever
    may not know of its application there is no such role."""
    declared = _declared_role(tx, grant)
    is_there = _is_there(tx, grant)
    about = OfApplication(grant.application_id)
    if not is_there and not decide(tx, actor, ApplicationPermission.READ, about).allowed:
        raise _unknown_role(grant)
    require_in_use(declared)
    if queries.agency(tx, grant.agency_id) is None:
        raise NotFound(AGENCY_UNKNOWN)
    _check_terms(grant)
    _check_narrowing(tx, declared, grant)
    _check_account(tx, declared, grant)
    if grant.holder_kind == "position":
        _require_open(tx, grant.holder_id)
    if not is_there:
        raise Invalid(GRANT_BEYOND, field="agency")
    if found := (standing or Standing(tx)).find_same(grant):
        raise Conflict(GRANT_EXISTS, grant=found.id)
    return declared


def find_same(tx: Connection, grant: Grant) -> Grant | None:
    """The standing grant of the same role to the same holder for the same place, None without."""
    return Standing(tx).find_same(grant)


def _check_account(tx: Connection, declared: Role, grant: Grant) -> None:
    """What reaches the whole province is held by administration accounts, and by nobody else; they
    hold nothing else than roles of ours."""
    is_account = False
    if grant.holder_kind == "person":
        placed = queries.placed_person(tx, grant.holder_id)
        if placed is None:
            raise NotFound(PERSON_UNKNOWN)
        is_account = placed.person.administrator_of != ""
    require_account(declared, is_account=is_account)


def require_account(declared: Role, *, is_account: bool) -> None:
    """Raise Invalid where the role is not for an account of this kind."""
    if is_privileged(declared.application_id, declared.name) and not is_account:
        raise Invalid(GRANT_PRIVILEGED, field="holder", role=title_of(declared))
    if is_account and declared.application_id != ADMIN_APPLICATION:
        raise Invalid(GRANT_ADMINISTERS_ONLY, field="holder")


def _require_open(tx: Connection, position_id: str) -> None:
    found = find_position_row(tx, position_id)
    if found is None:
        raise NotFound(POSITION_UNKNOWN, value=position_id)
    if found.closed_at is not None:
        raise Conflict(POSITION_CLOSED, name=found.name)


def _check_terms(grant: Grant) -> None:
    """What a grant says of itself, whoever it is for."""
    if not grant.reason.strip():
        raise Invalid(GRANT_REASON, field="reason")
    for name, value in (("start", grant.start), ("end", grant.end)):
        if value and not is_date(value):
            raise Invalid(INPUT_DATE, field=name, value=value)
    if grant.start and grant.end and grant.end < grant.start:
        raise Invalid(GRANT_DATES, field="end")
    if grant.end and grant.end < today().isoformat() and not grant.start:
        # With a first day it is a record of what was; without one, a slip.
        told = written(grant.end)
        raise Invalid(GRANT_OVER, field="end", value=told)


def _check_narrowing(tx: Connection, declared: Role, grant: Grant) -> None:
    """What the role is narrowed to is a code that is valid, where the role says so."""
    on = max(grant.start, today().isoformat())
    dimensions: tuple[tuple[CodeList, str, str], ...] = (
        ("field", grant.field, declared.by_field),
        ("procedure", grant.procedure, declared.by_procedure),
    )
    for code_list, code, narrowing in dimensions:
        if not code and narrowing == "must":
            raise Invalid(GRANT_NARROWED, field=code_list, reason="must")
        if code and not narrowing:
            raise Invalid(GRANT_NARROWED, field=code_list)
        if code:
            require_valid(tx, code_list, code, on)


def _settle_posts(tx: Connection, posts: Sequence[str]) -> None:
    """A right that hangs on a post holds for whose it is now, and as long as it lasts now."""
    if not posts:
        return
    known = select(settled_post.c.post_id).where(settled_post.c.post_id.in_(posts))
    settled = {*tx.execute(known).scalars()}
    held = [_require_one_holder(tx, each) for each in posts if each not in settled]
    rows = [
        {
            "person_id": each.person_id,
            "post_id": each.id,
            "start_on": each.start_on,
            "end_on": each.end_on,
        }
        for each in held
    ]
    if rows:
        tx.execute(insert(settled_post), rows)


def _require_one_holder(tx: Connection, post_id: str) -> HeldPost:
    found = queries.list_posts_with_id(tx, post_id)
    if len(found) != 1:
        # Nobody's, or copied by hand to somebody else: no one can say whose it is.
        raise NotFound(POST_UNKNOWN, value=post_id)
    return found[0]


def _count_up(tx: Connection, holders: Collection[Holder]) -> None:
    """Cached claims of everyone the grants reach are old now, and whoever keeps applications in
    step is told."""
    people = {holder_id for kind, holder_id in holders if kind == "person"}
    others = [each for each in holders if each[0] != "person"]
    count_grants_up(tx, reached_by(holders))
    tell(tx, people | {*(tx.execute(reached_by(others)).scalars() if others else ())})


def reached_by(holders: Collection[Holder]) -> CompoundSelect[Any]:
    """The people whom grants to these holders reach, or will, as a subquery."""
    ids: dict[str, list[str]] = {}
    for kind, holder_id in sorted(holders):
        ids.setdefault(kind, []).append(holder_id)
    settled = settled_post.c
    ways: list[Select[Any]] = []
    if people := ids.get("person"):
        ways.append(queries.these_people(people))
    for kind, column in (("post", settled.post_id), ("position", settled.position_id)):
        if kind in ids:
            ways.append(select(settled.person_id).where(column.in_(ids[kind])))
    return union_all(*ways)
