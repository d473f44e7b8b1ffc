"""Accounts that were there before the connector: whose each could be, and who says that it is.

Nothing is linked by likeness alone. The last reading of the target found the accounts that are
nobody's; here they are held against people who may enter and have none. Somebody who knows looks
and confirms, one by one; whoever is confirmed is answered for by name in the log. Or says that
it is not theirs: then it is not proposed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Connection, delete, exists, func, select

from directory.actor import Actor
from directory.audit.kinds import Kind
from directory.audit.log import person_tag, record
from directory.authz.decisions import decide
from directory.authz.objects import OfPerson
from directory.catalogue.person import home_agency
from directory.clock import now_ms, today
from directory.database.upsert import upsert
from directory.errors import Conflict, Invalid, NotFound
from directory.installation import Installation
from directory.people.permissions import PeoplePermission
from directory.projection import queries
from directory.projection.queries import PersonRow, home_agency_of
from sync.engine import accounts, connectors
from sync.engine.connectors import Connector
from sync.engine.errors import (
    CONNECTOR_ACCOUNT_UNKNOWN,
    CONNECTOR_PAIR_REFUSED,
    CONNECTOR_PERSON_HAS_ACCOUNT,
    CONNECTOR_PERSON_NOT_WANTED,
    CONNECTOR_REFUSAL_REASON,
)
from sync.engine.events import (
    CONNECTOR_MATCH_REFUSAL_BACK,
    CONNECTOR_MATCH_REFUSED,
    CONNECTOR_MATCHED,
)
from sync.engine.tables import connector_finding, connector_refusal
from sync.engine.wanted import find_wanted_of, wanted_of

_AT_ONCE = 200
_REASON_CHARS = 300
# high: user name and work address are this person's; medium: one of them, and the other is not
# told; low: the other one is somebody else's.
Confidence = Literal["high", "medium", "low"]


@dataclass(frozen=True)
class UnknownAccount:
    """An account that is nobody's, as the target has it."""

    remote_id: str
    login: str
    mail: str


@dataclass(frozen=True)
class Candidate:
    """An account, and a person whose it could be."""

    remote_id: str
    login: str
    mail: str
    person_id: str
    confidence: Confidence


@dataclass(frozen=True)
class Refusal:
    """An account, and a person of whom somebody said that it is not theirs. `refused_by`: the tag
    of an actor."""

    remote_id: str
    login: str
    person_id: str
    reason: str
    refused_by: str
    refused_at: int


def list_candidates(tx: Connection, name: str, limit: int = 200) -> Sequence[Candidate]:
    """Whose the accounts could be that the last reading found to be nobody's, the surest first;
    nobody of whom that was refused."""
    its = connectors.get(tx, name)
    accounts_found, _ = list_unknown(tx, its)
    refused = list_refusals(tx, name)
    found: list[Candidate] = []
    for start in range(0, len(accounts_found), _AT_ONCE):
        likely = list_likely(tx, accounts_found[start : start + _AT_ONCE], refused)
        found += keep_free(tx, its, likely)
    return _surest_first(found)[:limit]


def list_unknown(
    tx: Connection, its: Connector, most: int | None = None
) -> tuple[Sequence[UnknownAccount], int]:
    """The accounts that the last reading found to be nobody's, or the first of them, and how many
    these are (`sync.engine.reconciling.count_findings`)."""
    columns = connector_finding.c
    unknown = (columns.connector == its.name) & (columns.kind == "unknown")
    last = connector_finding.alias()
    is_last = (last.c.connector == its.name) & (last.c.kind == "unknown")
    counted = select(func.count()).where(is_last, last.c.found_in == its.reconcile_round)
    query = select(columns.remote_id, columns.login, columns.detail, counted.scalar_subquery())
    rows = tx.execute(query.where(unknown).order_by(columns.login).limit(most)).all()
    found = [UnknownAccount(row[0], row[1] or "", row[2] or "") for row in rows]
    return found, rows[0][3] if rows else 0


def list_likely(
    tx: Connection, found: Sequence[UnknownAccount], refused: Sequence[Refusal]
) -> Sequence[Candidate]:
    """Whose the accounts could be by their names, nobody of whom that was refused."""
    known = queries.find_people_by_login(
        tx, {said for one in found for said in (one.login, one.mail)}
    )
    pairs = {(each.remote_id, each.person_id) for each in refused}
    return [
        Candidate(each.remote_id, each.login, each.mail, person_id, confidence)
        for each in found
        for person_id, confidence in _judge(known, each.login, each.mail)
        if (each.remote_id, person_id) not in pairs
    ]


