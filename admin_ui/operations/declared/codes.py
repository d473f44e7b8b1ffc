"""Codes that grants are narrowed to: lists of fields (lĩnh vực) and procedures (thủ tục)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any, cast

from admin_ui.operations.declared.document import Declared, Field
from admin_ui.operations.declared.errors import DECLARED_MISSING
from admin_ui.operations.declared.planning import (
    NOTHING_MORE,
    Doing,
    Done,
    Planning,
    Step,
    differing,
)
from directory.authz import codes
from directory.authz.code_lists import LISTS, CodeList
from directory.authz.codes import CodeValue
from directory.clock import today

SECTION = "codes"
FIELDS = (
    Field("list", is_required=True, choices=tuple(LISTS)),
    Field("code", is_required=True),
    Field("name"),
    Field("name_en"),
    Field("from"),
    Field("to"),
    Field("basis"),
    Field("parent"),
    Field("precedence", "whole"),
    Field("absent", "flag"),
)
_FIELDS = {
    "name": "name_vi",
    "name_en": "name_en",
    "from": "valid_from",
    "to": "valid_to",
    "basis": "basis",
    "parent": "parent",
    "precedence": "precedence",
}


def plan(planning: Planning, things: Sequence[Declared]) -> list[Step]:
    """Put on their list, or closed from today on."""
    return [step for each in things if (step := _step(planning, each))]


def _step(planning: Planning, each: Declared) -> Step | None:
    code_list, code = cast(CodeList, each.text("list")), each.text("code")
    called = f"{code_list} {code}"
    known = codes.find_code(planning.tx, code_list, code)
    if each.is_absent:
        return _closed(each, known, called)
    if known is None and not each.text("name"):
        planning.fault(DECLARED_MISSING, each, name="name")
        return None
    planning.codes.add((code_list, code))
    before = known or CodeValue(code_list, code, "")
    said: dict[str, Any] = {ours: each.values[n] for n, ours in _FIELDS.items() if each.says(n)}
    wanted = replace(before, **said)
    changes = differing(each, asdict(before), _FIELDS) if known else {}
    if known and not changes:
        return Step(SECTION, called, each.line, "same")

    def put(doing: Doing) -> Done:
        codes.put_code(doing.shared, doing.actor, wanted)
        return NOTHING_MORE

    action = "change" if known else "create"
    return Step(SECTION, called, each.line, action, changes, carry_out=put)  # type: ignore[arg-type]


def _closed(each: Declared, known: CodeValue | None, called: str) -> Step:
    last_day = each.text("to") or today().isoformat()
    if known is None or (known.valid_to and known.valid_to <= last_day):
        return Step(SECTION, called, each.line, "same")

    def close(doing: Doing) -> Done:
        codes.close_code(
            doing.shared, doing.actor, known.list, known.code, last_day, each.text("basis")
        )
        return NOTHING_MORE

    changes = {"to": (known.valid_to, last_day)}
    return Step(SECTION, called, each.line, "remove", changes, carry_out=close)


def export(planning: Planning, within: str) -> list[dict[str, Any]]:
    """All of them: they are the province's. None where only a place is asked for."""
    if within:
        return []
    return [
        {"list": each.list, "code": each.code}
        | {name: getattr(each, ours) for name, ours in _FIELDS.items()}
        for each in codes.list_codes(planning.tx)
    ]
