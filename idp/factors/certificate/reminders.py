"""Certificates that end, told by message: to whose each is 30 and 7 days before, and to whoever
looks after its agency once.

What somebody was told is in the row of the certificate; what an administrator was told follows from
when they were sent a list last.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, or_, select, update

from directory import clock
from directory.actor import Actor
from directory.audit.kinds import Pair
from directory.authz.entrants import list_holders
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.scopes import scope_of
from directory.installation import Installation
from directory.messages import digests
from directory.messages.digests import Turn
from directory.messages.sending import send
from directory.projection import queries
from directory.text import clean
from idp.factors.certificate import listing, store
from idp.factors.certificate.listing import ListedCertificate
from idp.factors.certificate.messages import CERTIFICATE_ENDING, CERTIFICATES_ENDING
from idp.factors.certificate.permissions import CertificatePermission
from idp.factors.certificate.tables import certificate

STAGES = (7, 30)  # days before the end, the nearest first
_DIGEST = "certificates ending"
_MOST_A_RUN = 200
_MOST_SHOWN = 20
_MOST_COUNTED = 500

_columns = certificate.c


def remind(installation: Installation) -> None:
    """The worker's job."""
    settings = installation.settings
    if settings.certificate_url and settings.tells_people and digests.is_time():
        remind_people(installation)
        remind_administrators(installation)


def remind_people(installation: Installation) -> None:
    """Tell people of those of their own that end, if they have none that lasts longer."""
    for number, days in enumerate(STAGES):
        nearer = STAGES[number - 1] if number else 0
        with installation.database.read() as tx:
            query = select(_columns.id).where(*_untold(nearer, days)).order_by(_columns.not_after)
            found = list(tx.execute(query.limit(_MOST_A_RUN)).scalars())
        for certificate_id in found:
            with installation.database.write() as tx:
                _remind_person(tx, installation, certificate_id, nearer, days)


def remind_administrators(installation: Installation) -> None:
    """Tell administrators what has come within 30 days of its end, at most once a week. Whoever
    looks after the whole province is told nothing: the agencies are."""
    with installation.database.read() as tx:
        people = list_holders(tx, ADMIN_APPLICATION)

    def tell(tx: Connection, turn: Turn) -> bool:
        return _remind_administrator(tx, installation, turn)

    digests.go_round(installation, _DIGEST, people, digests.week_began(), tell)


def _untold(nearer: int, days: int) -> Sequence[ColumnElement[bool]]:
    now = clock.now_ms()
    return (
        _columns.ended_at.is_(None),
        _columns.not_after > now + nearer * clock.DAY,
        _columns.not_after <= now + days * clock.DAY,
        or_(
            _columns.told_days.is_(None),
            _columns.told_days > days,
            # Later than now: a clock that was wrong told it.
            _columns.told_at > now + clock.SKEW_MS,
        ),
    )


def _remind_person(
    tx: Connection, installation: Installation, certificate_id: str, nearer: int, days: int
) -> None:
    told = (
        update(certificate)
        .where(_columns.id == certificate_id, *_untold(nearer, days))
        .values(told_days=days, told_at=clock.now_ms())
        .returning(_columns.person_id, _columns.subject, _columns.issuer, _columns.not_after)
    )
    row = tx.execute(told).first()
    person = queries.person(tx, row.person_id) if row else None
    if row is None or person is None or person.status != "active":
        return
    if _has_one_that_lasts(tx, person.id):
        return
    send(
        tx,
        installation,
        CERTIFICATE_ENDING,
        person.id,
        name=clean(row.subject),
        issuer=clean(row.issuer),
        until=_day(row.not_after),
    )


def _has_one_that_lasts(tx: Connection, person_id: str) -> bool:
    lasting = clock.now_ms() + STAGES[-1] * clock.DAY
    return any(each.not_after > lasting for each in store.list_of(tx, person_id))


def _remind_administrator(tx: Connection, installation: Installation, turn: Turn) -> bool:
    scope = scope_of(tx, Actor("person", turn.person_id), CertificatePermission.BIND)
    person = queries.person(tx, turn.person_id)
    if scope.is_empty or scope.everywhere or person is None or person.status != "active":
        return False
    found = listing.list_newly_ending(tx, scope, turn.sent_at, _MOST_COUNTED)
    if not found:
        return False
    sent = send(
        tx,
        installation,
        CERTIFICATES_ENDING,
        person.id,
        count=str(len(found)),
        certificates=_lines(found),
    )
    return sent > 0


def _lines(found: Sequence[ListedCertificate]) -> Pair:
    shown = [(_name(each), _day(each.not_after)) for each in found[:_MOST_SHOWN]]
    vi = "\n".join(f"  - {name}: đến ngày {until}" for name, until in shown)
    en = "\n".join(f"  - {name}: until {until}" for name, until in shown)
    if more := len(found) - len(shown):
        return (f"{vi}\n  và {more} chứng thư khác", f"{en}\n  and {more} more")
    return (vi, en)


def _name(each: ListedCertificate) -> str:
    place = each.person.unit or each.person.agency
    return f"{clean(each.person.full_name)} ({clean(place)})" if place else each.person.full_name


def _day(at: int) -> str:
    return clock.written(clock.day_of(at).isoformat())
