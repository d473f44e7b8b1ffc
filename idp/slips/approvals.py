"""What a second person has agreed to: one slip, for one person, given by whoever asked, within a
day."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from directory.clock import HOUR, SKEW_MS, now_ms
from idp.slips.store import Purpose
from idp.slips.tables import slip_approval

APPROVED_HOURS = 24
_LIFE_MS = APPROVED_HOURS * HOUR
_columns = slip_approval.c


def approve(tx: Connection, request_id: str, person_id: str, purpose: Purpose, issuer: str) -> None:
    """Let `issuer` (a tag) give it."""
    tx.execute(
        insert(slip_approval).values(
            request_id=request_id,
            person_id=person_id,
            purpose=purpose,
            issuer=issuer,
            expires_at=now_ms() + _LIFE_MS,
        )
    )


def find_until(tx: Connection, issuer: str, person_id: str) -> tuple[str, int] | None:
    """For which purpose and until when (ms) they may still give one."""
    query = select(_columns.purpose, _columns.expires_at).where(*_theirs(issuer, person_id))
    row = tx.execute(query.order_by(_columns.expires_at.desc()).limit(1)).first()
    return (row.purpose, row.expires_at) if row else None


def use_up(tx: Connection, issuer: str, person_id: str, purpose: Purpose) -> bool:
    """Whether they may give it; then no second one."""
    here = (*_theirs(issuer, person_id), _columns.purpose == purpose)
    found = tx.execute(select(_columns.request_id).where(*here).limit(1)).scalar()
    gone = delete(slip_approval).where(_columns.request_id == found)
    return tx.execute(gone.returning(_columns.request_id)).first() is not None


def forget_expired(tx: Connection) -> None:
    """Delete what was not used in time, and what a clock that stood ahead wrote."""
    tx.execute(delete(slip_approval).where(~_is_in_time()))


def _theirs(issuer: str, person_id: str) -> tuple[ColumnElement[bool], ...]:
    return (_columns.issuer == issuer, _columns.person_id == person_id, _is_in_time())


def _is_in_time() -> ColumnElement[bool]:
    now = now_ms()
    # No longer than that, also when a clock that stood ahead wrote it.
    return _columns.expires_at.between(now + 1, now + _LIFE_MS + SKEW_MS)
