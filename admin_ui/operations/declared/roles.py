"""Roles of applications: declared, changed, retired and restored; what a role is given for is never
lost with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from admin_ui.operations.declared.document import Declared, Field
from admin_ui.operations.declared.errors import (
    DECLARED_MISSING,
    DECLARED_OURS,
    DECLARED_UNKNOWN,
)
from admin_ui.operations.declared.planning import (
    APPLICATION,
    NOTHING_MORE,
    ROLE,
    Action,
    Doing,
    Done,
    Planning,
    Step,
    differing,
    shown,
)
from directory.authz import applications, grants
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.retiring import restore_role, retire_role
from directory.authz.roles import Role, find_role, list_roles
from directory.text import clean

SECTION = "roles"
_NARROWED = ("no", "may", "must")
FIELDS = (
    Field("role", is_required=True),
    Field("title"),
    Field("title_en"),
    Field("description"),
    Field("given_by", choices=("agency", "owner", "province", "operator")),
    Field("by_field", choices=_NARROWED),
    Field("by_procedure", choices=_NARROWED),
    Field("days", "whole"),
    Field("endless", "flag"),
    Field("needs_approval", "flag"),
    Field("excludes", "texts"),
    Field("absent", "flag"),
    Field("reason"),
)
_RETIRED_BEFORE = "đã thôi dùng khi khai báo"
_FIELDS = {
    "title": "title_vi",
    "title_en": "title_en",
    "description": "description",
    "given_by": "given_by",
    "by_field": "by_field",
    "by_procedure": "by_procedure",
    "days": "default_days",
    "endless": "is_endless",
    "needs_approval": "needs_approval",
    "excludes": "excludes",
}


def plan(planning: Planning, things: Sequence[Declared]) -> list[Step]:
    """Declared first; then, when all that is given is given, what excludes what, since each may
    name another of the file, and which are retired."""
    for each in things:
        planning.roles.add(split(each.text("role")))
    return [step for each in things if (step := _step(planning, each))]


def split(name: str) -> tuple[str, str]:
    """The application and the role of ``APP:ROLE``."""
    application, _, role = name.rpartition(":")
    return application, role


def is_there(planning: Planning, name: str) -> bool:
    """Whether there is such a role, or is about to be."""
    key = split(name)
    return key in planning.roles or find_role(planning.tx, *key) is not None


def _step(planning: Planning, each: Declared) -> Step | None:
    called = each.text("role")
    application, name = split(called)
    if application == ADMIN_APPLICATION:
        planning.fault(DECLARED_OURS, each, name=called)
        return None
    is_known = applications.find(planning.tx, application) is not None
    if not is_known and application not in planning.applications:
        planning.fault(DECLARED_UNKNOWN, each, what=APPLICATION, value=application)
        return None
    for other in each.values.get("excludes", ()):
        if not is_there(planning, f"{application}:{other}"):
            planning.fault(DECLARED_UNKNOWN, each, what=ROLE, value=other)
    known = find_role(planning.tx, application, name)
    if known is None and each.is_absent and not each.text("title"):
        return Step(SECTION, called, each.line, "same")
    if known is None and not each.text("title"):
        planning.fault(DECLARED_MISSING, each, name="title")
        return None
    return _put(planning, each, known, Role(application, name, "", name))


def _put(planning: Planning, each: Declared, known: Role | None, new: Role) -> Step:
    said = {ours: _ours(each, name) for name, ours in _FIELDS.items() if each.says(name)}
    wanted = replace(known or new, **said)
    now = asdict(known or new)
    changes = {
        name: pair
        for name, pair in differing(_as_ours(each), now, _FIELDS).items()
        if known is not None
    }
    called = f"{new.application_id}:{new.name}"
    was_retired = known is not None and known.retired_at is not None
    is_retired = bool(each.values.get("absent", was_retired))
    if was_retired != is_retired and known is not None:
        changes["absent"] = (shown(was_retired), shown(is_retired))
    if known is not None and not changes:
        return Step(SECTION, called, each.line, "same")
    # One that is made retired was so where the file comes from.
    is_reason_wanted = was_retired != is_retired and known is not None
    reason = planning.reason(each) if is_reason_wanted else each.text("reason") or _RETIRED_BEFORE
    first = replace(wanted, excludes=known.excludes if known else ())
    key = (new.application_id, new.name)

    def declare(doing: Doing) -> Done:
        # Before anything is given: a retired one is not.
        if was_retired and not is_retired:
            restore_role(doing.shared, doing.actor, *key, reason)
        grants.put_role(doing.shared, doing.actor, first)
        return NOTHING_MORE

    def finish(doing: Doing) -> None:
        if set(wanted.excludes) != set(first.excludes):
            grants.put_role(doing.shared, doing.actor, wanted)
        if is_retired and not was_retired:
            retire_role(doing.shared, doing.actor, *key, reason)

    action: Action = "create" if known is None else "change"
    if known is not None and is_retired and not was_retired:
        action = "remove"
    return Step(SECTION, called, each.line, action, changes, carry_out=declare, finish=finish)


def _ours(each: Declared, name: str) -> Any:
    value = each.values[name]
    if name in ("by_field", "by_procedure"):
        return "" if value == "no" else value
    if isinstance(value, str):
        return clean(value)
    return tuple(sorted(value)) if name == "excludes" else value


def _as_ours(each: Declared) -> Declared:
    return replace(each, values={name: _ours(each, name) for name in each.values})


def export(planning: Planning, within: str) -> list[dict[str, Any]]:
    """Of the applications that are exported with them. Retired ones are absent."""
    told = []
    for each in list_roles(planning.tx):
        app = applications.find(planning.tx, each.application_id)
        if app is None or app.built_in:
            continue
        if within and not planning.places.lies_under(app.owner_agency_id, within):
            continue
        row: dict[str, Any] = {"role": f"{each.application_id}:{each.name}"}
        row |= {name: getattr(each, ours) for name, ours in _FIELDS.items()}
        row |= {name: row[name] or "no" for name in ("by_field", "by_procedure")}
        told.append(
            row | {"excludes": list(each.excludes), "absent": True if each.retired_at else None}
        )
    return told
