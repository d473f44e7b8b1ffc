"""Accounts that were there before the connector: whose each could be, and who says that it is.

Nothing is linked by likeness alone. The last reading of the target found the accounts that are
nobody's; here they are held against people who may enter and have none. Somebody who knows looks
and confirms, one by one; whoever is confirmed is answered for by name in the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, delete, select

from directory.actor import Actor
from directory.audit.log import person_tag, record
from directory.errors import Conflict, NotFound
from directory.installation import Installation
from directory.projection import queries
from directory.projection.queries import PersonRow, home_agency_of
from sync.engine import accounts, connectors
from sync.engine.errors import (
    CONNECTOR_ACCOUNT_UNKNOWN,
    CONNECTOR_PERSON_HAS_ACCOUNT,
    CONNECTOR_PERSON_NOT_WANTED,
)
from sync.engine.events import CONNECTOR_MATCHED
from sync.engine.tables import connector_finding
from sync.engine.wanted import find_wanted

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


def list_candidates(
    tx: Connection, name: str, limit: int = 200, *, among: int | None = None
) -> Sequence[Candidate]:
    """Whose the accounts could be that the last reading found to be nobody's, the surest first.
    `among`: no more of those accounts are looked at."""
    definition = connectors.get(tx, name).definition
    columns = connector_finding.c
    query = select(columns.remote_id, columns.login, columns.detail).where(
        columns.connector == name, columns.kind == "unknown"
    )
    found: list[Candidate] = []
    for row in tx.execute(query.order_by(columns.login).limit(among)).all():
        login, mail = row.login or "", row.detail or ""
        for person, confidence in _judge(tx, login, mail):
            known = accounts.find_states(tx, name, [person.id])
            is_free = not known or known[0].remote_id is None
            if is_free and find_wanted(tx, definition, person.id) is not None:
                found.append(Candidate(row.remote_id, login, mail, person.id, confidence))
    ranks = ("high", "medium", "low")
    return sorted(found, key=lambda each: ranks.index(each.confidence))[:limit]


def _judge(tx: Connection, login: str, mail: str) -> Sequence[tuple[PersonRow, Confidence]]:
    by_login = queries.find_person_by_login(tx, login.lower()) if login else None
    by_mail = queries.find_person_by_login(tx, mail.lower()) if mail else None
    if by_login is not None and by_mail is not None:
        if by_login.id == by_mail.id:
            return [(by_login, "high")]
        return [(by_login, "low"), (by_mail, "low")]
    one = by_login or by_mail
    if one is None:
        return []
    # Its address is somebody's whom we do not know: the same name need not be the same person.
    return [(one, "low" if by_login is not None and mail else "medium")]


def confirm(
    installation: Installation, actor: Actor, name: str, person_id: str, remote_id: str
) -> None:
    """Say that the account is the person's: from now on it is kept in step as one we made.

    Raises Forbidden, NotFound(``connector.account_unknown``) for one that the last reading did not
    find to be nobody's, Conflict where the person has another, or is to have none.
    """
    with installation.database.write() as tx:
        found = connectors.get_to_write(tx, actor, name)
        columns = connector_finding.c
        its = (
            (columns.connector == name)
            & (columns.remote_id == remote_id)
            & (columns.kind == "unknown")
        )
        row = tx.execute(select(columns.login).where(its)).first()
        if row is None or accounts.is_anothers(tx, name, person_id, remote_id):
            raise NotFound(CONNECTOR_ACCOUNT_UNKNOWN, account=remote_id)
        known = accounts.find_states(tx, name, [person_id])
        if known and known[0].remote_id is not None:
            raise Conflict(CONNECTOR_PERSON_HAS_ACCOUNT)
        if find_wanted(tx, found.definition, person_id) is None:
            raise Conflict(CONNECTOR_PERSON_NOT_WANTED)
        # What it holds is not known: all is sent, and it says whose it is from then on.
        accounts.link(tx, name, person_id, remote_id, None, is_leaving=False)
        tx.execute(delete(connector_finding).where(its))
        record(
            tx,
            CONNECTOR_MATCHED,
            actor,
            subject=person_tag(person_id),
            agency=home_agency_of(tx, person_id),
            connector=name,
            application=found.definition.application_id,
            account=row.login or remote_id,
        )
