"""Roles that end, told by message: to whoever holds one 30 and 7 days before, and once a week to
whoever may renew it.

What somebody was told is a row, so that nobody is told twice, and nothing is forgotten while the
worker or the mail server is away.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    and_,
    delete,
    exists,
    or_,
    select,
    union_all,
)

from directory.access.messages import ROLES_ENDING, ROLES_TO_RENEW
from directory.access.tables import grant_reminder
from directory.actor import Actor
from directory.audit.kinds import Pair
from directory.authz.decisions import decide
from directory.authz.entrants import list_holders
from directory.authz.grants import Grant, grant_from_row, object_of
from directory.authz.naming import NamedGrant, name_grants
from directory.authz.permissions import ADMIN_APPLICATION, GrantPermission
from directory.authz.scopes import Scope, places_within, scope_of
from directory.authz.tables import role, role_grant, settled_post
from directory.clock import DAY, SKEW_MS, day_begins, now_ms, today, written
from directory.database.upsert import upsert
from directory.installation import Installation
from directory.messages import digests
from directory.messages.digests import Turn
from directory.messages.sending import send
from directory.projection import queries
from directory.text import clean

STAGES = (7, 30)  # days before the end, the nearest first
_DIGEST = "roles to renew"
_MOST_A_RUN = 200
_MOST_SHOWN = 20
_MOST_LOOKED_AT = 300
# Roles end after that at the latest, once somebody was told.
_KEPT_MS = (STAGES[-1] + 7) * DAY


def remind(installation: Installation) -> None:
    """The worker's job."""
    if installation.settings.tells_people and digests.is_time():
        remind_holders(installation)
        remind_givers(installation)


def remind_holders(installation: Installation) -> None:
    """Tell people of those of their own roles that end, all in one message."""
    for number, days in enumerate(STAGES):
        nearer = STAGES[number - 1] + 1 if number else 0
        with installation.database.read() as tx:
            untold = _untold(nearer, days).subquery()
            query = select(untold.c.person_id).distinct().order_by(untold.c.person_id)
            people = list(tx.execute(query.limit(_MOST_A_RUN)).scalars())
        for person_id in people:
            with installation.database.write() as tx:
                _remind_holder(tx, installation, person_id, nearer, days)


def remind_givers(installation: Installation) -> None:
    """Tell administrators what ends within 30 days and is theirs to renew, once a week."""
    with installation.database.read() as tx:
        people = list_holders(tx, ADMIN_APPLICATION)

    def tell(tx: Connection, turn: Turn) -> bool:
        return _remind_giver(tx, installation, turn.person_id)

    digests.go_round(installation, _DIGEST, people, digests.week_began(), tell)


def forget_old(tx: Connection) -> None:
    """Of roles that have ended since."""
    tx.execute(delete(grant_reminder).where(grant_reminder.c.told_at <= now_ms() - _KEPT_MS))


def _untold(nearer: int, days: int) -> Select[Any]:
    """Who holds what ends in `nearer` to `days` days, and was not told so."""
    grant, settled, told = role_grant.c, settled_post.c, grant_reminder.c
    first, last = (_day(each) for each in (nearer, days))
    ending = and_(grant.revoked_at.is_(None), grant.end_on.between(first, last))
    columns = (grant.id, grant.end_on, grant.granted_at)

    def through(kind: str, column: Any) -> Select[Any]:
        return (
            select(settled.person_id.label("person_id"), *columns)
            .join(settled_post, column == grant.holder_id)
            .where(
                ending,
                grant.holder_kind == kind,
                settled.intent_id.is_(None),
                or_(settled.end_on == "", settled.end_on >= _day(0)),
            )
        )

    held = union_all(
        select(grant.holder_id.label("person_id"), *columns).where(
            ending, grant.holder_kind == "person"
        ),
        through("post", settled.post_id),
        through("position", settled.position_id),
    ).subquery()
    was_told = exists().where(
        told.grant_id == held.c.id,
        told.person_id == held.c.person_id,
        told.days <= days,
        # Later than now: a clock that was wrong told it.
        told.told_at <= now_ms() + SKEW_MS,
    )
    return select(held).where(~was_told)


