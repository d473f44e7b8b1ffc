"""Connectors as somebody sees them: of the applications they look after, and how each stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    exists,
    false,
    func,
    select,
    true,
)

from directory.authz.scopes import Scope, applications_near, find_placed, within
from directory.authz.tables import application
from directory.projection.tables import catalogue_agency
from directory.text import fold
from sync.engine import connectors
from sync.engine.connectors import Connector, Standing
from sync.engine.tables import connector, connector_account

# stopped: by the brake; away: the target does not answer; beginning: nobody has been looked at yet.
State = Literal["stopped", "paused", "away", "beginning", "running"]
# Of a list: a state, or whatever waits for somebody (``stuck``).
Asked = Literal["", "stopped", "paused", "away", "running", "stuck"]
PAGE = 50


@dataclass(frozen=True)
class KeptApplication:
    """The application of a connector, and the agency that owns it: its name is empty where that is
    the province."""

    id: str
    name: str
    owner_id: str
    owner: str


@dataclass(frozen=True)
class ListedConnector:
    """A line of the list."""

    standing: Standing
    application: KeptApplication
    state: State


@dataclass(frozen=True)
class ConnectorQuestion:
    """What a list is asked for. `page` counts from 1."""

    text: str = ""
    state: Asked = ""
    owner_id: str = ""
    page: int = 1
    size: int = PAGE


@dataclass(frozen=True)
class ConnectorPage:
    """A page of connectors, how many there are, and the owners it may be narrowed to."""

    connectors: Sequence[ListedConnector]
    total: int
    owners: Mapping[str, str]


@dataclass(frozen=True)
class Figures:
    """How many accounts of a connector stand how. `working`: in step and usable; `disabled`: in
    step, of people who may not enter; `create`, `update`, `leaving`: what is to be done; `failed`:
    of those, tried in vain so far; `skipped`: left alone by somebody's word."""

    working: int = 0
    disabled: int = 0
    create: int = 0
    update: int = 0
    leaving: int = 0
    failed: int = 0
    quarantined: int = 0
    conflicts: int = 0
    skipped: int = 0

    @property
    def waiting(self) -> int:
        """What is to be done, all together."""
        return self.create + self.update + self.leaving

    @property
    def everybody(self) -> int:
        """All there is anything to be done for, or was."""
        stuck = self.quarantined + self.conflicts + self.skipped
        return self.working + self.disabled + self.waiting + stuck


def state_of(found: Connector) -> State:
    """The one word for how it stands; what somebody has to decide comes first."""
    if found.stopped_at is not None:
        return "stopped"
    if found.paused_at is not None:
        return "paused"
    if found.failing_since is not None:
        return "away"
    return "beginning" if found.compared_at is None else "running"


def is_stuck(standing: Standing) -> bool:
    """Whether it goes on only after somebody did something."""
    found = standing.connector
    return (
        found.stopped_at is not None
        or found.failing_since is not None
        or standing.quarantined + standing.conflicts > 0
    )


def list_page(tx: Connection, scope: Scope, asked: ConnectorQuestion) -> ConnectorPage:
    """A page of the list. A province has some dozens: what SQL cannot tell is told here."""
    seen = _seen(tx, scope)
    fitting = [each for each in seen if _fits(each, asked)]
    first = (asked.page - 1) * asked.size
    owners = {each.application.owner_id: each.application.owner for each in seen}
    return ConnectorPage(
        fitting[first : first + asked.size],
        len(fitting),
        {place: owners[place] for place in sorted(owners, key=owners.__getitem__) if place},
    )


def list_whole(tx: Connection, scope: Scope, asked: ConnectorQuestion) -> Sequence[ListedConnector]:
    """All pages of the list as one."""
    return [each for each in _seen(tx, scope) if _fits(each, asked)]


def count_stuck(tx: Connection, scope: Scope) -> int:
    """How many connectors wait for somebody: those of a list of ``stuck``, most often none."""
    columns, account = connector.c, connector_account.c
    has_stuck = exists().where(
        account.connector == columns.name, account.state.in_(("quarantined", "conflict"))
    )
    waits = columns.stopped_at.is_not(None) | columns.failing_since.is_not(None) | has_stuck
    sources = tx.execute(select(columns.definition).where(waits)).scalars().all()
    if not sources or scope.everywhere:
        return len(sources)
    kept = kept_applications(tx, scope)
    return sum(connectors.read(source).application_id in kept for source in sources)


