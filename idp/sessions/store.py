"""Opening, finding and ending sessions. Which of them live: `liveness`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)

from directory import clock
from directory.actor import Actor
from directory.audit.log import person_tag, record
from directory.authz.scopes import Scope, bound_by, is_at_home
from directory.database.upsert import upsert
from directory.ids import digest, new_secret
from directory.projection import queries
from directory.projection.tables import catalogue_person, person_state
from idp.sessions.events import SESSION_ENDED, SESSIONS_ENDED
from idp.sessions.limits import ANYBODY, Limits
from idp.sessions.liveness import (
    TOUCH_EVERY_MS,
    is_alive,
    may_sign_in,
    with_people,
)
from idp.sessions.tables import session_clients, sessions

# As many browsers as somebody may really use; a loop of sign-ins must not fill the store.
MOST_PER_PERSON = 20
KEPT_AFTER_END_MS = 30 * clock.DAY


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in person on one browser.

    `sid` names the session to applications and in the audit; it is never a cookie value.
    `auth_time` is in seconds (OIDC Core §2), the other times in milliseconds.
    """

    sid: str
    person_id: str
    created_at: int
    auth_time: int
    amr: tuple[str, ...]
    acr: str
    expires_at: int
    post_id: str | None
    shared_computer: bool
    last_seen_at: int


def open_session(
    tx: Connection,
    person_id: str,
    *,
    amr: tuple[str, ...],
    acr: str,
    address: str,
    user_agent: str,
    shared_computer: bool,
    proven_since: int = 0,
    limits: Limits = ANYBODY,
) -> tuple[Session, str]:
    """A new session and its cookie value (256 bits, told once).

    `proven_since` (ms): when the check of who it is began, now if not given. The session counts as
    made then: what ends all sessions while a password is being checked ends this one too.
    """
    now = clock.now_ms()
    cookie_value = new_secret()
    session = Session(
        sid=new_secret(16),
        person_id=person_id,
        created_at=proven_since or now,
        auth_time=now // 1000,
        amr=amr,
        acr=acr,
        expires_at=now + limits.absolute_ms,
        post_id=None,
        shared_computer=shared_computer,
        last_seen_at=now,
    )
    tx.execute(
        sessions.insert().values(
            sid=session.sid,
            cookie_hash=digest(cookie_value),
            person_id=person_id,
            created_at=session.created_at,
            auth_time=session.auth_time,
            amr=" ".join(amr),
            acr=acr,
            last_seen_at=now,
            expires_at=session.expires_at,
            shared_computer=shared_computer,
            idle_ms=limits.idle_ms,
            address=address[:45],
            user_agent=user_agent[:200],
        )
    )
    return session, cookie_value


def renew(
    tx: Connection,
    sid: str,
    *,
    amr: tuple[str, ...],
    acr: str,
    shared_computer: bool,
    limits: Limits = ANYBODY,
) -> tuple[Session, str] | None:
    """The same person signed in again: same `sid`, so that applications keep theirs, but a new
    cookie value (the old one is dead) and a new `auth_time`. None if the session is dead."""
    if by_sid(tx, sid) is None:
        return None
    now = clock.now_ms()
    cookie_value = new_secret()
    tx.execute(
        update(sessions)
        .where(sessions.c.sid == sid)
        .values(
            cookie_hash=digest(cookie_value),
            auth_time=now // 1000,
            amr=" ".join(amr),
            acr=acr,
            last_seen_at=now,
            expires_at=now + limits.absolute_ms,
            idle_ms=limits.idle_ms,
            shared_computer=shared_computer,
        )
    )
    session = by_sid(tx, sid)
    return (session, cookie_value) if session else None


def raise_level(tx: Connection, session: Session, *, amr: tuple[str, ...], acr: str) -> str:
    """More was proved in a session: gives its new cookie value (the old one is dead). When the
    person signed in, and how long that lasts, stays as it was."""
    cookie_value = new_secret()
    tx.execute(
        update(sessions)
        .where(sessions.c.sid == session.sid)
        .values(cookie_hash=digest(cookie_value), amr=" ".join(amr), acr=acr)
    )
    return cookie_value


