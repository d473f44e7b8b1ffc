"""The shared lists of codes as far as an actor may see and keep them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import Connection

from directory.access.code_list_file import taken_away
from directory.access.code_list_sheet import SheetCodes, codes_of, read
from directory.actor import Actor
from directory.authz import code_lists, codes
from directory.authz.code_lists import LISTS, ListKind, ListState
from directory.authz.codes import CodeValue
from directory.authz.decisions import decide_each
from directory.authz.denials import record_denial
from directory.authz.errors import (
    AUTHZ_DENIED,
    CODE_CHANGED_MEANWHILE,
    CODE_EXISTS,
    CODE_LIST_UNKNOWN,
    CODE_NOT_THERE,
)
from directory.authz.objects import InPlace
from directory.authz.permissions import CodePermission, Permission
from directory.authz.places import list_agencies_within
from directory.authz.scopes import EVERYWHERE, scopes_of
from directory.clock import today
from directory.errors import Conflict, Forbidden, NotFound
from directory.exports.notes import Export
from directory.installation import Installation
from directory.projection import queries
from directory.projection.queries import AgencyRow
from directory.sheets.writing import Listing
from directory.text import fold

_T = TypeVar("_T")
_ACTIONS = (CodePermission.READ, CodePermission.WRITE, CodePermission.ASSIGN)
_PROVINCE = InPlace("")


@dataclass(frozen=True)
class ShownList:
    """A list. `owner`: the name of the agency whose it is, empty for the province; `valid`: how
    many of its codes are valid today; `may_change`, `may_assign`: whether the actor may."""

    state: ListState
    owner: str
    valid: int
    may_change: bool
    may_assign: bool

    @property
    def kind(self) -> ListKind:
        """Which list it is."""
        return self.state.kind


@dataclass(frozen=True)
class CodeQuestion:
    """Which codes of a list: `text` in code or name; `also_over` those that are valid no more."""

    list: str
    text: str = ""
    also_over: bool = False
    page: int = 1
    size: int = 50


@dataclass(frozen=True)
class CodePage:
    """A page of a list, with the names of the codes above, and how many there are in all."""

    shown: ShownList
    codes: Sequence[CodeValue]
    above: Mapping[str, str]
    total: int


@dataclass(frozen=True)
class ShownCode:
    """A code. `above`: the one it lies under; `below`: how many lie under it."""

    shown: ShownList
    value: CodeValue
    above: CodeValue | None
    below: int

    @property
    def is_over(self) -> bool:
        """Whether it is valid no more, and stays as it is."""
        return self.value.is_over(today().isoformat())


@dataclass(frozen=True)
class CodeListsFor:
    """Shared lists as far as `actor` may see and keep them. All of it raises Forbidden for whoever
    holds no role, and NotFound for a list that there is not."""

    _installation: Installation
    _actor: Actor

    def all(self) -> Sequence[ShownList]:
        """All lists, in their order."""
        with self._installation.database.read() as tx:
            return self._shown(tx, LISTS)

    def page(self, question: CodeQuestion) -> CodePage:
        """A page of one list."""
        with self._installation.database.read() as tx:
            (shown,) = self._shown(tx, [self._named(question.list)])
            found = _fitting(codes.list_codes(tx, question.list), question)
            first = (question.page - 1) * question.size
            part = found[first : first + question.size]
            above = _names_above(tx, shown.kind, part)
        return CodePage(shown, part, above, len(found))

    def show(self, name: str, code: str) -> ShownCode:
        """One code. Raises NotFound."""
        with self._installation.database.read() as tx:
            (shown,) = self._shown(tx, [self._named(name)])
            value = codes.find_code(tx, name, code[: codes.CODE_CHARS])
            if value is None:
                raise NotFound(CODE_NOT_THERE)
            above = shown.kind.above
            parent = codes.find_code(tx, above, value.parent) if above and value.parent else None
            below = _count_below(tx, shown.kind, value.code)
        return ShownCode(shown, value, parent, below)

    def show_list(self, name: str) -> ShownList:
        """One list."""
        with self._installation.database.read() as tx:
            return self._shown(tx, [self._named(name)])[0]

    def require_change(self, name: str) -> ListState:
        """The list. Raises Forbidden for whoever may only look at it."""
        return self._required(name, CodePermission.WRITE)

    def choices_above(self, name: str) -> Sequence[CodeValue]:
        """The codes that one of this list may lie under."""
        above = self._named_kind(name).above
        with self._installation.database.read() as tx:
            self._shown(tx, [name])
            return codes.list_codes(tx, above, valid_on=today().isoformat()) if above else ()

    def titles(self) -> Sequence[str]:
        """The titles that may be chosen today, in their order: for whoever gives one."""
        with self._installation.database.read() as tx:
            found = codes.list_codes(tx, "title", valid_on=today().isoformat())
        return [value.name_vi for value in found]

    def add(self, value: CodeValue) -> None:
        """Put a new code on its list. Raises as `directory.authz.codes.put_code` and
        Conflict(``code.exists``)."""

        def work(tx: Connection) -> None:
            code_lists.take_list(tx, value.list)
            there = codes.find_code(tx, value.list, value.code)
            if there is not None:
                raise Conflict(CODE_EXISTS, field="code", value=there.code, name=there.name_vi)
            codes.put_code(tx, self._actor, value)

        self.require_change(value.list)
        self._installation.database.retrying(work)

    def change(self, name: str, code: str, changes: Mapping[str, Any], seen: int) -> None:
        """Change what is said of a code, as long as it is the version that the actor saw.

        Raises as `directory.authz.codes.put_code`, NotFound, and
        Conflict(``code.changed_meanwhile``)."""

        def work(tx: Connection) -> None:
            codes.put_code(tx, self._actor, replace(self._seen(tx, name, code, seen), **changes))

        self.require_change(name)
        self._installation.database.retrying(work)

    def close(self, name: str, code: str, last_day: str, basis: str, seen: int) -> None:
        """Have it chosen until that day only. Raises as `change`."""

        def work(tx: Connection) -> None:
            value = self._seen(tx, name, code, seen)
            codes.close_code(tx, self._actor, value.list, value.code, last_day, basis)

        self.require_change(name)
        self._installation.database.retrying(work)

    def owners(self) -> Sequence[AgencyRow]:
        """The agencies that a list may be given to. Raises Forbidden."""
        with self._installation.database.read() as tx:
            may = scopes_of(tx, self._actor, (CodePermission.ASSIGN,))[CodePermission.ASSIGN]
            return list_agencies_within(tx, EVERYWHERE) if may.everywhere else ()

    def assign(self, name: str, owner_agency_id: str, is_closed: bool) -> None:
        """As `directory.authz.code_lists.set_list`."""
        self._required(name, CodePermission.ASSIGN)
        self._installation.database.retrying(
            lambda tx: code_lists.set_list(tx, self._actor, name, owner_agency_id, is_closed)
        )

    def read_sheet(self, name: str, raw: bytes, pasted: str) -> SheetCodes:
        """What a sheet says of a list. Raises Invalid (``sheet.*``), Forbidden."""
        self.require_change(name)
        rows = read(raw, pasted)
        with self._installation.database.read() as tx:
            return codes_of(tx, self._named_kind(name), rows)

    def put_all(self, name: str, values: Sequence[CodeValue]) -> int:
        """Put all of them on the list, or none; gives how many were not there so. Raises as
        `directory.authz.codes.put_codes`."""
        kind = self.require_change(name).kind
        return len(
            self._installation.database.retrying(
                lambda tx: codes.put_codes(tx, self._actor, kind.name, values)
            )
        )

    def take_away(self, question: CodeQuestion, filter_told: str, export: Export) -> Listing:
        """A list as a file, noted before its first line is read. Raises as
        `directory.exports.taking.take`."""
        with self._installation.database.read() as tx:
            (shown,) = self._shown(tx, [self._named(question.list)])
            found = _fitting(codes.list_codes(tx, question.list), question)
        return taken_away(self._installation, self._actor, shown.kind, found, filter_told, export)

    def _seen(self, tx: Connection, name: str, code: str, seen: int) -> CodeValue:
        code_lists.take_list(tx, name)
        value = codes.find_code(tx, name, code[: codes.CODE_CHARS])
        if value is None:
            raise NotFound(CODE_NOT_THERE)
        if value.version != seen:
            raise Conflict(CODE_CHANGED_MEANWHILE, version=value.version, now=asdict(value))
        return value

    def _shown(self, tx: Connection, names: Sequence[str] | Mapping[str, Any]) -> list[ShownList]:
        scopes = scopes_of(tx, self._actor, _ACTIONS)
        if scopes[CodePermission.READ].is_empty:
            raise Forbidden(AUTHZ_DENIED, action=CodePermission.READ, reason="no_role")
        states, valid = code_lists.list_states(tx), codes.count_valid(tx)
        owners = queries.agencies_by_id(
            tx, sorted({s.owner_agency_id for s in states.values()} - {""})
        )
        shown = []
        for name in names:
            state = states[name]
            may = decide_each(tx, self._actor, scopes, state.place)
            owner = owners.get(state.owner_agency_id)
            shown.append(
                ShownList(
                    state,
                    owner.name if owner else "",
                    valid.get(name, 0),
                    may[CodePermission.WRITE].allowed,
                    may[CodePermission.ASSIGN].allowed,
                )
            )
        return shown

    def _required(self, name: str, action: Permission) -> ListState:
        self._named(name)
        with self._installation.database.read() as tx:
            state = code_lists.state_of(tx, name)
            about = _PROVINCE if action is CodePermission.ASSIGN else state.place
            scopes = scopes_of(tx, self._actor, (action,))
            decision = decide_each(tx, self._actor, scopes, about)[action]
        if not decision.allowed:
            record_denial(self._installation, self._actor, action, about.tag, decision.reason)
            raise Forbidden(AUTHZ_DENIED, action=action, reason=decision.reason)
        return state

    def _named(self, name: str) -> str:
        return self._named_kind(name).name

    def _named_kind(self, name: str) -> ListKind:
        kind = LISTS.get(name)
        if kind is None:
            raise NotFound(CODE_LIST_UNKNOWN)
        return kind


def _fitting(found: Sequence[CodeValue], question: CodeQuestion) -> Sequence[CodeValue]:
    now, words = today().isoformat(), fold(question.text).split()
    return [
        each
        for each in found
        if (question.also_over or not each.is_over(now)) and _fits(each, words)
    ]


def _fits(value: CodeValue, words: Sequence[str]) -> bool:
    if not words:
        return True
    said = f"{value.code.lower()} {fold(value.name_vi)} {fold(value.name_en)}"
    return all(word in said for word in words)


def _names_above(tx: Connection, kind: ListKind, part: Sequence[CodeValue]) -> Mapping[str, str]:
    if kind.above is None:
        return {}
    wanted = {each.parent for each in part}
    return {
        each.code: each.name_vi for each in codes.list_codes(tx, kind.above) if each.code in wanted
    }


def _count_below(tx: Connection, kind: ListKind, code: str) -> int:
    below = [each.name for each in LISTS.values() if each.above == kind.name]
    return sum(value.parent == code for name in below for value in codes.list_codes(tx, name))
