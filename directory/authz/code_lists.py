"""The shared lists of codes: which there are, whose they are, and whether other words pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import Connection, select

from directory.actor import Actor
from directory.audit.log import record
from directory.authz.decisions import require
from directory.authz.errors import CODE_LIST
from directory.authz.events import CODE_LIST_SET
from directory.authz.objects import InPlace
from directory.authz.permissions import CodePermission
from directory.authz.tables import code_list
from directory.catalogue.errors import AGENCY_UNKNOWN
from directory.database.advisory_lock import take_advisory_lock
from directory.database.upsert import upsert
from directory.errors import Invalid, NotFound, Words
from directory.projection import queries

CodeList = Literal["title", "rank", "admin-unit", "field", "procedure"]
_PROVINCE = InPlace("")


@dataclass(frozen=True)
class ListKind:
    """`above`: the list that has the codes above its own, itself or another; None where there are
    none. `is_named_once`: no two codes that hold at once are called alike. `may_close`: it is
    typed where it is used, so that other words than its names could be."""

    name: CodeList
    title: Words
    one: Words
    above: CodeList | None = None
    is_named_once: bool = False
    may_close: bool = False


LISTS: Mapping[str, ListKind] = {
    kind.name: kind
    for kind in (
        ListKind(
            "title",
            Words("Chức vụ, chức danh", "Titles"),
            Words("chức vụ, chức danh", "title"),
            is_named_once=True,
            may_close=True,
        ),
        ListKind(
            "rank",
            Words("Ngạch, chức danh nghề nghiệp", "Ranks and professional titles"),
            Words("ngạch, chức danh nghề nghiệp", "rank"),
            is_named_once=True,
        ),
        ListKind(
            "admin-unit",
            Words("Đơn vị hành chính", "Administrative units"),
            Words("đơn vị hành chính", "administrative unit"),
            above="admin-unit",
        ),
        ListKind(
            "field",
            Words("Lĩnh vực", "Fields"),
            Words("lĩnh vực", "field"),
            is_named_once=True,
        ),
        ListKind(
            "procedure",
            Words("Thủ tục hành chính", "Procedures"),
            Words("thủ tục hành chính", "procedure"),
            above="field",
        ),
    )
}


@dataclass(frozen=True)
class ListState:
    """`owner_agency_id`: whose administrators keep it; empty: the province's. `is_closed`: nothing
    but its codes may be chosen. `version`: how often something was said of it or its codes."""

    kind: ListKind
    owner_agency_id: str = ""
    is_closed: bool = False
    version: int = 0

    @property
    def place(self) -> InPlace:
        """Where it is kept."""
        return InPlace(self.owner_agency_id)


def require_list(name: str) -> ListKind:
    """A list by name. Raises Invalid(``code.list``)."""
    kind = LISTS.get(name)
    if kind is None:
        raise Invalid(CODE_LIST, field="list", value=name)
    return kind


def list_states(tx: Connection) -> Mapping[str, ListState]:
    """All lists, in their order."""
    said = {row.name: row for row in tx.execute(select(code_list))}
    return {
        name: ListState(
            kind, said[name].owner_agency_id or "", said[name].is_closed, said[name].version
        )
        if name in said
        else ListState(kind)
        for name, kind in LISTS.items()
    }


def state_of(tx: Connection, name: str) -> ListState:
    """One list. Raises Invalid(``code.list``)."""
    kind = require_list(name)
    row = tx.execute(select(code_list).where(code_list.c.name == name)).first()
    if row is None:
        return ListState(kind)
    return ListState(kind, row.owner_agency_id or "", row.is_closed, row.version)


def take_list(tx: Connection, name: str) -> ListState:
    """The list, which nobody else changes until `tx` ends."""
    require_list(name)
    take_advisory_lock(tx, "code_list", name)
    return state_of(tx, name)


def keep(tx: Connection, state: ListState) -> ListState:
    """Keep what is said of a list, one version later."""
    kept = replace(state, version=state.version + 1)
    row = {
        "name": kept.kind.name,
        "owner_agency_id": kept.owner_agency_id or None,
        "is_closed": kept.is_closed,
        "version": kept.version,
    }
    insert = upsert(tx, code_list).values(row)
    tx.execute(insert.on_conflict_do_update(index_elements=["name"], set_=row))
    return kept


def set_list(
    tx: Connection, actor: Actor, name: str, owner_agency_id: str, is_closed: bool
) -> ListState:
    """Say whose list it is, and whether other words than its own may be chosen.

    Raises Forbidden for whoever is not the province's, Invalid(``code.list``), NotFound for the
    agency.
    """
    require(tx, actor, CodePermission.ASSIGN, _PROVINCE)
    before = take_list(tx, name)
    owner = ""
    if owner_agency_id:
        found = queries.agency(tx, owner_agency_id)
        if found is None or found.status != "active":
            raise NotFound(AGENCY_UNKNOWN, field="owner", value=owner_agency_id)
        owner = found.id
    wanted = replace(before, owner_agency_id=owner, is_closed=is_closed and before.kind.may_close)
    if wanted == before:
        return before
    record(
        tx,
        CODE_LIST_SET,
        actor,
        list=name,
        owner=owner,
        closed=wanted.is_closed,
    )
    return keep(tx, wanted)
