"""Connectors: each with its whole definition, as `danhmuc connector add` takes it. Tokens are
neither written nor read; a new one is paused, and no file begins one: somebody looks at its plan
first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from admin_ui.operations.declared import roles
from admin_ui.operations.declared.applications import said
from admin_ui.operations.declared.document import Declared, Field
from admin_ui.operations.declared.errors import (
    DECLARED_BEGINS,
    DECLARED_REFUSED,
    DECLARED_UNKNOWN,
)
from admin_ui.operations.declared.planning import (
    AGENCY,
    APPLICATION,
    NOTHING_MORE,
    ROLE,
    Action,
    Doing,
    Done,
    Planning,
    Step,
    shown,
)
from directory.authz import applications
from directory.errors import AppError, Invalid
from sync.engine import connectors
from sync.engine.connectors import Connector
from sync.engine.definition import Definition, read_node
from sync.engine.editing import plain_of, written
from sync.engine.kinds import find_kinds

SECTION = "connectors"
_PARTS = (
    "application",
    "target",
    "scope",
    "accounts",
    "roles",
    "leavers",
    "reconcile",
    "limits",
    "tables",
)
FIELDS = (
    Field("connector", is_required=True),
    *(Field(name, "node") for name in _PARTS),
    Field("absent", "flag"),
)
_TEXT, _MAP = "tag:yaml.org,2002:str", "tag:yaml.org,2002:map"
_BEGUN_BY_HAND = (
    "paused, without a token: `danhmuc connector add FILE --replace --token-stdin` gives it one, "
    "`danhmuc connector resume` begins"
)


@dataclass(frozen=True)
class _Wanted:
    """A definition that a file holds, and what stands in it, as texts."""

    definition: Definition
    plain: Mapping[str, Any]


def plan(planning: Planning, things: Sequence[Declared]) -> list[Step]:
    """Set up, given another definition, or paused where they are to be absent."""
    return [step for each in things if (step := _step(planning, each))]


def _step(planning: Planning, each: Declared) -> Step | None:
    name = each.text("connector")
    if each.values.get("absent") is False:
        planning.fault(DECLARED_BEGINS, each, name=name)
        return None
    known = connectors.find(planning.tx, name)
    is_named_alone = not any(map(each.says, _PARTS))
    if is_named_alone and known is None and each.is_absent:
        return Step(SECTION, name, each.line, "same")
    if is_named_alone and known is not None:
        return _changed(planning, each, known, None)
    wanted = _wanted(planning, each)
    if wanted is None:
        return None
    return _changed(planning, each, known, wanted) if known else _new(planning, each, wanted)


def _wanted(planning: Planning, each: Declared) -> _Wanted | None:
    """None, and faults at their places in the file, for what is no definition."""
    node = _node(each)
    try:
        definition = read_node(node, find_kinds())
    except Invalid as bad:
        planning.faults += (bad, *bad.also)
        return None
    app = definition.application_id
    is_known = applications.find(planning.tx, app) is not None
    if not is_known and app not in planning.applications:
        planning.fault(DECLARED_UNKNOWN, each, what=APPLICATION, value=app)
        return None
    for code in definition.agencies:
        planning.place(each, code, AGENCY)
    for role in definition.roles:
        if not roles.is_there(planning, f"{app}:{role}"):
            planning.fault(DECLARED_UNKNOWN, each, what=ROLE, value=role)
    return _Wanted(definition, plain_of(yaml.serialize(node, Dumper=yaml.SafeDumper)))


def _node(each: Declared) -> yaml.MappingNode:
    """The definition as `danhmuc connector add` would find it in a file of its own."""
    at = yaml.Mark("", 0, each.line - 1, 0, None, 0)

    def text(value: str) -> yaml.ScalarNode:
        return yaml.ScalarNode(_TEXT, value, at, at)

    parts = [(text("connector"), text(each.text("connector")))]
    parts += [(text(name), each.values[name]) for name in _PARTS if each.says(name)]
    return yaml.MappingNode(_MAP, parts, at, at)


def _new(planning: Planning, each: Declared, wanted: _Wanted) -> Step:
    _judge(planning, each, None, wanted)
    source = written(wanted.plain)

    def put(doing: Doing) -> Done:
        connectors.put_within(doing.shared, doing.actor, source, is_paused=True)
        return NOTHING_MORE

    name = wanted.definition.name
    return Step(SECTION, name, each.line, "create", carry_out=put, note=_BEGUN_BY_HAND)


def _changed(planning: Planning, each: Declared, known: Connector, wanted: _Wanted | None) -> Step:
    changes = _differing(plain_of(known.source), wanted.plain) if wanted else {}
    is_defined_anew = bool(changes)
    is_paused_now = each.is_absent and known.paused_at is None
    if is_defined_anew and wanted:
        _judge(planning, each, known, wanted)
    if is_paused_now:
        changes["absent"] = ("false", "true")
    if not changes:
        return Step(SECTION, known.name, each.line, "same")

    def change(doing: Doing) -> Done:
        if is_defined_anew and wanted:
            source = written(wanted.plain)
            connectors.put_within(
                doing.shared, doing.actor, source, replaces=True, seen=known.source
            )
        if is_paused_now:
            connectors.pause_within(doing.shared, doing.actor, known.name)
        return NOTHING_MORE

    action: Action = "remove" if is_paused_now else "change"
    return Step(SECTION, known.name, each.line, action, changes, carry_out=change)


def _judge(planning: Planning, each: Declared, known: Connector | None, wanted: _Wanted) -> None:
    """What would be refused, said before anything is done. Of an application that is made with it,
    nobody knows yet what it may learn."""
    definition = wanted.definition
    try:
        if known is not None:
            connectors.require_token_kept(known, definition)
        if applications.find(planning.tx, definition.application_id) is not None:
            connectors.require_released(planning.tx, definition)
    except AppError as refused:
        planning.fault(DECLARED_REFUSED, each, why=said(refused))


def _differing(now: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    before, after = _leaves(now), _leaves(wanted)
    return {
        name: (before.get(name, ""), after.get(name, ""))
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    }


def _leaves(part: Any, path: str = "") -> dict[str, str]:
    """What stands where, by the names that lead there."""
    if not isinstance(part, Mapping):
        return {path: shown(part)}
    found: dict[str, str] = {}
    for name, value in part.items():
        found |= _leaves(value, f"{path}.{name}" if path else str(name))
    return found


def export(planning: Planning, within: str) -> list[dict[str, Any]]:
    """Of the applications that are exported with them. Paused ones are absent."""
    told = []
    for name in connectors.list_names(planning.tx):
        found = connectors.find(planning.tx, name)
        app = applications.find(planning.tx, found.definition.application_id) if found else None
        if found is None or app is None:
            continue
        if within and not planning.places.lies_under(app.owner_agency_id, within):
            continue
        paused = {"absent": True} if found.paused_at is not None else {}
        told.append({"connector": name} | plain_of(found.source) | paused)
    return told
