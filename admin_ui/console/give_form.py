"""The form that gives a role: to whom, where, until when, why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast, get_args

from wtforms import HiddenField, RadioField, SelectField, StringField

from admin_ui.console.place_choices import names_of
from directory.access.giving import Holder, PlacesToChoose, RoleToGive
from directory.authz.codes import CodeValue
from directory.authz.grants import Grant, HolderKind
from directory.catalogue.errors import PERSON_UNKNOWN
from directory.errors import NotFound, Words
from directory.ids import can_be_id
from directory.text import fold
from web.forms import ChangeForm, DayField, choices_of, optional
from web.i18n import N_, gettext

# As many are looked through in a list; more are typed.
MOST_LISTED = 60
_MOST_NAMED = 5
DAY = {"placeholder": N_("dd/mm/yyyy"), "inputmode": "numeric", "maxlength": 10}


class GiveForm(ChangeForm):
    """A role that is given. `role` and `sought`: what the page before it asked for."""

    role = HiddenField()
    sought = HiddenField()
    holder = RadioField(N_("Whom it is given to"), choices=[], validate_choice=False)
    agency = SelectField(
        N_("Where it holds"),
        description=N_("There and in everything under it."),
        choices=[],
        validate_choice=False,
    )
    field = StringField(N_("Field of work"))
    procedure = StringField(N_("Procedure"))
    start = DayField(
        N_("First day"),
        [optional()],
        description=N_("Left empty: today."),
        render_kw=DAY,
    )
    end = DayField(N_("Last day"), description=N_("As the role proposes."), render_kw=DAY)
    reason = StringField(
        N_("Reason"),
        description=N_("Whoever looks at the role later reads it; it is kept in the audit log."),
        render_kw={"maxlength": 500},
    )
    basis = StringField(
        N_("Legal basis"),
        [optional()],
        description=N_("For example: Decision 12/QĐ-STP of 02/03/2026."),
        render_kw={"maxlength": 500},
    )


def first_values(
    role: RoleToGive, holder: Holder | None, proposed: str, end: str
) -> dict[str, str]:
    """What the form begins with."""
    empty = {field.name: "" for field in GiveForm({}, {})}
    return {
        **empty,
        "role": role.tag,
        "holder": holder.tag if holder else "",
        "agency": proposed,
        "end": end,
    }


def offer(
    form: ChangeForm, role: RoleToGive, holders: Sequence[Holder], places: PlacesToChoose
) -> None:
    """Put what may be chosen into the form."""
    form.holder.choices = choices_of({each.tag: told(each) for each in holders})
    named = names_of(places.places)
    if not places.proposed:
        named = {"": _nothing(holders), **named}
    form.agency.choices = choices_of(named)
    if role.role.is_endless:
        form.end.validators = [optional()]
        form.end.flags.optional = True
    for name, narrowing in (("field", role.role.by_field), ("procedure", role.role.by_procedure)):
        form[name].flags.optional = narrowing != "must"


def _nothing(holders: Sequence[Holder]) -> Words:
    if len(holders) > 1:
        return Words("Nơi công tác của người được chọn", "Where whoever is chosen works")
    return Words("Chọn nơi áp dụng", "Choose a place")


def told(holder: Holder) -> Words:
    """A holder in a line."""
    kinds = {
        "person": Words("", ""),
        "post": Words(" (chỉ trong vị trí công tác này)", " (in this post alone)"),
        "position": Words(" (vị trí việc làm)", " (position)"),
    }
    at = f" – {holder.at}" if holder.at else ""
    kind = kinds[holder.kind]
    return Words(f"{holder.name}{kind.vi}{at}", f"{holder.name}{kind.en}{at}")


def grant_of(values: Mapping[str, str]) -> Grant:
    """The grant that the form asks for. Raises NotFound for a holder that cannot be one."""
    application_id, _, name = values["role"].rpartition(":")
    kind, _, holder_id = values["holder"].partition(":")
    if kind not in get_args(HolderKind) or not can_be_id(holder_id):
        raise NotFound(PERSON_UNKNOWN)
    return Grant(
        application_id=application_id,
        role=name,
        holder_kind=cast(HolderKind, kind),
        holder_id=holder_id,
        agency_id=values["agency"],
        reason=values["reason"],
        field=values["field"],
        procedure=values["procedure"],
        start=values["start"],
        end=values["end"],
        basis=values["basis"],
    )


def code_of(codes: Sequence[CodeValue], typed: str) -> str:
    """The code that was chosen or typed, or whose name was, however it is spelt: what is neither,
    as it is. Raises ManyCodes."""
    if not typed or any(each.code == typed for each in codes):
        return typed
    words = fold(typed).split()
    found = [each for each in codes if all(word in _key_of(each) for word in words)]
    exact = [each for each in found if fold(each.name_vi) == " ".join(words)]
    if len(exact or found) > 1:
        raise ManyCodes(gettext("Which of these is meant? %(names)s", names=_named(found)))
    return (exact or found)[0].code if found else typed


class ManyCodes(Exception):
    """What was typed fits more than one code; it says which."""


def _key_of(value: CodeValue) -> str:
    return fold(f"{value.code} {value.name_vi} {value.name_en}")


def _named(found: Sequence[CodeValue]) -> str:
    some = [f"{each.code} {each.name_vi}" for each in found[:_MOST_NAMED]]
    return "; ".join([*some, "…"] if len(found) > _MOST_NAMED else some)