def kept_applications(tx: Connection, scope: Scope) -> Mapping[str, KeptApplication]:
    """The applications whose connectors are the scope's to look after, by id: all of them for
    whoever looks after the province, else the internal ones that belong to the scope's places."""
    columns = application.c
    its = (columns.id, columns.name, columns.owner_agency_id, catalogue_agency.c.name)
    query = select(*its).outerjoin(
        catalogue_agency, catalogue_agency.c.id == columns.owner_agency_id
    )
    rows = tx.execute(query.where(_is_kept(scope)).order_by(columns.name, columns.id))
    return {row[0]: KeptApplication(row[0], row[1], row[2], row[3] or "") for row in rows}


@dataclass(frozen=True)
class SeenApplication:
    """An application as somebody sees it, and whether its connectors are theirs to look at, and to
    change."""

    name: str
    is_open: bool
    may_change: bool


def find_seen(
    tx: Connection, ids: Collection[str], near: Scope, opened: Scope, changed: Scope
) -> Mapping[str, SeenApplication]:
    """Those of the applications that are seen in the scope `near`, by id. `opened`, `changed`:
    where connectors are looked at, and changed."""
    columns = application.c
    is_near, bound = applications_near(near)
    query = select(columns.id, columns.name, _is_kept(opened), _is_kept(changed))
    rows = tx.execute(query.where(is_near, columns.id.in_(ids)), bound)
    return {row[0]: SeenApplication(row[1], bool(row[2]), bool(row[3])) for row in rows}


def _is_kept(scope: Scope) -> ColumnElement[bool]:
    """A condition on applications, that their connectors are the scope's to look after."""
    if scope.everywhere or scope.is_empty:
        return true() if scope.everywhere else false()
    columns = application.c
    its = columns.owner_agency_id.in_(within(scope.roots))
    return and_(columns.sharing == "internal", its)


def find_application(tx: Connection, scope: Scope, application_id: str) -> KeptApplication:
    """The application of a connector; called by its id where it is no longer on the register."""
    found = find_placed(tx, scope, application_id)
    if found is None:
        return KeptApplication(application_id, application_id, "", "")
    return KeptApplication(application_id, found.name, found.owner_id, found.owner)


def figures_of(tx: Connection, name: str) -> Figures:
    """How its accounts stand."""
    columns = connector_account.c
    has_account = case((columns.held.is_not(None), 1), else_=0)
    is_known = case((columns.remote_id.is_not(None), 1), else_=0)
    has_failed = case((columns.tries > 0, 1), else_=0)
    parts = (columns.state, columns.is_leaving, has_account, is_known, has_failed)
    query = select(*parts, func.count()).where(columns.connector == name).group_by(*parts)
    found = dict.fromkeys(Figures.__dataclass_fields__, 0)
    for state, is_leaving, held, known, failed, count in tx.execute(query):
        found[_figure(state, bool(is_leaving), bool(held), bool(known))] += count
        if state == "due" and failed:
            found["failed"] += count
    return Figures(**found)


def _figure(state: str, is_leaving: bool, has_account: bool, is_known: bool) -> str:
    if state == "quarantined":
        return "quarantined"
    if state == "conflict":
        return "conflicts"
    if state == "skipped":
        return "skipped"
    if state == "in_step" or (is_leaving and not has_account):
        return "working" if has_account else "disabled"
    if is_leaving:
        return "leaving"
    return "update" if is_known else "create"


def _seen(tx: Connection, scope: Scope) -> Sequence[ListedConnector]:
    kept = kept_applications(tx, scope)
    found = []
    for each in connectors.standings(tx):
        its_id = each.connector.definition.application_id
        its = kept.get(its_id)
        if its is None and scope.everywhere:
            its = KeptApplication(its_id, its_id, "", "")  # taken off the register meanwhile
        if its is not None:
            found.append(ListedConnector(each, its, state_of(each.connector)))
    return found


def _fits(each: ListedConnector, asked: ConnectorQuestion) -> bool:
    if asked.owner_id and each.application.owner_id != asked.owner_id:
        return False
    if asked.state == "stuck" and not is_stuck(each.standing):
        return False
    is_running = each.state in ("running", "beginning")
    if asked.state not in ("", "stuck", "running") and each.state != asked.state:
        return False
    if asked.state == "running" and not is_running:
        return False
    key = fold(f"{each.application.name} {each.standing.connector.name}")
    return all(word in key for word in fold(asked.text).split())
