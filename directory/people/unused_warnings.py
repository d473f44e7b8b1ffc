"""Accounts that nobody uses: their people are warned twice, then the account is suspended.

Warnings are rows. Only what was told since the account was last used counts, and each step waits
for five days after the one before it: a clock that jumps, an upgrade or an outage suspends nobody
at once.
Whoever is reached by no mail and no telephone was not warned, so is not suspended: the weekly list
names them.
Whoever holds a role of administration is never suspended by this, so that no agency loses its last
administrator and no break-glass account is shut when it is needed.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, exists, func, or_, select

from directory.actor import Actor, system
from directory.audit.kinds import Pair
from directory.authz.entrants import list_holders
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.scopes import Scope, bound_by, is_at_home, scope_of
from directory.clock import DAY, SKEW_MS, day_begins, day_of, now_ms, today, written
from directory.database.counting import Count, count_of
from directory.database.upsert import upsert
from directory.errors import AppError, Conflict
from directory.installation import Installation
from directory.messages import digests
from directory.messages.digests import Turn
from directory.messages.sending import send
from directory.people.absences import was_away
from directory.people.errors import PERSON_UNUSED_MORE
from directory.people.messages import ACCOUNT_UNUSED, ACCOUNTS_UNUSED
from directory.people.permissions import PeoplePermission
from directory.people.service import resume, suspend
from directory.people.tables import unused_warning
from directory.projection import queries
from directory.projection.tables import catalogue_person, person_state
from directory.text import clean

FIRST, SECOND = 1, 2
# In the place of a warning: there was no way to give one.
UNREACHED = 0
# Days before the suspension at which people are warned; and between a step and the next, at least.
BEFORE: Mapping[int, int] = {FIRST: 15, SECOND: 5}
BETWEEN_MS = 5 * DAY
MOST_AT_ONCE = 50
_FEW_AT_ONCE = 5  # of a small agency these may be more than a twentieth
_MOST_A_RUN = 200
_MOST_SHOWN = 20
_DIGEST = "unused accounts"
_KEPT_MS = 90 * DAY
_STANDING = ("active", "pending")
_JOB = system("unused")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Idle:
    """Whose account is not used, and since when (ms)."""

    person_id: str
    since: int


@dataclass(frozen=True)
class UnusedLine:
    """One account as operators see it. `warnings`: how many were told since (ms) it was last used;
    `is_spared`: never suspended by this, because it administers; `is_unreached`: nor this one yet,
    because no warning could be sent."""

    person_id: str
    username: str
    full_name: str
    since: int
    warnings: int
    is_due: bool
    is_spared: bool
    is_unreached: bool


@dataclass(frozen=True)
class Told:
    """Who was warned, and how often, since (ms) the account was last used; 0: nothing reached
    them."""

    person_id: str
    username: str
    full_name: str
    since: int
    warnings: int


def look_after(installation: Installation) -> None:
    """The worker's job. Without a mail server or a gateway nobody can be warned, so nobody is
    suspended."""
    settings = installation.settings
    if not settings.unused_days or not settings.tells_people or not digests.is_time():
        return
    for stage in (SECOND, FIRST):  # so that one run tells nobody twice
        with installation.database.read() as tx:
            idle = _list_untold(tx, settings.unused_days, stage)
        for each in idle[:_MOST_A_RUN]:
            with installation.database.write() as tx:
                _warn(tx, installation, each, stage)
    suspend_due(installation)
    tell_administrators(installation)


def tell_administrators(installation: Installation) -> None:
    """Tell those who may suspend them, once a week, whose accounts were warned."""
    with installation.database.read() as tx:
        people = list_holders(tx, ADMIN_APPLICATION)

    def tell(tx: Connection, turn: Turn) -> bool:
        return _tell_administrator(tx, installation, turn.person_id)

    digests.go_round(installation, _DIGEST, people, digests.week_began(), tell)


def suspend_due(installation: Installation) -> None:
    """Suspend whoever was warned twice; nobody where they are too many for that to be right."""
    with installation.database.read() as tx:
        due = list_due(tx, installation.settings.unused_days)
        most = most_at_once(tx)
    if len(due) > most:
        _log.warning("too many unused accounts at once", extra={"due": len(due), "most": most})
        return
    for each in due:
        _suspend(installation, each)


def suspend_confirmed(installation: Installation, actor: Actor, most: int) -> int:
    """Somebody has looked: suspend whoever is due, if they are no more than `most`; gives how
    many were. Raises Conflict where they are more."""
    with installation.database.read() as tx:
        due = list_due(tx, installation.settings.unused_days)
    if len(due) > most:
        raise Conflict(PERSON_UNUSED_MORE, due=len(due))
    return sum(_suspend(installation, each, actor) for each in due)


def list_lines(tx: Connection, days: int) -> Sequence[UnusedLine]:
    """Who was away for long enough to be warned, the longest first, with who is spared."""
    if not days:
        return ()
    idle = tx.execute(_unused(max(days - BEFORE[FIRST], 1))).all()
    due = {each.person_id for each in list_due(tx, days)}
    spared = {*list_holders(tx, ADMIN_APPLICATION)}
    until = now_ms() + SKEW_MS
    stages = tx.execute(select(unused_warning)).all()
    told = {(row.person_id, row.stage): row.told_at for row in stages if row.told_at <= until}
    return [
        UnusedLine(
            person_id=row.id,
            username=row.username,
            full_name=row.full_name,
            since=row.since,
            warnings=sum(told.get((row.id, stage), 0) > row.since for stage in BEFORE),
            is_due=row.id in due,
            is_spared=row.id in spared or bool(row.administrator_of),
            is_unreached=told.get((row.id, UNREACHED), 0) > row.since,
        )
        for row in idle
    ]


def list_due(tx: Connection, days: int) -> Sequence[Idle]:
    """Whose turn to be suspended is today or was earlier: the same ones all day long, so that what
    is too many is not let through bit by bit."""
    if not days:
        return ()
    morning = day_begins(today())
    query = _idle(days).where(_was_told(SECOND, until=morning - BETWEEN_MS))
    return _without_administrators(tx, query)


def counting_told(scope: Scope, days: int, most: int) -> Count:
    """How many people of the scope are told of, counted up to `most`; none where nobody is."""
    query, bound = _told_of(scope, days)
    return count_of(query.limit(most if days else 0), bound)


def list_told(tx: Connection, scope: Scope, days: int, most: int) -> Sequence[Told]:
    """Who of the scope was warned, or could not be, the longest away first."""
    if not days:
        return ()
    query, bound = _told_of(scope, days)
    return [
        Told(row.id, row.username, row.full_name, row.since, int(row.is_first) + int(row.is_second))
        for row in tx.execute(query.limit(most), bound)
    ]


def most_at_once(tx: Connection) -> int:
    """How many are suspended in a day without somebody looking first."""
    return min(MOST_AT_ONCE, max(_FEW_AT_ONCE, queries.count_active(tx) // 20))


def forget_old(tx: Connection) -> None:
    """Warnings that nothing followed: the account was used again, or the person has left."""
    tx.execute(delete(unused_warning).where(unused_warning.c.told_at <= now_ms() - _KEPT_MS))


def _since() -> ColumnElement[Any]:
    return func.coalesce(person_state.c.last_used_at, person_state.c.known_since)


def _idle(days: int) -> Select[Any]:
    return _unused(days).where(func.coalesce(catalogue_person.c.administrator_of, "") == "")


def _unused(days: int) -> Select[Any]:
    person, since = catalogue_person.c, _since()
    return (
        select(
            person.id,
            person.username,
            person.full_name,
            person.administrator_of,
            since.label("since"),
        )
        .join(person_state, person_state.c.person_id == person.id)
        .where(
            person.status.in_(_STANDING),
            since <= now_ms() - days * DAY,
            ~was_away(days),
        )
        .order_by(since, person.id)
    )


def _told_of(scope: Scope, days: int) -> tuple[Select[Any], Mapping[str, object]]:
    until = now_ms() + SKEW_MS
    is_first, is_second, is_unreached = (
        _was_told(stage, until=until) for stage in (FIRST, SECOND, UNREACHED)
    )
    query = (
        _idle(max(days - BEFORE[FIRST], 1))
        # Begins with the few who were told something, not with everybody.
        .where(
            catalogue_person.c.id.in_(select(unused_warning.c.person_id)),
            or_(is_first, is_unreached),
        )
        .add_columns(
            is_first.label("is_first"),
            is_second.label("is_second"),
            is_unreached.label("is_unreached"),
        )
    )
    if scope.everywhere:
        return query, {}
    return query.where(is_at_home(catalogue_person.c.id)), bound_by(scope)


def _was_told(stage: int, *, until: int, after: int = 0) -> ColumnElement[bool]:
    told = unused_warning.c
    return exists().where(
        told.person_id == catalogue_person.c.id,
        told.stage == stage,
        told.told_at > _since(),
        # Later than now: a clock that was wrong told it.
        told.told_at <= until,
        told.told_at > after,
    )


def _list_untold(tx: Connection, days: int, stage: int) -> Sequence[Idle]:
    now = now_ms()
    until = now + SKEW_MS
    query = _idle(max(days - BEFORE[stage], 1)).where(
        ~_was_told(stage, until=until), ~_was_told(UNREACHED, until=until, after=now - DAY)
    )
    if stage == SECOND:
        query = query.where(_was_told(FIRST, until=now - BETWEEN_MS))
    return _without_administrators(tx, query)


def _without_administrators(tx: Connection, query: Select[Any]) -> Sequence[Idle]:
    spared = {*list_holders(tx, ADMIN_APPLICATION)}
    rows = tx.execute(query)
    return [Idle(row.id, row.since) for row in rows if row.id not in spared]


def _warn(tx: Connection, installation: Installation, idle: Idle, stage: int) -> None:
    if not _is_still(tx, idle) or not _note(tx, idle, stage):
        return
    left = BETWEEN_MS if stage == SECOND else 2 * BETWEEN_MS
    ends_at = max(idle.since + installation.settings.unused_days * DAY, now_ms() + left)
    sent = send(
        tx,
        installation,
        ACCOUNT_UNUSED,
        idle.person_id,
        since=_shown(idle.since),
        until=_shown(ends_at),
    )
    if not sent:
        _note_unreached(tx, idle, stage)


def _tell_administrator(tx: Connection, installation: Installation, person_id: str) -> bool:
    scope = scope_of(tx, Actor("person", person_id), PeoplePermission.SUSPEND)
    person = queries.person(tx, person_id)
    if scope.is_empty or person is None or person.status != "active":
        return False
    query, bound = _told_of(scope, installation.settings.unused_days)
    rows = tx.execute(query, bound).all()
    if not rows:
        return False
    sent = send(
        tx,
        installation,
        ACCOUNTS_UNUSED,
        person_id,
        count=str(len(rows)),
        people=_lines(rows),
    )
    return sent > 0


def _lines(rows: Sequence[Any]) -> Pair:
    shown = rows[:_MOST_SHOWN]
    vi = "\n".join(_line(row, "từ ngày", "không báo được nên không khóa") for row in shown)
    en = "\n".join(_line(row, "since", "cannot be reached, so not suspended") for row in shown)
    if more := len(rows) - len(shown):
        return (f"{vi}\n  và {more} tài khoản khác", f"{en}\n  and {more} more")
    return (vi, en)


def _line(row: Any, since: str, unreached: str) -> str:
    line = f"  - {clean(row.full_name)} ({row.username}): {since} {_shown(row.since)}"
    return f"{line}; {unreached}" if row.is_unreached else line


def _is_still(tx: Connection, idle: Idle) -> bool:
    query = _idle(0).where(catalogue_person.c.id == idle.person_id, _since() == idle.since)
    return tx.execute(query).first() is not None


def _note(tx: Connection, idle: Idle, stage: int) -> bool:
    """Take note that the person is told; true to the first alone."""
    now, told = now_ms(), unused_warning.c
    noted = (
        upsert(tx, unused_warning)
        .values(person_id=idle.person_id, stage=stage, told_at=now)
        .on_conflict_do_update(
            index_elements=[told.person_id, told.stage],
            set_={"told_at": now},
            where=or_(told.told_at <= idle.since, told.told_at > now + SKEW_MS),
        )
        .returning(told.stage)
    )
    return tx.execute(noted).first() is not None


def _note_unreached(tx: Connection, idle: Idle, stage: int) -> None:
    """They were not told after all; nobody tries again before tomorrow."""
    now, told = now_ms(), unused_warning.c
    tx.execute(delete(unused_warning).where(told.person_id == idle.person_id, told.stage == stage))
    tx.execute(
        upsert(tx, unused_warning)
        .values(person_id=idle.person_id, stage=UNREACHED, told_at=now)
        .on_conflict_do_update(index_elements=[told.person_id, told.stage], set_={"told_at": now})
    )


def _suspend(installation: Installation, idle: Idle, actor: Actor = _JOB) -> bool:
    """The warnings go first: whoever is resumed is warned anew before anything happens again, and
    what is cut short between the two only comes later."""
    days = installation.settings.unused_days
    with installation.database.write() as tx:
        if not _is_still(tx, idle):
            return False
        of_person = unused_warning.c.person_id == idle.person_id
        gone = delete(unused_warning).where(of_person).returning(unused_warning.c.stage)
        if SECOND not in tx.execute(gone).scalars().all():
            return False
    try:
        reason = f"Không đăng nhập trong {days} ngày, đã nhắc hai lần"
        suspend(installation, actor, idle.person_id, reason)
    except AppError as error:
        _log.warning(
            "unused account is not suspended",
            extra={"person": idle.person_id, "code": error.code, "detail": error.detail},
        )
        return False
    return not _let_back_in(installation, actor, idle)


def _let_back_in(installation: Installation, actor: Actor, idle: Idle) -> bool:
    """Whoever signed in after the last look and before the suspension is not kept out by it."""
    with installation.database.read() as tx:
        of_person = person_state.c.person_id == idle.person_id
        query = select(_since()).where(of_person, _since() > idle.since)
        if tx.execute(query).first() is None:
            return False
    resume(installation, actor, idle.person_id, "Đã đăng nhập ngay trước khi bị khóa")
    return True


def _shown(at: int) -> str:
    return written(day_of(at).isoformat())