def hold_to(tx: Connection, person_id: str, limits: Limits) -> None:
    """The open sessions of somebody last no longer than this, whatever they were given."""
    idle = func.coalesce(sessions.c.idle_ms, ANYBODY.idle_ms)
    end = sessions.c.auth_time * clock.SECOND + limits.absolute_ms
    longer_idle, longer = idle > limits.idle_ms, sessions.c.expires_at > end
    tx.execute(
        update(sessions)
        .where(
            sessions.c.person_id == person_id,
            sessions.c.ended_at.is_(None),
            or_(longer_idle, longer),
        )
        .values(
            idle_ms=case((longer_idle, limits.idle_ms), else_=idle),
            expires_at=case((longer, end), else_=sessions.c.expires_at),
        )
    )


def end_by(tx: Connection, sid: str, instant: int) -> None:
    """The session lives until then (ms) and no longer, whatever it was given."""
    is_longer = (sessions.c.sid == sid, sessions.c.expires_at > instant)
    tx.execute(update(sessions).where(*is_longer).values(expires_at=instant))


def keep_on(tx: Connection, sid: str) -> None:
    """In the transaction that ended all that its person was signed in to: this one goes on."""
    state = person_state.c
    since = select(state.sessions_valid_after).where(state.person_id == sessions.c.person_id)
    values = {"created_at": since.scalar_subquery()}
    here = (sessions.c.sid == sid, sessions.c.ended_at.is_(None))
    tx.execute(update(sessions).where(*here).values(values))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A living session of somebody in another browser, as that browser named itself."""

    user_agent: str
    address: str
    last_seen_at: int


def list_elsewhere(tx: Connection, person_id: str, sid: str) -> list[Elsewhere]:
    """The person's other living sessions, the last used first."""
    columns = (sessions.c.user_agent, sessions.c.address, sessions.c.last_seen_at)
    query = with_people(select(*columns)).where(
        is_alive(), sessions.c.person_id == person_id, sessions.c.sid != sid
    )
    rows = tx.execute(query.order_by(sessions.c.last_seen_at.desc()), {"now": clock.now_ms()})
    return [Elsewhere(row.user_agent, row.address, row.last_seen_at) for row in rows]


def find(tx: Connection, cookie_value: str) -> Session | None:
    """The living session a cookie points at. One statement."""
    return _first(tx, _by_cookie, digest(cookie_value))


def by_sid(tx: Connection, sid: str) -> Session | None:
    """The living session with this `sid`. One statement."""
    return _first(tx, _by_sid, sid)


def still_counts(tx: Connection, person_id: str, proven_since: int) -> bool:
    """Whether a sign-in whose check began at `proven_since` (ms) may still open a session: the
    person is active, and nothing has ended their sessions since."""
    people = catalogue_person.outerjoin(
        person_state, person_state.c.person_id == catalogue_person.c.id
    )
    query = select(may_sign_in(literal(proven_since, BigInteger))).select_from(people)
    return bool(tx.execute(query.where(catalogue_person.c.id == person_id)).scalar())


def touch(tx: Connection, sid: str) -> None:
    """The session was used now: its idle time starts anew."""
    now = clock.now_ms()
    tx.execute(
        update(sessions)
        .where(sessions.c.sid == sid, sessions.c.last_seen_at <= now - TOUCH_EVERY_MS)
        .values(last_seen_at=now)
    )


def note_client(tx: Connection, sid: str, client_id: str) -> None:
    """The application got tokens in this session: it is told when the session ends."""
    row = {"sid": sid, "client_id": client_id, "first_at": clock.now_ms()}
    tx.execute(upsert(tx, session_clients).values(row).on_conflict_do_nothing())


def clients_of(tx: Connection, sid: str) -> list[str]:
    """The applications entered in this session, in order of entry."""
    rows = tx.execute(
        select(session_clients.c.client_id)
        .where(session_clients.c.sid == sid)
        .order_by(session_clients.c.first_at, session_clients.c.client_id)
    )
    return list(rows.scalars())


def count_living_of(tx: Connection, person_id: str) -> int:
    """How many sessions of somebody live."""
    query = _count_living.where(sessions.c.person_id == person_id)
    return sum(row.number for row in tx.execute(query, {"now": clock.now_ms()}))


