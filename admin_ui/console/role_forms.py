"""The forms of a role: what it is, who may give it, and what a grant of it may be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from wtforms import HiddenField, RadioField, SelectField, StringField

from directory.authz.grants import DESCRIPTION_CHARS, TITLE_CHARS
from directory.authz.permissions import GivenBy
from directory.authz.roles import DEFAULT_DAYS, Narrowing, Role, title_of
from directory.text import plain
from web.forms import ChangeForm, ChecksField, choices_of, optional
from web.i18n import N_

_YES = "1"
_KEY_CHARS = 64
GIVERS: Mapping[str, str] = {
    "agency": N_("Administrators of each agency, for their own places"),
    "owner": N_("Administrators of the owner of the application, for everybody"),
    "province": N_("Administrators of the province only"),
    "operators": N_("Two administrators of the province together"),
    "operator": N_("Only by a command on the server"),
}
_OFFERED = ("agency", "owner", "province")
_NARROWINGS: Mapping[str, str] = {
    "": N_("No"),
    "may": N_("May be chosen"),
    "must": N_("Must be chosen"),
}


class RoleForm(ChangeForm):
    """A role as its application declares it."""

    title_vi = StringField(
        N_("Name in Vietnamese"),
        description=N_("As people know it, for example: Văn thư."),
        render_kw={"maxlength": TITLE_CHARS},
    )
    title_en = StringField(
        N_("Name in English"), [optional()], render_kw={"maxlength": TITLE_CHARS}
    )
    name = StringField(
        N_("Key"),
        [optional()],
        description=N_(
            "What the application receives at the sign-in: lower-case letters, digits and . - _. "
            "Left empty, it is made of the Vietnamese name. It cannot be changed later."
        ),
        render_kw={"maxlength": _KEY_CHARS, "autocapitalize": "none", "spellcheck": "false"},
    )
    description = StringField(
        N_("What its holders may do"),
        [optional()],
        description=N_("A sentence that is shown before the role is given."),
        render_kw={"maxlength": DESCRIPTION_CHARS},
    )
    given_by = RadioField(N_("Who may give it"), choices=[], validate_choice=False)
    needs_approval = ChecksField(N_("Approval"))
    by_field = SelectField(N_("For one field of work (lĩnh vực)"), choices=choices_of(_NARROWINGS))
    by_procedure = SelectField(N_("For one procedure (thủ tục)"), choices=choices_of(_NARROWINGS))
    default_days = StringField(
        N_("Days it is given for"),
        description=N_("Proposed when the role is given; 365 is a year."),
        render_kw={"maxlength": 5, "inputmode": "numeric"},
    )
    is_endless = ChecksField(N_("Without end"))
    excludes = ChecksField(
        N_("Roles that nobody holds together with it"),
        description=N_("It counts both ways, and for what is given from now on."),
    )


class RetiringForm(ChangeForm):
    """Why a role is retired or given again; `state`: the one that the page showed."""

    state = HiddenField()
    reason = StringField(
        N_("Reason"),
        description=N_("It is kept in the audit log, for example a decision or a request."),
        render_kw={"maxlength": 500},
    )


def offer(form: ChangeForm, roles: Sequence[Role], role: Role | None) -> None:
    """Put what may be chosen into the form of a role, or of a new one."""
    now = role.given_by if role else ""
    offered = [*_OFFERED, *([now] if now not in ("", *_OFFERED) else [])]
    form.given_by.choices = choices_of({giver: GIVERS[giver] for giver in offered})
    form.needs_approval.choices = choices_of({_YES: N_("A second person who may give it approves")})
    form.is_endless.choices = choices_of({_YES: N_("It may be given without a last day")})
    others = {each.name: title_of(each) for each in roles if role is None or each != role}
    form.excludes.choices = choices_of(others)


def first_values() -> dict[str, str]:
    """What the form of a new role begins with."""
    empty = {field.name: "" for field in RoleForm({}, {})}
    return {**empty, "given_by": "agency", "default_days": str(DEFAULT_DAYS)}


def values_of(role: Role) -> dict[str, str]:
    """What the form shows of a role as it is."""
    return {
        "title_vi": role.title_vi,
        "title_en": role.title_en,
        "name": role.name,
        "description": role.description,
        "given_by": role.given_by,
        "needs_approval": _YES if role.needs_approval else "",
        "by_field": role.by_field,
        "by_procedure": role.by_procedure,
        "default_days": str(role.default_days),
        "is_endless": _YES if role.is_endless else "",
        "excludes": " ".join(role.excludes),
    }


def new_role(application_id: str, values: Mapping[str, str]) -> Role:
    """The role that a form declares."""
    name = values["name"] or key_of(values["title_vi"])
    return replace(Role(application_id, name, "", ""), **_told({**values, "name": name}))


def changed_role(role: Role, changes: Mapping[str, str]) -> Role:
    """The role with what a form changes of it; its key stays."""
    return replace(role, **_told({k: v for k, v in changes.items() if k != "name"}))


def key_of(title: str) -> str:
    """A key made of a title: ``Văn thư`` → ``van_thu``."""
    return re.sub(r"[^a-z0-9]+", "_", plain(title)).strip("_")[:_KEY_CHARS]


def _told(values: Mapping[str, str]) -> dict[str, Any]:
    return {name: _READ.get(name, str)(value) for name, value in values.items()}


def _narrowing(text: str) -> Narrowing:
    return cast(Narrowing, text if text in _NARROWINGS else "")


def _days(text: str) -> int:
    # What is no number of days is refused by the service, in its words.
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else 0


_READ: Mapping[str, Any] = {
    "given_by": lambda text: cast(GivenBy, text),
    "needs_approval": lambda text: text == _YES,
    "is_endless": lambda text: text == _YES,
    "by_field": _narrowing,
    "by_procedure": _narrowing,
    "default_days": _days,
    "excludes": lambda text: tuple(text.split()),
}
