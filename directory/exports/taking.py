"""Taking a list away: asked and noted before the first line leaves."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection

from directory.actor import Actor
from directory.audit.log import record
from directory.audit.reading import list_since
from directory.clock import DAY, day_begins, now_ms, today
from directory.database.advisory_lock import take_advisory_lock
from directory.errors import Invalid, TooMany, Words
from directory.exports import approvals
from directory.exports.approvals import WantedExport
from directory.exports.errors import EXPORT_OVER_QUOTA, EXPORT_REASON
from directory.exports.events import LIST_EXPORT_REFUSED, LIST_EXPORTED, LISTS
from directory.installation import Installation
from directory.sheets.writing import Format
from directory.text import clean

WITHOUT_REASON = 200  # lines
MOST_REASON_CHARS = 300


@dataclass(frozen=True)
class Taking:
    """What somebody wants to take away. `list`: its stable word; `columns`, `filter`: as people
    read them; `place`: the id of the one it is narrowed to; `address`: the list with its filter, as
    the console knows it, empty for the command line."""

    list: str
    form: Format
    reason: str = ""
    columns: str = field(default="", kw_only=True)
    filter: str = field(default="", kw_only=True)
    place: str = field(default="", kw_only=True)
    address: str = field(default="", kw_only=True)


class OverQuota(TooMany):
    """It is more than may be taken in a day without a second person: `taking`, and what of it a
    request would be about (`wanted`)."""

    def __init__(self, taking: Taking, wanted: WantedExport, **params: int) -> None:
        super().__init__(EXPORT_OVER_QUOTA, detail="", **params)
        self.taking, self.wanted = taking, wanted


def take(installation: Installation, actor: Actor, taking: Taking, count: int) -> None:
    """Note that `actor` takes `count` lines. Raises Invalid(``export.reason``) and OverQuota, which
    is noted too. What was approved beyond the quota is used up, and is no part of it.

    The quota is of people: whoever has the command line has the stores themselves.
    """
    reason = clean(taking.reason)[:MOST_REASON_CHARS]
    if count > WITHOUT_REASON and not reason:
        raise Invalid(EXPORT_REASON, field="reason", count=count, most=WITHOUT_REASON)
    refusal: OverQuota | None = None
    approved_by = ""
    with installation.database.write() as tx:
        if actor.kind == "person":
            refusal = _refusal(tx, installation.settings.export_quota, actor, taking, count)
        if refusal is not None and (approved_by := approvals.use_up(tx, actor.tag, refusal.wanted)):
            refusal = None
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
                approved=bool(approved_by),
                request=approved_by,
            )
        elif refusal is not None:
            _record_refusal(tx, actor, refusal)
    if refusal is not None:
        raise refusal


def list_name(name: str) -> Words:
    """What a list is called."""
    return Words(*LISTS.pair(name))


def taken_today(tx: Connection, actor: Actor) -> int:
    """How many lines the actor has taken today but for what was approved. A file without any counts
    as one line: else somebody could fill the log with them."""
    since = day_begins(today())
    events = list_since(tx, LIST_EXPORTED.name, actor.tag, since)
    own = (event.fields for event in events if not event.fields.get("request"))
    return sum(max(int(fields["count"]), 1) for fields in own)


def _refusal(
    tx: Connection, quota: int, actor: Actor, taking: Taking, count: int
) -> OverQuota | None:
    # Two at once would each find room that is there for one.
    take_advisory_lock(tx, "export", actor.id)
    taken = taken_today(tx, actor)
    if taken + max(count, 1) <= quota:
        return None
    until_midnight = (day_begins(today()) + DAY - now_ms()) // 1000
    return OverQuota(
        taking,
        WantedExport(taking.list, taking.address, taking.columns, count),
        count=count,
        quota=quota,
        taken=taken,
        retry_after_s=until_midnight,
    )


def _record_refusal(tx: Connection, actor: Actor, refusal: OverQuota) -> None:
    taking = refusal.taking
    record(
        tx,
        LIST_EXPORT_REFUSED,
        actor,
        agency=taking.place,
        list=taking.list,
        count=refusal.wanted.count,
        quota=refusal.params["quota"],
        filter=taking.filter,
        place=taking.place,
    )
