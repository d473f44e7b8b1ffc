"""Putting up, changing and taking down notices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, or_, select
from sqlalchemy import update as updating

from directory.actor import Actor
from directory.audit.log import record
from directory.authz.decisions import require
from directory.authz.objects import InPlace
from directory.clock import DAY, now_ms
from directory.database.advisory_lock import take_advisory_lock
from directory.errors import Conflict, NotFound, TooMany
from directory.ids import new_event_id
from directory.notices import errors
from directory.notices.events import NOTICE_CHANGED, NOTICE_PUT_UP, NOTICE_TAKEN_DOWN
from directory.notices.permissions import NoticePermission
from directory.notices.tables import notice
from directory.notices.terms import Terms, checked

MOST_STANDING = 10
KEPT_DAYS = 365
_PROVINCE = InPlace("")


@dataclass(frozen=True)
class Notice:
    """A notice and who did what to it when; None and '' for what nobody did."""

    id: str
    version: int
    terms: Terms
    put_up_by: str
    put_up_at: int
    changed_by: str = ""
    changed_at: int | None = None
    taken_down_by: str = ""
    taken_down_at: int | None = None

    def is_over(self, instant: int) -> bool:
        """Whether nobody sees it then, nor later."""
        return self.taken_down_at is not None or self.terms.ends_before(instant)


def put_up(tx: Connection, actor: Actor, terms: Terms) -> tuple[Notice, bool]:
    """Put up a notice; with False the one that says the same already.

    Raises Invalid, Forbidden, TooMany(``notice.too_many``).
    """
    require(tx, actor, NoticePermission.WRITE, _PROVINCE)
    terms = checked(terms)
    # Two at once, as by two clicks: neither would find the other's.
    take_advisory_lock(tx, "notices", "")
    standing = list_standing(tx)
    for each in standing:
        # Whoever names no time means now.
        if replace(each.terms, shown_from=terms.shown_from) == terms:
            return each, False
    if len(standing) >= MOST_STANDING:
        raise TooMany(errors.NOTICE_TOO_MANY, most=MOST_STANDING)
    added = Notice(new_event_id(), 1, terms, actor.tag, now_ms())
    tx.execute(
        insert(notice).values(
            id=added.id,
            version=added.version,
            put_up_by=added.put_up_by,
            put_up_at=added.put_up_at,
            **_columns(terms),
        )
    )
    record(tx, NOTICE_PUT_UP, actor, **_told(added))
    return added, True


def change(tx: Connection, actor: Actor, notice_id: str, terms: Terms, seen: int) -> Notice:
    """Have it say something else, as long as it is the version that the actor saw.

    Raises as `put_up`, NotFound, Conflict(``notice.ended``, ``notice.changed_meanwhile``).
    """
    require(tx, actor, NoticePermission.WRITE, _PROVINCE)
    before = _take(tx, notice_id)
    if before.version != seen:
        raise Conflict(errors.NOTICE_CHANGED_MEANWHILE, version=before.version)
    terms = checked(terms)
    if terms == before.terms:
        return before
    changed = replace(
        before, version=before.version + 1, terms=terms, changed_by=actor.tag, changed_at=now_ms()
    )
    tx.execute(
        updating(notice)
        .where(notice.c.id == before.id)
        .values(
            version=changed.version,
            changed_by=changed.changed_by,
            changed_at=changed.changed_at,
            **_columns(terms),
        )
    )
    record(tx, NOTICE_CHANGED, actor, **_told(changed), before=before.terms.text_vi)
    return changed


def take_down(tx: Connection, actor: Actor, notice_id: str) -> Notice:
    """Show it nowhere any more. Raises Forbidden, NotFound, Conflict(``notice.ended``)."""
    require(tx, actor, NoticePermission.WRITE, _PROVINCE)
    standing = _take(tx, notice_id)
    gone = replace(standing, taken_down_by=actor.tag, taken_down_at=now_ms())
    tx.execute(
        updating(notice)
        .where(notice.c.id == gone.id)
        .values(taken_down_by=gone.taken_down_by, taken_down_at=gone.taken_down_at)
    )
    record(
        tx,
        NOTICE_TAKEN_DOWN,
        actor,
        subject=f"notice:{gone.id}",
        text=gone.terms.text_vi,
        version=gone.version,
    )
    return gone


def find(tx: Connection, notice_id: str) -> Notice | None:
    """A notice, ended or not."""
    row = tx.execute(select(notice).where(notice.c.id == notice_id)).first()
    return None if row is None else _notice(row)


def list_standing(tx: Connection) -> Sequence[Notice]:
    """Those that are shown, or will be; the newest first."""
    query = select(notice).where(_stands(now_ms())).order_by(notice.c.id.desc())
    return [_notice(row) for row in tx.execute(query)]


def list_ended(tx: Connection, limit: int, offset: int) -> Sequence[Notice]:
    """Those that nobody sees any more; the newest first."""
    query = select(notice).where(~_stands(now_ms())).order_by(notice.c.id.desc())
    return [_notice(row) for row in tx.execute(query.limit(limit).offset(offset))]


def count_ended(tx: Connection) -> int:
    """How many nobody sees any more."""
    query = select(func.count()).select_from(notice).where(~_stands(now_ms()))
    return tx.execute(query).scalar_one()


def forget_old(tx: Connection) -> None:
    """Delete what ended long ago: what it said stands in the audit log."""
    before = now_ms() - KEPT_DAYS * DAY
    columns = notice.c
    tx.execute(
        delete(notice).where(or_(columns.taken_down_at < before, columns.shown_until < before))
    )


def _stands(now: int) -> ColumnElement[bool]:
    columns = notice.c
    is_due = or_(columns.shown_until.is_(None), columns.shown_until > now)
    return and_(columns.taken_down_at.is_(None), is_due)


def _take(tx: Connection, notice_id: str) -> Notice:
    """The notice, which nobody else changes until `tx` ends."""
    row = tx.execute(select(notice).where(notice.c.id == notice_id).with_for_update()).first()
    if row is None:
        raise NotFound(errors.NOTICE_UNKNOWN, value=notice_id)
    found = _notice(row)
    if found.is_over(now_ms()):
        raise Conflict(errors.NOTICE_ENDED)
    return found


def _columns(terms: Terms) -> dict[str, Any]:
    return {
        **asdict(terms),
        "text_en": terms.text_en or None,
        "places": " ".join(terms.places),
    }


def _told(told: Notice) -> dict[str, Any]:
    terms = told.terms
    return {
        "subject": f"notice:{told.id}",
        "sort": terms.kind,
        "text": terms.text_vi,
        "text_en": terms.text_en,
        "places": list(terms.places),
        "shown_from": terms.shown_from,
        "shown_until": terms.shown_until,
        "work_from": terms.work_from,
        "work_until": terms.work_until,
        "version": told.version,
    }


def _notice(row: Row[Any]) -> Notice:
    terms = Terms(
        kind=row.kind,
        text_vi=row.text_vi,
        text_en=row.text_en or "",
        places=tuple(row.places.split()),
        shown_from=row.shown_from,
        shown_until=row.shown_until,
        work_from=row.work_from,
        work_until=row.work_until,
    )
    return Notice(
        row.id,
        row.version,
        terms,
        row.put_up_by,
        row.put_up_at,
        row.changed_by or "",
        row.changed_at,
        row.taken_down_by or "",
        row.taken_down_at,
    )