def count_living(tx: Connection, scope: Scope, client_id: str = "") -> Mapping[str, int]:
    """How many live, by person: of the people at home in the scope, in the application if one is
    named: then all sessions of whoever is in it."""
    query, bound = _count_living, {"now": clock.now_ms()} | dict(bound_by(scope))
    if client_id:
        inside = select(sessions.c.person_id).join(
            session_clients, session_clients.c.sid == sessions.c.sid
        )
        is_there = (session_clients.c.client_id == client_id, sessions.c.ended_at.is_(None))
        query = query.where(sessions.c.person_id.in_(inside.where(*is_there)))
    if not scope.everywhere:
        query = query.where(is_at_home(sessions.c.person_id))
    return {row.person_id: row.number for row in tx.execute(query, bound)}


def entered_by(tx: Connection, people: Collection[str]) -> list[str]:
    """The applications that sessions of these people entered, of those nobody ended."""
    query = (
        select(session_clients.c.client_id, sessions.c.person_id)
        .join(sessions, sessions.c.sid == session_clients.c.sid)
        .where(sessions.c.ended_at.is_(None))
        .distinct()
    )
    meant = set(people)
    return sorted({row.client_id for row in tx.execute(query) if row.person_id in meant})


def list_addresses(tx: Connection, since: int) -> list[str]:
    """Where the sessions that were opened after `since` (ms) came from, each as often."""
    query = select(sessions.c.address).where(sessions.c.created_at > since)
    return list(tx.execute(query).scalars())


def list_surplus(tx: Connection, person_id: str) -> list[str]:
    """The `sid`s of a person's sessions that must end before another one is opened: all but the
    `MOST_PER_PERSON` - 1 used last."""
    rows = tx.execute(
        select(sessions.c.sid)
        .where(sessions.c.person_id == person_id, sessions.c.ended_at.is_(None))
        .order_by(sessions.c.last_seen_at.desc(), sessions.c.sid)
        .offset(MOST_PER_PERSON - 1)
    )
    return list(rows.scalars())


def end(tx: Connection, sid: str, actor: Actor, reason: str) -> bool:
    """End a session: its cookie is dead from this transaction on. False if it had ended before.

    `reason`: ``signed_out``, ``other_person``, ``invalidated``, ``idle``, ``expired``,
    ``too_many``.
    """
    return bool(end_together(tx, [sid], actor, reason))


def end_together(tx: Connection, sids: Sequence[str], actor: Actor, reason: str) -> list[str]:
    """End sessions of one person in one act, as `end`; the log tells it once, with their number.
    Gives the `sid`s ended now."""
    rows = tx.execute(
        update(sessions)
        .where(sessions.c.sid.in_(sids), sessions.c.ended_at.is_(None))
        .values(ended_at=clock.now_ms(), end_reason=reason)
        .returning(sessions.c.sid, sessions.c.person_id)
    ).all()
    if not rows:
        return []
    ended, person_id = [row.sid for row in rows], rows[0].person_id
    subject, agency = person_tag(person_id), queries.home_agency_of(tx, person_id)
    if len(ended) == 1:
        session = ended[0]
        record(
            tx,
            SESSION_ENDED,
            actor,
            subject=subject,
            agency=agency,
            session=session,
            reason=reason,
        )
    else:
        record(
            tx,
            SESSIONS_ENDED,
            actor,
            subject=subject,
            agency=agency,
            sessions=ended,
            count=len(ended),
            reason=reason,
        )
    return ended


@dataclass(frozen=True, slots=True)
class Carried:
    """An open session as it stands in another store: its row and those of its applications."""

    row: Mapping[str, object]
    clients: Sequence[Mapping[str, object]]


def list_open(tx: Connection) -> list[tuple[str, str]]:
    """Every session nobody ended, dead or alive: (sid, person)."""
    columns = (sessions.c.sid, sessions.c.person_id)
    rows = tx.execute(select(*columns).where(sessions.c.ended_at.is_(None)))
    return [(row.sid, row.person_id) for row in rows]