def _surest_first(found: Sequence[Candidate]) -> Sequence[Candidate]:
    ranks = ("high", "medium", "low")
    return sorted(found, key=lambda each: ranks.index(each.confidence))


def _judge(
    known: Mapping[str, PersonRow], login: str, mail: str
) -> Sequence[tuple[str, Confidence]]:
    by_login, by_mail = known.get(login), known.get(mail)
    if by_login is not None and by_mail is not None:
        if by_login.id == by_mail.id:
            return [(by_login.id, "high")]
        return [(by_login.id, "low"), (by_mail.id, "low")]
    one = by_login or by_mail
    if one is None:
        return []
    # Its address is somebody's whom we do not know: the same name need not be the same person.
    return [(one.id, "low" if by_login is not None and mail else "medium")]


def keep_free(tx: Connection, its: Connector, likely: Sequence[Candidate]) -> Sequence[Candidate]:
    """Those whose account is nobody's, and whose person is to have one and has none; the surest
    first."""
    people = {each.person_id for each in likely}
    near = accounts.find_near(tx, its.name, people, {each.remote_id for each in likely})
    taken = {(each.person_id, each.remote_id) for each in near if each.remote_id is not None}
    holders, held = {one for one, _ in taken}, {one for _, one in taken}
    wanted = find_wanted_of(tx, its.definition, people)
    free = [
        each
        for each in likely
        if wanted[each.person_id] is not None
        and each.person_id not in holders
        and each.remote_id not in held
    ]
    return _surest_first(free)


def list_refusals(tx: Connection, name: str) -> Sequence[Refusal]:
    """What was refused, the latest first."""
    columns = connector_refusal.c
    query = select(connector_refusal).where(columns.connector == name)
    rows = tx.execute(query.order_by(columns.refused_at.desc(), columns.remote_id))
    return [
        Refusal(
            row.remote_id,
            row.login or "",
            row.person_id,
            row.reason,
            row.refused_by,
            row.refused_at,
        )
        for row in rows
    ]


def refuse_pair(
    installation: Installation,
    actor: Actor,
    name: str,
    person_id: str,
    remote_id: str,
    reason: str,
) -> bool:
    """Say that the account is not the person's: that is not proposed again until it is taken back.
    False: it was said before.

    Raises Forbidden, NotFound(``connector.account_unknown``) for one that the last reading did not
    find to be nobody's, Invalid without a reason.
    """
    said = reason.strip()[:_REASON_CHARS]
    if not said:
        raise Invalid(CONNECTOR_REFUSAL_REASON, field="reason")
    with installation.database.write() as tx:
        found = connectors.get_to_write(tx, actor, name)
        login = find_login(tx, name, remote_id)
        if login is None:
            raise NotFound(CONNECTOR_ACCOUNT_UNKNOWN, account=remote_id)
        row = {
            "connector": name,
            "remote_id": remote_id,
            "person_id": person_id,
            "login": login[:200],
            "reason": said,
            "refused_by": actor.tag,
            "refused_at": now_ms(),
        }
        put = upsert(tx, connector_refusal).values(row).on_conflict_do_nothing()
        if tx.execute(put).rowcount == 0:
            return False
        told = {"account": login or remote_id, "reason": said}
        _record(tx, CONNECTOR_MATCH_REFUSED, actor, found, person_id, **told)
    return True


def take_refusal_back(
    installation: Installation, actor: Actor, name: str, person_id: str, remote_id: str
) -> bool:
    """Let a pair be proposed again. False: it was not refused. Raises Forbidden, NotFound."""
    with installation.database.write() as tx:
        found = connectors.get_to_write(tx, actor, name)
        its = _pair(name, remote_id, person_id)
        login = tx.execute(select(connector_refusal.c.login).where(its)).scalar()
        if tx.execute(delete(connector_refusal).where(its)).rowcount == 0:
            return False
        kind, account = CONNECTOR_MATCH_REFUSAL_BACK, login or remote_id
        _record(tx, kind, actor, found, person_id, account=account)
    return True


