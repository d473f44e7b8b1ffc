"""Accounts as somebody sees them: of one connector, and of one person everywhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, or_, select

from directory.authz.scopes import Scope, person_is_seen
from directory.projection.tables import catalogue_person
from directory.text import fold
from sync.engine import accounts, connectors
from sync.engine.accounts import AccountState
from sync.engine.connectors import Connector
from sync.engine.listing import PAGE, State, find_seen, state_of
from sync.engine.tables import connector_account

# working: in step and usable; disabled: in step, of somebody who may not enter; create, update,
# leaving: what is to be done; refused, conflict: it does not get there; skipped: somebody left it
# alone for a reason.
Standing = Literal[
    "working", "disabled", "create", "update", "leaving", "refused", "conflict", "skipped"
]


@dataclass(frozen=True)
class PersonAccount:
    """The account of somebody in one target. `application`: its name; `is_open`: the actor may
    look at the connector, and so at what the application said; `may_change`: and have it tried
    again. `state`: how the connector stands as a whole, which may be why nothing is done."""

    connector: str
    application: str
    standing: Standing
    state: State
    account: AccountState
    is_open: bool
    may_change: bool


@dataclass(frozen=True)
class AccountQuestion:
    """Which accounts of a connector are looked for. `text`: of names; `page` counts from 1."""

    standing: Standing | Literal["", "failed"] = ""
    text: str = ""
    page: int = 1
    size: int = PAGE


@dataclass(frozen=True)
class ListedAccount:
    """A line of the list: whose, and how it stands."""

    person_id: str
    full_name: str
    username: str
    standing: Standing
    account: AccountState


@dataclass(frozen=True)
class AccountList:
    """A page of accounts, and how many there are. `others`: so many more are of people whom the
    actor does not see."""

    accounts: Sequence[ListedAccount]
    total: int
    others: int


def list_accounts(tx: Connection, scope: Scope, name: str, asked: AccountQuestion) -> AccountList:
    """A page of those of the people who are seen in the scope, by name."""
    is_seen, bound = person_is_seen(scope)
    query = _asked_for(name, asked)
    seen = func.count(case((is_seen, 1)))
    count = query.with_only_columns(func.count(), seen, maintain_column_froms=True)
    everybody, total = tx.execute(count, bound).one()
    others = 0 if scope.everywhere or asked.text else everybody - total
    query = query.where(is_seen)
    ordered = query.order_by(catalogue_person.c.sort_key, connector_account.c.person_id)
    page = ordered.limit(asked.size).offset((asked.page - 1) * asked.size)
    return AccountList([_listed(row) for row in tx.execute(page, bound)], total, others)


def list_failed(
    tx: Connection, scope: Scope, name: str, run_id: str, limit: int
) -> Sequence[ListedAccount]:
    """Those that do not get there since a run, given up on first, of the people who are seen in the
    scope."""
    is_seen, bound = person_is_seen(scope)
    account = connector_account.c
    query = _asked_for(name, AccountQuestion()).where(account.failed_in == run_id, is_seen)
    is_due = case((account.state == "due", 1), else_=0)
    ordered = query.order_by(is_due, catalogue_person.c.sort_key, account.person_id)
    return [_listed(row) for row in tx.execute(ordered.limit(limit), bound)]


def count_failed_of_others(tx: Connection, scope: Scope, name: str, run_id: str) -> int:
    """How many of those are of people who are not seen in the scope."""
    is_seen, bound = person_is_seen(scope)
    query = _asked_for(name, AccountQuestion()).where(connector_account.c.failed_in == run_id)
    others = query.with_only_columns(func.count(case((~is_seen, 1))), maintain_column_froms=True)
    return tx.execute(others, bound).scalar_one()


def names_seen(
    tx: Connection, scope: Scope, people: Collection[str]
) -> Mapping[str, tuple[str, str]]:
    """(full name, username) of those of the people who are seen in the scope, by id."""
    if not people:
        return {}
    is_seen, bound = person_is_seen(scope)
    columns = catalogue_person.c
    query = select(columns.id, columns.full_name, columns.username).where(
        columns.id.in_(list(people)), is_seen
    )
    return {row.id: (row.full_name, row.username) for row in tx.execute(query, bound)}


def _asked_for(name: str, asked: AccountQuestion) -> Select[Any]:
    account, person = connector_account.c, catalogue_person.c
    query = (
        select(*connector_account.c, person.full_name, person.username)
        .outerjoin(catalogue_person, person.id == account.person_id)
        .where(account.connector == name, *_stands(asked.standing))
    )
    for word in fold(asked.text).split():
        query = query.where(person.search_key.contains(word, autoescape=True))
    return query


def _stands(standing: Standing | Literal["", "failed"]) -> Sequence[ColumnElement[bool]]:
    """As `standing_of` says it of one."""
    account = connector_account.c
    is_due, has_account = account.state == "due", account.held.is_not(None)
    gone = and_(is_due, account.is_leaving, ~has_account)
    told: Mapping[str, Sequence[ColumnElement[bool]]] = {
        "": (),
        "refused": (account.state == "quarantined",),
        "conflict": (account.state == "conflict",),
        "skipped": (account.state == "skipped",),
        "failed": (is_due, account.tries > 0),
        "working": (account.state == "in_step", has_account),
        "disabled": (or_(and_(account.state == "in_step", ~has_account), gone),),
        "leaving": (is_due, account.is_leaving, has_account),
        "create": (is_due, ~account.is_leaving, account.remote_id.is_(None)),
        "update": (is_due, ~account.is_leaving, account.remote_id.is_not(None)),
    }
    return told[standing]


def _listed(row: Row[Any]) -> ListedAccount:
    kept = dict(row._mapping)
    full_name, username = kept.pop("full_name") or "", kept.pop("username") or ""
    account = accounts.state_from(kept)
    return ListedAccount(account.person_id, full_name, username, standing_of(account), account)


def standing_of(account: AccountState) -> Standing:
    """The one word for an account."""
    if account.state == "quarantined":
        return "refused"
    if account.state in ("conflict", "skipped"):
        return account.state
    has_account = account.held is not None
    if account.state == "in_step" or (account.is_leaving and not has_account):
        return "working" if has_account else "disabled"
    if account.is_leaving:
        return "leaving"
    return "update" if account.remote_id is not None else "create"


def list_of_person(
    tx: Connection, person_id: str, near: Scope, opened: Scope, changed: Scope
) -> Sequence[PersonAccount]:
    """Their accounts in the applications that are seen in the scope `near`. `opened`, `changed`:
    where the actor may look at connectors, and change them."""
    found = connectors.list_with_account(tx, person_id)
    if not found:
        return ()
    wanted = [its.definition.application_id for its, _ in found]
    apps = find_seen(tx, wanted, near, opened, changed)
    names = {each: app.name for each, app in apps.items()}
    listed = [
        person_account(its, account, names, app.is_open, app.may_change)
        for its, account in found
        if (app := apps.get(its.definition.application_id)) is not None
    ]
    return sorted(listed, key=lambda each: (each.application, each.connector))


def person_account(
    found: Connector,
    account: AccountState,
    known: Mapping[str, str],
    is_open: bool,
    may_change: bool,
) -> PersonAccount:
    """An account as `list_of_person` tells it."""
    return PersonAccount(
        found.name,
        known[found.definition.application_id],
        standing_of(account),
        state_of(found),
        account,
        is_open,
        may_change,
    )