def export_open(tx: Connection) -> list[Carried]:
    """Every session nobody ended, for `take_over`."""
    rows = tx.execute(select(sessions).where(sessions.c.ended_at.is_(None))).all()
    open_ones = select(sessions.c.sid).where(sessions.c.ended_at.is_(None))
    clients: dict[str, list[Mapping[str, object]]] = {}
    for row in tx.execute(select(session_clients).where(session_clients.c.sid.in_(open_ones))):
        clients.setdefault(row.sid, []).append(dict(row._mapping))
    return [Carried(dict(row._mapping), clients.get(row.sid, [])) for row in rows]


def take_over(tx: Connection, carried: Sequence[Carried]) -> None:
    """Write down sessions another store knew and this one does not, so that they can be ended and
    their applications told. Applications entered later in a session known here are added."""
    known = set(tx.execute(select(sessions.c.sid)).scalars())
    for one in carried:
        sid = str(one.row["sid"])
        if sid not in known:
            tx.execute(sessions.insert().values(one.row))
        there = set(clients_of(tx, sid))
        for client in one.clients:
            if client["client_id"] not in there:
                tx.execute(session_clients.insert().values(client))


def note_told(tx: Connection, sid: str, client_id: str) -> None:
    """The application acknowledged that the session is over."""
    tx.execute(
        update(session_clients)
        .where(session_clients.c.sid == sid, session_clients.c.client_id == client_id)
        .values(told_at=clock.now_ms())
    )


def told_and_untold(tx: Connection, sid: str) -> tuple[list[str], list[str]]:
    """The applications of a session that know of its end, and those that do not (yet)."""
    rows = tx.execute(
        select(session_clients.c.client_id, session_clients.c.told_at)
        .where(session_clients.c.sid == sid)
        .order_by(session_clients.c.first_at, session_clients.c.client_id)
    ).all()
    told = [row.client_id for row in rows if row.told_at is not None]
    return told, [row.client_id for row in rows if row.told_at is None]


def purge(tx: Connection) -> None:
    """Forget sessions that ended more than 30 days ago; the audit keeps what matters."""
    now = clock.now_ms()
    long_ago = or_(
        sessions.c.ended_at < now - KEPT_AFTER_END_MS, sessions.c.ended_at > now + clock.SKEW_MS
    )
    forgotten = select(sessions.c.sid).where(long_ago)
    tx.execute(delete(session_clients).where(session_clients.c.sid.in_(forgotten)))
    tx.execute(delete(sessions).where(long_ago))


def list_dead(tx: Connection, limit: int = 500) -> list[tuple[str, str, str]]:
    """Sessions nobody can use any more and nobody has ended: (sid, person, reason)."""
    now = clock.now_ms()
    dead = and_(sessions.c.ended_at.is_(None), ~is_alive())
    columns = (sessions.c.sid, sessions.c.person_id, sessions.c.expires_at)
    query = select(*columns, may_sign_in(sessions.c.created_at).label("welcome"))
    query = with_people(query).where(dead).order_by(sessions.c.created_at).limit(limit)
    rows = tx.execute(query, {"now": now})
    return [(row.sid, row.person_id, _death(row, now)) for row in rows]


def _death(row: Row[Any], now: int) -> str:
    if not row.welcome:
        return "invalidated"
    return "expired" if row.expires_at <= now else "idle"


def _first(tx: Connection, query: Select[Any], value: str) -> Session | None:
    row = tx.execute(query, {"value": value, "now": clock.now_ms()}).first()
    return session_from_row(row) if row else None


# Every page asks these: built once, for building a statement takes longer than running it.
_living = with_people(select(sessions)).where(is_alive())
_count_living = (
    with_people(select(sessions.c.person_id, func.count().label("number")))
    .where(is_alive())
    .group_by(sessions.c.person_id)
)
_by_cookie = _living.where(sessions.c.cookie_hash == bindparam("value"))
_by_sid = _living.where(sessions.c.sid == bindparam("value"))


def session_from_row(row: Row[Any]) -> Session:
    """A row of `sessions`."""
    return Session(
        sid=row.sid,
        person_id=row.person_id,
        created_at=row.created_at,
        auth_time=row.auth_time,
        amr=tuple(row.amr.split()),
        acr=row.acr,
        expires_at=row.expires_at,
        post_id=row.post_id,
        shared_computer=row.shared_computer,
        last_seen_at=row.last_seen_at,
    )
