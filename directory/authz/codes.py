"""Codes of the shared lists (`directory.authz.code_lists`): titles, ranks, administrative units,
and the fields (lĩnh vực) and procedures (thủ tục) that grants are narrowed to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, cast

from sqlalchemy import Connection, Row, func, insert, select, tuple_, update

from directory.actor import Actor
from directory.audit.log import record
from directory.authz import errors
from directory.authz.code_lists import (
    CodeList,
    ListState,
    keep,
    require_list,
    state_of,
    take_list,
)
from directory.authz.decisions import require
from directory.authz.events import CODE_CHANGED, CODE_CLOSED, CODE_PUT, CODES_PUT
from directory.authz.permissions import CodePermission
from directory.authz.tables import code_value
from directory.clock import is_date, today, written
from directory.database.engine import ask_once, remember
from directory.errors import AppError, Conflict, Invalid, NotFound
from directory.errors.input import INPUT_DATE
from directory.text import clean, fold

CODE_CHARS = 64
NAME_CHARS = 300
BASIS_CHARS = 500
MOST_PRECEDENCE = 9999
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# What is told of a change, old and new.
_TOLD = ("name_en", "valid_from", "parent", "precedence")
# People have a precedence, too, which the log calls otherwise.
_CALLED = {"precedence": "order"}


@dataclass(frozen=True)
class CodeValue:
    """A code of a list. `valid_from`, `valid_to`: first and last day, empty when open. `parent`:
    the code above it; `precedence`: its place in the list, 0 after all others. `version`: of the
    list, when this was said last."""

    list: CodeList
    code: str
    name_vi: str
    name_en: str = ""
    valid_from: str = ""
    valid_to: str = ""
    basis: str = ""
    parent: str = ""
    precedence: int = 0
    version: int = field(default=0, compare=False)

    def is_valid(self, on: str) -> bool:
        """Whether it may be used on that day."""
        return self.valid_from <= on and (not self.valid_to or on <= self.valid_to)

    def is_over(self, on: str) -> bool:
        """Whether it was, and is no more."""
        return bool(self.valid_to) and self.valid_to < on


def put_code(tx: Connection, actor: Actor, value: CodeValue) -> bool:
    """Add a code or change what is said of it. False when the list says so already.

    Raises Invalid, Forbidden, Conflict (``code.over``: what is over stays as it is, and its code is
    given to nothing else; ``code.same_name``).
    """
    return bool(put_codes(tx, actor, value.list, [value]))


def put_codes(
    tx: Connection, actor: Actor, name: CodeList, values: Sequence[CodeValue]
) -> Sequence[CodeValue]:
    """As `put_code`, of many codes of one list, as one version of it: all or none. Gives those that
    were not there so."""
    state = take_list(tx, name)
    require(tx, actor, CodePermission.WRITE, state.place)
    known = {each.code: each for each in list_codes(tx, name)}
    steps = plan(state, known, known_above(tx, state, known), values)
    for step in steps:
        if step.problem is not None:
            raise step.problem
    changed = [step for step in steps if step.changes]
    if not changed:
        return ()
    version = keep(tx, state).version
    act = ""
    if len(changed) > 1:
        added = sum(step.before is None for step in changed)
        others = len(changed) - added
        act = record(tx, CODES_PUT, actor, list=name, added=added, changed=others)
    for step in changed:
        _write(tx, step.before, replace(step.value, version=version))
        _record_put(tx, actor, step.before, step.value, act)
    return [step.value for step in changed]


def known_above(
    tx: Connection, state: ListState, known: Mapping[str, CodeValue]
) -> Mapping[str, CodeValue]:
    """The codes that may stand above those of a list, whose own are `known`."""
    above = state.kind.above
    if above is None or above == state.kind.name:
        return known
    return {each.code: each for each in list_codes(tx, above)}


@dataclass(frozen=True)
class Step:
    """A code as it is now (None: it is new) and as it would be; or why not."""

    before: CodeValue | None
    value: CodeValue
    problem: AppError | None = None

    @property
    def changes(self) -> bool:
        """Whether it would be otherwise."""
        return self.before != self.value


def plan(
    state: ListState,
    known: Mapping[str, CodeValue],
    above: Mapping[str, CodeValue],
    values: Iterable[CodeValue],
) -> Sequence[Step]:
    """What putting all of these on the list would do. `known`, `above`: by code, those of the list
    and those that may stand above them."""
    steps = [_step(known, value) for value in values]
    after = {**known, **{step.value.code: step.value for step in steps if not step.problem}}
    named = _by_name(after) if state.kind.is_named_once else {}
    above = after if state.kind.above == state.kind.name else above
    return [
        step
        if step.problem or not step.changes
        else replace(step, problem=_problem(state, step, named, above))
        for step in steps
    ]


def listed_title(tx: Connection, title: str) -> str:
    """A title as the list of titles spells it; as it is where other words pass too.

    Raises Invalid(``title.unlisted``).
    """
    title = clean(title)
    if not title or not state_of(tx, "title").is_closed:
        return title
    key = fold(title)
    named = [v.name_vi for v in list_codes(tx, "title", valid_on=today().isoformat())]
    if title in named:
        return title
    for name in named:
        if fold(name) == key:
            return name
    raise Invalid(errors.TITLE_UNLISTED, field="title", value=title[:NAME_CHARS])


def _step(known: Mapping[str, CodeValue], value: CodeValue) -> Step:
    before = known.get(value.code)
    try:
        value = _checked(value)
    except Invalid as error:
        return Step(before, value, error)
    if before is not None and before != value and before.is_over(today().isoformat()):
        return Step(before, value, _over(before, "code"))
    return Step(before, value)


def _problem(
    state: ListState,
    step: Step,
    named: Mapping[str, Sequence[CodeValue]],
    above: Mapping[str, CodeValue],
) -> AppError | None:
    """What is wrong with it among all the others."""
    value = step.value
    for other in named.get(fold(value.name_vi), ()):
        if other.code != value.code and _is_together(value, other):
            return Conflict(
                errors.CODE_SAME_NAME, field="name_vi", name=other.name_vi, code=other.code
            )
    is_moved = step.before is None or step.before.parent != value.parent
    if not value.parent or not is_moved:
        return None
    if value.parent not in above:
        return Invalid(errors.CODE_ABOVE, field="parent", value=value.parent[:CODE_CHARS])
    if state.kind.above == state.kind.name and _is_below_itself(value, above):
        return Invalid(errors.CODE_CIRCLE, field="parent", value=value.code)
    return None


def _over(before: CodeValue, at: str) -> Conflict:
    return Conflict(errors.CODE_OVER, field=at, value=before.code, until=written(before.valid_to))


def _by_name(codes: Mapping[str, CodeValue]) -> Mapping[str, Sequence[CodeValue]]:
    called: dict[str, list[CodeValue]] = {}
    for each in codes.values():
        called.setdefault(fold(each.name_vi), []).append(each)
    return called


def _is_together(one: CodeValue, other: CodeValue) -> bool:
    """Whether both are valid on some day from today on."""
    first = max(one.valid_from, other.valid_from, today().isoformat())
    return all(not each.valid_to or first <= each.valid_to for each in (one, other))


def _is_below_itself(value: CodeValue, above: Mapping[str, CodeValue]) -> bool:
    way, at = {value.code}, value.parent
    while at in above and at not in way:
        way.add(at)
        at = above[at].parent
    return at in way


def close_code(
    tx: Connection, actor: Actor, code_list: CodeList, code: str, last_day: str, basis: str = ""
) -> CodeValue:
    """After that day it is chosen no more; what says it already goes on saying so. Raises as
    `put_code`, NotFound without such a code."""
    state = take_list(tx, code_list)
    require(tx, actor, CodePermission.WRITE, state.place)
    before = find_code(tx, code_list, code)
    if before is None:
        raise NotFound(errors.CODE_UNKNOWN, value=code)
    closed = _checked(replace(before, valid_to=last_day, basis=basis or before.basis))
    if closed == before:
        return before
    if before.is_over(today().isoformat()):
        raise _over(before, "valid_to")
    closed = replace(closed, version=keep(tx, state).version)
    _write(tx, before, closed)
    record(tx, CODE_CLOSED, actor, **_told(closed), until=last_day)
    return closed


def find_code(tx: Connection, code_list: str, code: str) -> CodeValue | None:
    """A code, whether it is valid or not."""

    def ask() -> CodeValue | None:
        row = tx.execute(select(code_value).where(_key(code_list, code))).first()
        return None if row is None else _value(row)

    return ask_once(tx, ("code", code_list, code), ask)


def read_codes(tx: Connection, wanted: Collection[tuple[str, str]]) -> None:
    """What `find_code` gives of each (list, code) from now on in this transaction, without asking
    again."""
    if not wanted:
        return
    columns = code_value.c
    query = select(code_value).where(tuple_(columns.list, columns.code).in_(sorted(wanted)))
    found = {(row.list, row.code): _value(row) for row in tx.execute(query)}
    for each in wanted:
        remember(tx, ("code", *each), found.get(each))


def list_codes(tx: Connection, code_list: str = "", *, valid_on: str = "") -> Sequence[CodeValue]:
    """The codes of a list in their order, or of all; those valid on a day, or all."""
    columns = code_value.c
    order = func.coalesce(func.nullif(columns.precedence, 0), MOST_PRECEDENCE + 1)
    query = select(code_value).order_by(columns.list, order, columns.code)
    if code_list:
        query = query.where(columns.list == code_list)
    values = map(_value, tx.execute(query))
    return [value for value in values if not valid_on or value.is_valid(valid_on)]


def count_valid(tx: Connection) -> Mapping[str, int]:
    """How many codes of each list are valid today."""
    columns, now = code_value.c, today().isoformat()
    begun = func.coalesce(columns.valid_from, "") <= now
    ends = func.coalesce(columns.valid_to, "")
    query = (
        select(columns.list, func.count())
        .where(begun, (ends == "") | (ends >= now))
        .group_by(columns.list)
    )
    return {name: int(count) for name, count in tx.execute(query)}


def require_valid(tx: Connection, code_list: CodeList, code: str, on: str) -> None:
    """Raise Invalid unless the list has such a code on that day."""
    found = find_code(tx, code_list, code)
    if found is None or not found.is_valid(on):
        raise Invalid(errors.CODE_UNKNOWN, field=code_list, value=code)


def _checked(value: CodeValue) -> CodeValue:
    kind = require_list(value.list)
    if not _CODE.fullmatch(value.code):
        raise Invalid(errors.CODE_FORM, field="code", value=value.code[:CODE_CHARS])
    for name, day in (("valid_from", value.valid_from), ("valid_to", value.valid_to)):
        if day and not is_date(day):
            raise Invalid(INPUT_DATE, field=name, value=day)
    if value.valid_to and value.valid_to < value.valid_from:
        raise Invalid(errors.CODE_DATES, field="valid_to")
    value = replace(
        value,
        name_vi=clean(value.name_vi),
        name_en=clean(value.name_en),
        basis=clean(value.basis),
    )
    if not value.name_vi:
        raise Invalid(errors.CODE_NAME, field="name_vi")
    for name, text, most in (
        ("name_vi", value.name_vi, NAME_CHARS),
        ("name_en", value.name_en, NAME_CHARS),
        ("basis", value.basis, BASIS_CHARS),
    ):
        if len(text) > most:
            raise Invalid(errors.CODE_LONG, field=name, most=most)
    if not 0 <= value.precedence <= MOST_PRECEDENCE:
        raise Invalid(errors.CODE_PRECEDENCE, field="precedence", most=MOST_PRECEDENCE)
    if value.parent and kind.above is None:
        raise Invalid(errors.CODE_NOTHING_ABOVE, field="parent")
    return value


def _write(tx: Connection, before: CodeValue | None, value: CodeValue) -> None:
    row = {name: said or None for name, said in asdict(value).items()}
    if before is None:
        tx.execute(insert(code_value).values(row))
    else:
        tx.execute(update(code_value).where(_key(value.list, value.code)).values(row))


def _record_put(
    tx: Connection, actor: Actor, before: CodeValue | None, value: CodeValue, act: str
) -> None:
    told = {**_told(value), "until": value.valid_to}
    if before is None:
        more = {name: getattr(value, name) for name in _TOLD}
        record(tx, CODE_PUT, actor, part_of=act, **told, **more)
        return
    changes: dict[str, Any] = {}
    for name in ("name_vi", *_TOLD, "valid_to", "basis"):
        if getattr(before, name) != getattr(value, name):
            changes[name] = getattr(value, name)
    was = {_CALLED.get(name, name): getattr(before, name) for name in changes}
    changes = {_CALLED.get(name, name): value for name, value in changes.items()}
    record(tx, CODE_CHANGED, actor, part_of=act, **_told(value), changes=changes, before=was)


def _key(code_list: str, code: str) -> Any:
    return (code_value.c.list == code_list) & (code_value.c.code == code)


def _told(value: CodeValue) -> dict[str, Any]:
    return {"list": value.list, "code": value.code, "name": value.name_vi, "basis": value.basis}


def _value(row: Row[Any]) -> CodeValue:
    return CodeValue(
        cast(CodeList, row.list),
        row.code,
        row.name_vi,
        row.name_en or "",
        row.valid_from or "",
        row.valid_to or "",
        row.basis or "",
        row.parent or "",
        row.precedence or 0,
        row.version or 0,
    )