def _remind_holder(
    tx: Connection, installation: Installation, person_id: str, nearer: int, days: int
) -> None:
    untold = _untold(nearer, days).subquery()
    rows = tx.execute(select(untold).where(untold.c.person_id == person_id)).all()
    fresh = {row.id for row in rows if _note(tx, row.id, person_id, days)}
    # Whoever was given it a short while ago knows how long it holds.
    wanted = {row.id for row in rows if row.id in fresh and _was_long_given(row, days)}
    person = queries.person(tx, person_id)
    if not wanted or person is None or person.status != "active":
        return
    found = tx.execute(select(role_grant).where(role_grant.c.id.in_(wanted)).order_by("end_on"))
    named = name_grants(tx, [grant_from_row(row) for row in found])
    send(
        tx,
        installation,
        ROLES_ENDING,
        person_id,
        count=str(len(named)),
        roles=_lines([_role_line(each, is_own=True) for each in named], len(named)),
    )


def _note(tx: Connection, grant_id: str, person_id: str, days: int) -> bool:
    """Take note that the person is told; true to the first alone."""
    now = now_ms()
    noted = (
        upsert(tx, grant_reminder)
        .values(grant_id=grant_id, person_id=person_id, days=days, told_at=now)
        .on_conflict_do_update(
            index_elements=list(grant_reminder.primary_key),
            set_={"told_at": now},
            where=grant_reminder.c.told_at > now + SKEW_MS,
        )
        .returning(grant_reminder.c.days)
    )
    return tx.execute(noted).first() is not None


def _was_long_given(row: Any, days: int) -> bool:
    return bool(row.granted_at < day_begins(date.fromisoformat(row.end_on)) - days * DAY)


def _remind_giver(tx: Connection, installation: Installation, person_id: str) -> bool:
    actor = Actor("person", person_id)
    scope = scope_of(tx, actor, GrantPermission.WRITE)
    person = queries.person(tx, person_id)
    if scope.is_empty or person is None or person.status != "active":
        return False
    found = [each for each in _list_ending(tx, scope) if _may_renew(tx, actor, each)]
    if not found:
        return False
    named = name_grants(tx, found[:_MOST_SHOWN])
    sent = send(
        tx,
        installation,
        ROLES_TO_RENEW,
        person_id,
        count=str(len(found)),
        roles=_lines([_role_line(each, is_own=False) for each in named], len(found)),
    )
    return sent > 0


def _list_ending(tx: Connection, scope: Scope) -> Sequence[Grant]:
    """What ends in the scope, the soonest first; in the whole province only what nobody below gives
    there."""
    grant, declared = role_grant.c, role.c
    query = (
        select(role_grant)
        .join(
            role, and_(declared.application_id == grant.application_id, declared.name == grant.role)
        )
        .where(grant.revoked_at.is_(None), grant.end_on.between(_day(0), _day(STAGES[-1])))
        .order_by(grant.end_on, grant.id)
        .limit(_MOST_LOOKED_AT)
    )
    places = places_within(scope)
    if places is None:
        query = query.where(declared.given_by.in_(("province", "operators")))
    else:
        query = query.where(grant.agency_id.in_(places))
    return [grant_from_row(row) for row in tx.execute(query)]


def _may_renew(tx: Connection, actor: Actor, grant: Grant) -> bool:
    return decide(tx, actor, GrantPermission.WRITE, object_of(grant)).allowed


def _role_line(named: NamedGrant, *, is_own: bool) -> Pair:
    day = written(named.grant.end)
    application, place = clean(named.application), clean(named.place)
    vi, en = clean(named.role.vi), clean(named.role.en)
    if is_own:
        return (
            f"“{vi}” của {application} tại {place}: đến hết ngày {day}",
            f"“{en}” of {application} in {place}: until {day}",
        )
    holder = clean(named.holder)
    return (
        f"“{vi}” của {application}, {holder}, {place}: đến hết ngày {day}",
        f"“{en}” of {application}, {holder}, {place}: until {day}",
    )


def _lines(lines: Sequence[Pair], count: int) -> Pair:
    vi, en = ("\n".join(f"  - {line[number]}" for line in lines) for number in (0, 1))
    if more := count - len(lines):
        return (f"{vi}\n  và {more} vai trò khác", f"{en}\n  and {more} more")
    return (vi, en)


def _day(days: int) -> str:
    return (today() + timedelta(days=days)).isoformat()
