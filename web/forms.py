"""Forms, each declared once: a class of fields that say what they are called, how they are written
and what is accepted.

WTForms reads and checks; ``form_field`` of ``kit/ui.html`` shows a field with its label, hint and
fault. Its labels are msgids, or `Words` where a table says them in both languages. The token
against requests of other sites is ours (`web.csrf`), and so are all sentences.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

import wtforms
from flask import abort, request
from werkzeug.datastructures import MultiDict
from wtforms.fields import (
    Field,
    RadioField,
    SearchField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional, ValidationError

from directory.clock import find_instant, written
from directory.errors import ErrorCode, Words
from directory.text import clean
from web import csrf
from web.i18n import said

_SEEN = "seen_"
_WRITTEN_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_WRITTEN_MOMENT = re.compile(
    r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})[ ,]+(\d{1,2})[:hg](\d{2})", re.ASCII
)
_LONGEST = 1000
MOST_SEARCHED = 100
# What a browser is told of a field that takes an address.
ADDRESS_INPUT = {
    "maxlength": 2000,
    "inputmode": "url",
    "spellcheck": "false",
    "autocapitalize": "none",
}
_LONGEST_LONG = 50_000


class Form(wtforms.Form):
    """A form of ours."""


class LinesField(TextAreaField):
    """Words without blanks, one a line; read as words with one blank between."""


class ChecksField(StringField):
    """Some of many, each with a box to tick; read as their values with one blank between."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.choices: list[SelectChoice] = []


class DayField(StringField):
    """A day, written as people here write it, ``02/03/2026``, whatever language their browser
    speaks; read as it is kept: ``2026-03-02``."""

    @property
    def shown(self) -> str:
        """The day as it is written."""
        data = str(self.data or "")
        return written(data)

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        typed = valuelist[0] if valuelist else ""
        if found := _WRITTEN_DAY.fullmatch(typed):
            self.data = f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}"


class MomentField(StringField):
    """A day and a minute, written as people here write them, ``28/11/2026 20:00``; read as they are
    kept: ``2026-11-28T20:00``."""

    @property
    def shown(self) -> str:
        """The moment as it is written."""
        data = str(self.data or "")
        day, _, minute = data.partition("T")
        return f"{'/'.join(reversed(day.split('-')))} {minute}" if find_instant(data) else data

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        typed = valuelist[0] if valuelist else ""
        if found := _WRITTEN_MOMENT.fullmatch(typed):
            day, month, year, hour, minute = found.groups()
            self.data = f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}:{minute}"


class Accepted:
    """A validator: what `accepts` says no to is refused in the words of an error."""

    def __init__(self, accepts: Callable[[str], bool], refused: ErrorCode) -> None:
        self._accepts, self._refused = accepts, refused

    def __call__(self, _form: Form, field: Any) -> None:
        if not self._accepts(field.data):
            raise ValidationError(said(self._refused.said))


def optional() -> Optional:
    """A validator: nothing is accepted too, and the label says so."""
    return Optional()


class ChangeForm(Form):
    """A form over what is there. It carries what that was when its page was made, so that only what
    was changed is written, and nobody writes over what they have not seen."""

    def __init__(self, typed: Mapping[str, str], seen: Mapping[str, str]) -> None:
        super().__init__(MultiDict(typed))
        for field in self:
            field.data = field.data or ""  # a form kept by an earlier version has not every field
            _keep_choice(field)
        self.typed: Mapping[str, str] = {field.name: field.data for field in self}
        self.seen = seen
        # What has no place at a field.
        self.faults_of_all: list[str] = []

    @classmethod
    def sent(cls) -> ChangeForm:
        """The form as it was sent: see `read_fields`."""
        fields = list(cls({}, {}))
        names = [field.name for field in fields]
        long = {field.name for field in fields if isinstance(field, LinesField | ChecksField)}
        values = read_fields(
            (*names, *(_SEEN + name for name in names)),
            several={field.name for field in fields if isinstance(field, ChecksField)},
            unsent={field.name for field in fields if isinstance(field, RadioField)},
            long={*long, *(_SEEN + name for name in long)},
        )
        return cls(
            {name: values[name] for name in names}, {name: values[_SEEN + name] for name in names}
        )

    @property
    def changes(self) -> dict[str, str]:
        """What was changed."""
        return {name: value for name, value in self.typed.items() if value != self.seen[name]}

    def accepts_changes(self) -> bool:
        """Whether what was changed is accepted; what was left alone may be anything."""
        accepted = [self[name].validate(self) for name in self.changes]  # every fault is told
        return all(accepted)

    def refuse(self, field: str, message: str) -> None:
        """Say what is wrong with a field, or with the whole where there is no such field."""
        if field in self:
            self[field].errors = [*self[field].errors, message]
        else:
            self.faults_of_all.append(message)

    @property
    def faults(self) -> list[dict[str, str]]:
        """What is wrong: [{field, message}], for ``error_summary``."""
        of_fields = [
            {"field": field.name, "message": message} for field in self for message in field.errors
        ]
        return [*({"field": "", "message": each} for each in self.faults_of_all), *of_fields]


def _keep_choice(field: Field) -> None:
    """What stands there stays what is chosen, though it be no choice for others."""
    if isinstance(field, SelectField) and field.data not in [each.value for each in field.choices]:
        field.choices = [*field.choices, SelectChoice(value=field.data, label=field.data)]


def read_fields(
    names: Collection[str],
    *,
    several: Collection[str] = (),
    unsent: Collection[str] = (),
    long: Collection[str] = (),
) -> dict[str, str]:
    """The posted values of `names`, trimmed. Anything missing, doubled, overlong or not asked for
    is answered with 422: a form of ours never sends it. `several`: those with any number of values,
    which are put together with blanks; `unsent`: those that a browser leaves out while nothing is
    chosen; `long`: those with room for many words."""
    sent = {name: request.form.getlist(name) for name in request.form if name != csrf.FIELD}
    if not set(names) - {*several, *unsent} <= set(sent) <= set(names) or request.files:
        abort(422)
    for name, values in sent.items():
        most = _LONGEST_LONG if name in long else _LONGEST
        is_doubled = len(values) != 1 and name not in several
        if is_doubled or sum(map(len, values)) > most:
            abort(422)
    return {name: clean(" ".join(sent.get(name, ()))) for name in names}


def one_of(nothing: str, choices: Mapping[str, str | Words]) -> list[SelectChoice]:
    """The choices of a list: none of them, which is called `nothing`, and each."""
    return choices_of({"": nothing, **choices})


def choices_of(choices: Mapping[str, str | Words]) -> list[SelectChoice]:
    """The choices of a list, one of which is taken."""
    return [SelectChoice(value=value, label=label) for value, label in choices.items()]


def search_field(label: str, placeholder: str = "", *, longest: int = MOST_SEARCHED) -> SearchField:
    """The field of a list that is searched: no more than that is looked for, and a telephone does
    not mend what is typed. `placeholder`: where the label is too long to stand in the field."""
    typed = {"autocapitalize": "none", "spellcheck": "false"}
    return SearchField(
        label,
        filters=[trimmed(longest)],
        render_kw={"placeholder": placeholder or label, "maxlength": longest, **typed},
    )


def trimmed(longest: int) -> Callable[[str | None], str]:
    """A filter: a text in normal form, and no more of it."""
    return lambda text: clean(text or "")[:longest]


def only(is_meant: Callable[[str], object]) -> Callable[[str | None], str]:
    """A filter: what cannot be meant is nothing."""
    return lambda text: text if text and is_meant(text) else ""
