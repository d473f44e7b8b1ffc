"""Who holds two roles that exclude each other.

To look at everybody takes seconds in a large province. So it is kept who was found: a job looks
again and again, role by role, and what brings two roles together notes it in its own transaction.
What is kept says where to look, never what is true: each is looked at when it is told, and two
roles that nobody looked at yet are looked at then.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import asdict, astuple, dataclass, fields
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Row,
    Select,
    SelectBase,
    and_,
    delete,
    exists,
    literal,
    or_,
    select,
    union_all,
    update,
)

from directory.authz.exclusions import goes_on, holdings, of_roles, overlap, stands
from directory.authz.scopes import EVERYWHERE, Scope, places_within
from directory.authz.tables import role_conflict, role_exclusion, role_grant, settled_post
from directory.clock import MINUTE, SKEW_MS, now_ms
from directory.database.engine import lift_statement_limit
from directory.database.upsert import upsert
from directory.installation import Installation

_AGAIN_MS = 15 * MINUTE  # what nobody noted is found within so long
_TURN_S = 20


@dataclass(frozen=True)
class Conflicting:
    """Somebody who holds, or will hold, two roles that exclude each other, and by which grants."""

    person_id: str
    application_id: str
    role: str
    grant_id: str
    excluded: str
    other_grant_id: str


_NAMES = tuple(each.name for each in fields(Conflicting))


def list_conflicts(
    tx: Connection, scope: Scope, application_id: str = "", *, most: int | None = None
) -> Sequence[Conflicting]:
    """Who holds, or will, two roles that exclude each other, by a grant in the scope; some of them
    where there are more than `most`."""
    if scope.is_empty:
        return []
    columns = role_exclusion.c
    pairs = select(role_exclusion).where(columns.role < columns.excluded)
    if application_id:
        pairs = pairs.where(columns.application_id == application_id)
    pairs = pairs.where(columns.looked_at.is_(None)).order_by(*role_exclusion.primary_key)
    found = {Conflicting(*row) for row in tx.execute(_kept(scope, application_id).limit(most))}
    for pair in tx.execute(pairs).all():
        if most is not None and len(found) >= most:
            break
        found |= {Conflicting(*row) for row in tx.execute(_of_pair(pair, scope).limit(most))}
    ordered = sorted(found, key=lambda each: (each.application_id, each.role, astuple(each)))
    return ordered[:most]


def note_conflicts(tx: Connection, people: Collection[str] | SelectBase) -> None:
    """Keep what brings two roles together for these people, in the transaction of its cause."""
    held = _holdings_of(people).cte("held")
    one, other, pair = held.alias("one"), held.alias("other"), role_exclusion.c
    found = (
        select(
            one.c.person_id, pair.application_id, pair.role, one.c.id,
            pair.excluded, other.c.id.label("other_id"),
        )
        .select_from(one)
        .join(other, other.c.person_id == one.c.person_id)
        .join(
            role_exclusion,
            and_(
                pair.application_id == one.c.application_id,
                pair.application_id == other.c.application_id,
                pair.role == one.c.role,
                pair.excluded == other.c.role,
            ),
        )
        .where(pair.role < pair.excluded, overlap(one.c, other.c))
        .distinct()
    )  # fmt: skip
    tx.execute(upsert(tx, role_conflict).from_select(_NAMES, found).on_conflict_do_nothing())


def forget_conflicts(tx: Connection, application_id: str, role: str) -> None:
    """What a role excludes is declared anew."""
    kept = role_conflict.c
    either = or_(kept.role == role, kept.excluded == role)
    tx.execute(delete(role_conflict).where(kept.application_id == application_id, either))


def _holdings_of(people: Collection[str] | SelectBase) -> CompoundSelect[Any]:
    """As `holdings`, of these people: found by them, not by the role."""
    grant, settled = role_grant.c, settled_post.c
    told = (grant.id, grant.application_id, grant.role, grant.start_on, grant.end_on)

    def ways(kind: str, column: ColumnElement[Any]) -> Select[Any]:
        query = select(settled.person_id, literal(kind).label("kind"), column.label("holder_id"))
        return query.where(settled.person_id.in_(people), goes_on())

    # The kind is a column, not a constant: else SQLite would begin with all grants of the kind.
    through = union_all(ways("post", settled.post_id), ways("position", settled.position_id))
    way = through.cte("way").c
    own = select(*told, grant.holder_id.label("person_id")).where(
        grant.holder_kind == "person", grant.holder_id.in_(people), stands(grant)
    )
    others = (
        select(*told, way.person_id)
        .join(role_grant, and_(grant.holder_kind == way.kind, grant.holder_id == way.holder_id))
        .where(stands(grant))
    )
    return union_all(own, others)


def look_again(installation: Installation) -> None:
    """Look at the pairs of roles that nobody looked at yet, then at those of long ago."""
    end = time.monotonic() + _TURN_S
    columns, now = role_exclusion.c, now_ms()
    due = select(role_exclusion).where(
        columns.role < columns.excluded,
        # What was looked at tomorrow was looked at by a clock that was wrong.
        or_(
            columns.looked_at.is_(None),
            ~columns.looked_at.between(now - _AGAIN_MS + 1, now + SKEW_MS),
        ),
    )
    with installation.database.read() as tx:
        pairs = tx.execute(due.order_by(columns.looked_at.is_not(None), columns.looked_at)).all()
    for pair in pairs:
        installation.database.retrying(partial(_look_at, pair))
        if time.monotonic() >= end:
            return


def _look_at(pair: Row[Any], tx: Connection) -> None:
    lift_statement_limit(tx)
    kept, columns = role_conflict.c, role_exclusion.c
    its = and_(
        kept.application_id == pair.application_id,
        kept.role == pair.role,
        kept.excluded == pair.excluded,
    )
    # What is noted meanwhile stays: only what was there before is looked for.
    there = {Conflicting(*row) for row in tx.execute(select(*(kept[n] for n in _NAMES)).where(its))}
    found = {Conflicting(*row) for row in tx.execute(_of_pair(pair, EVERYWHERE))}
    for gone in there - found:
        key = (kept.grant_id == gone.grant_id) & (kept.other_grant_id == gone.other_grant_id)
        tx.execute(delete(role_conflict).where(key, kept.person_id == gone.person_id))
    if new := found - there:
        rows = [asdict(each) for each in new]
        tx.execute(upsert(tx, role_conflict).on_conflict_do_nothing(), rows)
    looked_at = (
        update(role_exclusion)
        .where(
            columns.application_id == pair.application_id,
            columns.role == pair.role,
            columns.excluded == pair.excluded,
        )
        .values(looked_at=now_ms())
    )
    tx.execute(looked_at)


def _of_pair(pair: Row[Any], scope: Scope) -> Select[Any]:
    """All of two roles, found by looking at everybody who holds one."""
    one = holdings(*of_roles(pair.application_id, (pair.role,))).subquery("one")
    other = holdings(*of_roles(pair.application_id, (pair.excluded,))).subquery("other")
    query = (
        select(
            one.c.person_id,
            literal(pair.application_id),
            literal(pair.role),
            one.c.id,
            literal(pair.excluded),
            other.c.id,
        )
        .join(other, other.c.person_id == one.c.person_id)
        .where(overlap(one.c, other.c))
        .distinct()
        .order_by(one.c.person_id, one.c.id, other.c.id)
    )
    if (places := places_within(scope)) is not None:
        query = query.where(or_(one.c.agency_id.in_(places), other.c.agency_id.in_(places)))
    return query


def _kept(scope: Scope, application_id: str) -> Select[Any]:
    """Of those that are kept, those that are so now."""
    kept, pair = role_conflict.c, role_exclusion.c
    one, other = role_grant.alias("one"), role_grant.alias("other")
    query = (
        select(*(kept[name] for name in _NAMES))
        .join(
            role_exclusion,
            and_(
                pair.application_id == kept.application_id,
                pair.role == kept.role,
                pair.excluded == kept.excluded,
            ),
        )
        .join(one, one.c.id == kept.grant_id)
        .join(other, other.c.id == kept.other_grant_id)
        .where(stands(one.c), stands(other.c), overlap(one.c, other.c))
        .where(_is_held(one.c), _is_held(other.c))
        .order_by(kept.application_id, kept.role, kept.excluded, kept.person_id)
        .order_by(kept.grant_id, kept.other_grant_id)
    )
    if application_id:
        query = query.where(kept.application_id == application_id)
    if (places := places_within(scope)) is not None:
        query = query.where(or_(one.c.agency_id.in_(places), other.c.agency_id.in_(places)))
    return query


def _is_held(grant: Any) -> ColumnElement[bool]:
    """Whether a grant stands for the person of a row that is kept."""
    kept, settled = role_conflict.c, settled_post.c
    through = (
        exists()
        .where(
            settled.person_id == kept.person_id,
            goes_on(),
            or_(
                and_(grant.holder_kind == "post", settled.post_id == grant.holder_id),
                and_(grant.holder_kind == "position", settled.position_id == grant.holder_id),
            ),
        )
        .correlate_except(settled_post)
    )
    own = and_(grant.holder_kind == "person", grant.holder_id == kept.person_id)
    return or_(own, through)
