"""Accounts that were there before the connector: whose each could be, and who says that it is.

Nothing is linked by likeness alone. The last reading of the target found the accounts that are
nobody's; here they are held against people who may enter and have none. Somebody who knows looks
and confirms, one by one; whoever is confirmed is answered for by name in the log. Or says that
it is not theirs: then it is not proposed again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Connection, delete, select

from directory.actor import Actor
from directory.audit.kinds import Kind
from directory.audit.log import person_tag, record
from directory.clock import now_ms
from directory.database.upsert import upsert
from directory.errors import Conflict, Invalid, NotFound
from directory.installation import Installation
from directory.projection import queries
from directory.projection.queries import PersonRow, home_agency_of
from sync.engine import accounts, connectors
from sync.engine.connectors import Connector
from sync.engine.definition import Definition
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
from sync.engine.wanted import find_wanted, find_wanted_of

_AT_ONCE = 200
_REASON_CHARS = 300
# high: user name and work address are this person's; medium: one of them, and the other is not
# told; low: the other one is somebody else's.
Confidence = Literal["high", "medium", "low"]


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


def list_candidates(
    tx: Connection, name: str, limit: int = 200, *, among: int | None = None
) -> Sequence[Candidate]:
    """Whose the accounts could be that the last reading found to be nobody's, the surest first;
    nobody of whom that was refused. `among`: no more of those accounts are looked at."""
    definition = connectors.get(tx, name).definition
    columns = connector_finding.c
    query = select(columns.remote_id, columns.login, columns.detail).where(
        columns.connector == name, columns.kind == "unknown"
    )
    ordered = query.order_by(columns.login).limit(among)
    rows = [(row.remote_id, row.login or "", row.detail or "") for row in tx.execute(ordered)]
    refused = {(each.remote_id, each.person_id) for each in list_refusals(tx, name)}
    found: list[Candidate] = []
    for start in range(0, len(rows), _AT_ONCE):
        some = [
            each
            for each in _candidates(tx, rows[start : start + _AT_ONCE])
            if (each.remote_id, each.person_id) not in refused
        ]
        free = _free(tx, definition, {each.person_id for each in some})
        found += [each for each in some if each.person_id in free]
    ranks = ("high", "medium", "low")
    return sorted(found, key=lambda each: ranks.index(each.confidence))[:limit]


def _candidates(tx: Connection, told: Sequence[tuple[str, str, str]]) -> Sequence[Candidate]:
    known = queries.find_people_by_login(tx, {each for _, *pair in told for each in pair})
    return [
        Candidate(remote_id, login, mail, person_id, confidence)
        for remote_id, login, mail in told
        for person_id, confidence in _judge(known, login, mail)
    ]


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


def _free(tx: Connection, definition: Definition, people: Collection[str]) -> frozenset[str]:
    """Who of them is to have an account and has none."""
    taken = {
        each.person_id
        for each in accounts.find_states(tx, definition.name, people)
        if each.remote_id is not None
    }
    wanted = find_wanted_of(tx, definition, people)
    return frozenset(id_ for id_ in people if wanted[id_] is not None and id_ not in taken)


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
        login = find_login(tx, name, remote_id)
        if login is None or accounts.is_anothers(tx, name, person_id, remote_id):
            raise NotFound(CONNECTOR_ACCOUNT_UNKNOWN, account=remote_id)
        known = accounts.find_states(tx, name, [person_id])
        if known and known[0].remote_id is not None:
            raise Conflict(CONNECTOR_PERSON_HAS_ACCOUNT)
        if find_wanted(tx, found.definition, person_id) is None:
            raise Conflict(CONNECTOR_PERSON_NOT_WANTED)
        is_refused = select(connector_refusal.c.login).where(_pair(name, remote_id, person_id))
        if tx.execute(is_refused).first() is not None:
            raise Conflict(CONNECTOR_PAIR_REFUSED)
        # What it holds is not known: all is sent, and it says whose it is from then on.
        accounts.link(tx, name, person_id, remote_id, None, is_leaving=False)
        tx.execute(delete(connector_finding).where(_unknown(name, remote_id)))
        _record(tx, CONNECTOR_MATCHED, actor, found, person_id, account=login or remote_id)


def _record(
    tx: Connection, kind: Kind, actor: Actor, found: Connector, person_id: str, **fields: str
) -> None:
    record(
        tx,
        kind,
        actor,
        subject=person_tag(person_id),
        agency=home_agency_of(tx, person_id),
        connector=found.name,
        application=found.definition.application_id,
        **fields,
    )