def _pair(name: str, remote_id: str, person_id: str) -> ColumnElement[bool]:
    columns = connector_refusal.c
    return (
        (columns.connector == name)
        & (columns.remote_id == remote_id)
        & (columns.person_id == person_id)
    )


def find_login(tx: Connection, name: str, remote_id: str) -> str | None:
    """The user name of an account that the last reading found to be nobody's, perhaps empty."""
    row = tx.execute(select(connector_finding.c.login).where(_unknown(name, remote_id))).first()
    return None if row is None else row.login or ""


def _unknown(name: str, remote_id: str) -> ColumnElement[bool]:
    columns = connector_finding.c
    return (
        (columns.connector == name) & (columns.remote_id == remote_id) & (columns.kind == "unknown")
    )


def confirm(
    installation: Installation, actor: Actor, name: str, person_id: str, remote_id: str
) -> None:
    """Say that the account is the person's: from now on it is kept in step as one we made.

    Raises Forbidden, NotFound(``connector.account_unknown``) for one that the last reading did not
    find to be nobody's, Conflict where the person has another, is to have none, or it was refused.
    """
    with installation.database.write() as tx:
        found = connectors.get_to_write(tx, actor, name)
        is_refused = exists().where(_pair(name, remote_id, person_id)).label("is_refused")
        asked = select(connector_finding.c.login, is_refused).where(_unknown(name, remote_id))
        unknown = tx.execute(asked).first()
        near = accounts.find_near(tx, name, [person_id], [remote_id])
        if unknown is None or any(each.person_id != person_id for each in near):
            raise NotFound(CONNECTOR_ACCOUNT_UNKNOWN, account=remote_id)
        if any(each.remote_id is not None for each in near):
            raise Conflict(CONNECTOR_PERSON_HAS_ACCOUNT)
        person = queries.person(tx, person_id)
        if person is None or wanted_of(tx, found.definition, person) is None:
            raise Conflict(CONNECTOR_PERSON_NOT_WANTED)
        if unknown.is_refused:
            raise Conflict(CONNECTOR_PAIR_REFUSED)
        _link(tx, actor, found, person, remote_id, unknown.login or "")


def confirm_certain(installation: Installation, actor: Actor, name: str, most: int) -> int:
    """Confirm each account whose user name and work address are one person's whom the actor sees,
    among the first `most` that are nobody's; gives how many. Raises Forbidden, NotFound."""
    with installation.database.write() as tx:
        its = connectors.get_to_write(tx, actor, name)
        unknown, _ = list_unknown(tx, its, most)
        likely = list_likely(tx, unknown, list_refusals(tx, name))
        sure = [each for each in likely if each.confidence == "high"]
        people = queries.read_placed_people(tx, {each.person_id for each in sure})
        free = [each for each in keep_free(tx, its, sure) if _is_seen(tx, actor, each.person_id)]
        linked: dict[str, Candidate] = {}
        for each in free:
            linked.setdefault(each.person_id, each)  # nobody has two
        for each in linked.values():
            person = people[each.person_id].person
            _link(tx, actor, its, person, each.remote_id, each.login)
    return len(linked)


def _is_seen(tx: Connection, actor: Actor, person_id: str) -> bool:
    return decide(tx, actor, PeoplePermission.READ, OfPerson(person_id)).allowed


def _link(
    tx: Connection, actor: Actor, found: Connector, person: PersonRow, remote_id: str, login: str
) -> None:
    # What it holds is not known: all is sent, and it says whose it is from then on.
    accounts.link(tx, found.name, person.id, remote_id, None, is_leaving=False)
    tx.execute(delete(connector_finding).where(_unknown(found.name, remote_id)))
    agency = home_agency(person, today().isoformat())
    told = login or remote_id
    _record(tx, CONNECTOR_MATCHED, actor, found, person.id, agency=agency, account=told)


def _record(
    tx: Connection,
    kind: Kind,
    actor: Actor,
    found: Connector,
    person_id: str,
    *,
    agency: str | None = None,
    **fields: str,
) -> None:
    record(
        tx,
        kind,
        actor,
        subject=person_tag(person_id),
        agency=home_agency_of(tx, person_id) if agency is None else agency,
        connector=found.name,
        application=found.definition.application_id,
        **fields,
    )
