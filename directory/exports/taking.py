"""Taking a list away: asked and noted before the first line leaves."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection

from directory.actor import Actor
from directory.audit.log import record
from directory.audit.reading import list_since
from directory.clock import DAY, day_begins, now_ms, today
from directory.database.advisory_lock import take_advisory_lock
from directory.errors import AppError, Invalid, TooMany
from directory.exports.errors import EXPORT_OVER_QUOTA, EXPORT_REASON
from directory.exports.events import LIST_EXPORT_REFUSED, LIST_EXPORTED
from directory.installation import Installation
from directory.sheets.writing import Format
from directory.text import clean

WITHOUT_REASON = 200  # lines
MOST_REASON_CHARS = 300


@dataclass(frozen=True)
class Taking:
    """What somebody wants to take away. `list`: its stable word; `columns`, `filter`: as people
    read them; `place`: the id of the one it is narrowed to."""

    list: str
    form: Format
    reason: str = ""
    columns: str = field(default="", kw_only=True)
    filter: str = field(default="", kw_only=True)
    place: str = field(default="", kw_only=True)


def take(installation: Installation, actor: Actor, taking: Taking, count: int) -> None:
    """Note that `actor` takes `count` lines. Raises Invalid(``export.reason``) and
    TooMany(``export.over_quota``), which is noted too.

    The quota is of people: whoever has the command line has the stores themselves.
    """
    reason = clean(taking.reason)[:MOST_REASON_CHARS]
    if count > WITHOUT_REASON and not reason:
        raise Invalid(EXPORT_REASON, field="reason", count=count, most=WITHOUT_REASON)
    refusal: AppError | None = None
    with installation.database.write() as tx:
        if actor.kind == "person":
            refusal = _refusal(tx, installation.settings.export_quota, actor, taking, count)
        if refusal is None:
            record(
                tx,
                LIST_EXPORTED,
                actor,
                agency=taking.place,
                list=taking.list,
                form=taking.form,
                count=count,
                columns=taking.columns,
                filter=taking.filter,
                place=taking.place,
                reason=reason,
            )
    if refusal is not None:
        raise refusal


def taken_today(tx: Connection, actor: Actor) -> int:
    """How many lines the actor has taken today. A file without any counts as one line: else
    somebody could fill the log with them."""
    since = day_begins(today())
    events = list_since(tx, LIST_EXPORTED.name, actor.tag, since)
    return sum(max(int(event.fields["count"]), 1) for event in events)


def _refusal(
    tx: Connection, quota: int, actor: Actor, taking: Taking, count: int
) -> AppError | None:
    # Two at once would each find room that is there for one.
    take_advisory_lock(tx, "export", actor.id)
    taken = taken_today(tx, actor)
    if taken + max(count, 1) <= quota:
        return None
    record(
        tx,
        LIST_EXPORT_REFUSED,
        actor,
        agency=taking.place,
        list=taking.list,
        count=count,
        quota=quota,
        filter=taking.filter,
        place=taking.place,
    )
    until_midnight = (day_begins(today()) + DAY - now_ms()) // 1000
    return TooMany(
        EXPORT_OVER_QUOTA, count=count, quota=quota, taken=taken, retry_after_s=until_midnight
    )
