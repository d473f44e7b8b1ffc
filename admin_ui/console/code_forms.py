"""The forms of shared lists of codes: a code, its end, and whose a list is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import HiddenField, SelectField, StringField

from admin_ui.console.give_form import DAY
from directory.authz.code_lists import CodeList
from directory.authz.codes import (
    BASIS_CHARS,
    CODE_CHARS,
    MOST_PRECEDENCE,
    NAME_CHARS,
    CodeValue,
)
from directory.authz.errors import CODE_PRECEDENCE
from directory.errors import Invalid
from web.forms import ChangeForm, ChecksField, DayField, choices_of, optional
from web.i18n import N_

_FIELDS = ("code", "name_vi", "name_en", "parent", "precedence", "valid_from", "basis")
EMPTY: Mapping[str, str] = dict.fromkeys((*_FIELDS, "version"), "")


class CodeForm(ChangeForm):
    """A code, and what is said of it."""

    code = StringField(
        N_("Code"),
        description=N_("Letters, digits and . - _; it is never changed nor given again."),
        render_kw={"maxlength": CODE_CHARS, "autocapitalize": "none", "spellcheck": "false"},
    )
    name_vi = StringField(N_("Name in the list"), render_kw={"maxlength": NAME_CHARS})
    name_en = StringField(
        N_("English name"), validators=[optional()], render_kw={"maxlength": NAME_CHARS}
    )
    parent = StringField(
        N_("Code above"),
        validators=[optional()],
        render_kw={"maxlength": CODE_CHARS, "list": "ma-cap-tren"},
    )
    precedence = StringField(
        N_("Order"),
        description=N_("1 comes first; without a number after all others, by code."),
        validators=[optional()],
        render_kw={"maxlength": 4, "inputmode": "numeric"},
    )
    valid_from = DayField(
        N_("Valid from"),
        description=N_("Without a day: as long as anybody remembers."),
        validators=[optional()],
        render_kw=DAY,
    )
    basis = StringField(
        N_("Basis"),
        description=N_("For example the number and date of a decision."),
        validators=[optional()],
        render_kw={"maxlength": BASIS_CHARS},
    )
    version = HiddenField()

    def said(self) -> dict[str, Any]:
        """What is said of the code, by field. Raises Invalid for an order that is no number."""
        told: dict[str, Any] = {name: self.typed[name] for name in _FIELDS if name != "code"}
        order = self.typed["precedence"] or "0"
        if not order.isascii() or not order.isdigit():
            raise Invalid(CODE_PRECEDENCE, field="precedence", most=MOST_PRECEDENCE)
        told["precedence"] = int(order)
        return told

    def value(self, name: CodeList) -> CodeValue:
        """The code of a list. Raises as `said`."""
        return CodeValue(name, self.typed["code"], **self.said())


class CodeClosingForm(ChangeForm):
    """The last day of a code."""

    valid_to = DayField(
        N_("Last day"),
        description=N_("It may be chosen until the end of this day."),
        render_kw=DAY,
    )
    basis = StringField(
        N_("Basis"),
        description=N_("For example the number and date of a decision."),
        validators=[optional()],
        render_kw={"maxlength": BASIS_CHARS},
    )
    version = HiddenField()


class CodeListForm(ChangeForm):
    """Whose a list is, and whether other words pass."""

    owner = SelectField(N_("Kept by"), choices=[], validate_choice=False)
    closed = ChecksField(N_("What may be chosen"))

    def __init__(self, typed: Mapping[str, str], seen: Mapping[str, str]) -> None:
        super().__init__(typed, seen)
        self.closed.choices = choices_of({"1": N_("Only what is in the list")})


def values_of(value: CodeValue) -> Mapping[str, str]:
    """What a form of the code says first."""
    return {
        **{name: str(getattr(value, name)) for name in _FIELDS},
        "precedence": str(value.precedence or ""),
        "version": str(value.version),
    }
