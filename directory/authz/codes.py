"""Lists of codes that grants are narrowed to: fields (lĩnh vực) and procedures (thủ tục)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, cast, get_args

from sqlalchemy import Connection, Row, insert, select, update

from directory.actor import Actor
from directory.audit.log import record
from directory.authz.decisions import require
from directory.authz.errors import CODE_DATES, CODE_FORM, CODE_LIST, CODE_NAME, CODE_UNKNOWN
from directory.authz.events import CODE_CLOSED, CODE_PUT
from directory.authz.objects import InPlace
from directory.authz.permissions import CodePermission
from directory.authz.tables import code_value
from directory.clock import is_date
from directory.database.advisory_lock import take_advisory_lock
from directory.errors import Invalid, NotFound
from directory.errors.input import INPUT_DATE
from directory.text import clean

CodeList = Literal["field", "procedure"]
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PROVINCE = InPlace("")


@dataclass(frozen=True)
class CodeValue:
    """A code of a list. `valid_from`, `valid_to`: first and last day, empty when open."""

    list: CodeList
    code: str
    name_vi: str
    name_en: str = ""
    valid_from: str = ""
    valid_to: str = ""
    basis: str = ""

    def is_valid(self, on: str) -> bool:
        """Whether it may be used on that day."""
        return self.valid_from <= on and (not self.valid_to or on <= self.valid_to)


def put_code(tx: Connection, actor: Actor, value: CodeValue) -> bool:
    """Add a code or change what is said of it. False when the list says so already.

    Raises Invalid, Forbidden.
    """
    require(tx, actor, CodePermission.WRITE, _PROVINCE)
    value = _checked(value)
    take_advisory_lock(tx, "code", f"{value.list} {value.code}")
    before = find_code(tx, value.list, value.code)
    if before == value:
        return False
    row = asdict(value)
    row |= {name: row[name] or None for name in ("name_en", "valid_from", "valid_to", "basis")}
    if before is None:
        tx.execute(insert(code_value).values(row))
    else:
        tx.execute(update(code_value).where(_key(value.list, value.code)).values(row))
    record(tx, CODE_PUT, actor, **_told(value))
    return True


def close_code(
    tx: Connection, actor: Actor, code_list: CodeList, code: str, last_day: str, basis: str = ""
) -> CodeValue:
    """From then on no grant is narrowed to it; what was given stays. Raises as `put_code`, NotFound
    without such a code."""
    require(tx, actor, CodePermission.WRITE, _PROVINCE)
    take_advisory_lock(tx, "code", f"{code_list} {code}")
    before = find_code(tx, code_list, code)
    if before is None:
        raise NotFound(CODE_UNKNOWN, value=code)
    closed = _checked(replace(before, valid_to=last_day, basis=basis or before.basis))
    values = {"valid_to": last_day, "basis": closed.basis or None}
    tx.execute(update(code_value).where(_key(code_list, code)).values(values))
    record(tx, CODE_CLOSED, actor, **_told(closed), until=last_day)
    return closed


def find_code(tx: Connection, code_list: str, code: str) -> CodeValue | None:
    """A code, whether it is valid or not."""
    row = tx.execute(select(code_value).where(_key(code_list, code))).first()
    return None if row is None else _value(row)


def list_codes(tx: Connection, code_list: str = "", *, valid_on: str = "") -> Sequence[CodeValue]:
    """The codes of a list, or of all; those valid on a day, or all."""
    query = select(code_value).order_by(code_value.c.list, code_value.c.code)
    if code_list:
        query = query.where(code_value.c.list == code_list)
    values = map(_value, tx.execute(query))
    return [value for value in values if not valid_on or value.is_valid(valid_on)]


def require_valid(tx: Connection, code_list: CodeList, code: str, on: str) -> None:
    """Raise Invalid unless the list has such a code on that day."""
    found = find_code(tx, code_list, code)
    if found is None or not found.is_valid(on):
        raise Invalid(CODE_UNKNOWN, field=code_list, value=code)


def _checked(value: CodeValue) -> CodeValue:
    if value.list not in get_args(CodeList):
        raise Invalid(CODE_LIST, field="list", value=value.list)
    if not _CODE.fullmatch(value.code):
        raise Invalid(CODE_FORM, field="code", value=value.code)
    for name, day in (("valid_from", value.valid_from), ("valid_to", value.valid_to)):
        if day and not is_date(day):
            raise Invalid(INPUT_DATE, field=name, value=day)
    if value.valid_to and value.valid_to < value.valid_from:
        raise Invalid(CODE_DATES, field="valid_to")
    value = replace(value, name_vi=clean(value.name_vi), name_en=clean(value.name_en))
    if not value.name_vi:
        raise Invalid(CODE_NAME, field="name")
    return value


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
    )
