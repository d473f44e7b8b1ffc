"""The form that changes a person: facts that the table puts on it, and the title."""

from __future__ import annotations

from wtforms import EmailField, SelectField, StringField, TelField
from wtforms.fields import Field

from directory.catalogue.facts import FACTS, Fact
from directory.catalogue.person import is_title
from directory.people.errors import PERSON_TITLE
from directory.people.handles import ShownPerson
from directory.text import as_seen
from web.forms import Accepted, ChangeForm, one_of, optional
from web.i18n import N_

ON_FORM = tuple(fact for fact in FACTS if fact.on_form)
TOLD_TO_APPLICATIONS = {"title", *(fact.name for fact in FACTS if fact.claim)}
_KINDS = {"text": StringField, "phone": TelField, "mail": EmailField}
_ATTRIBUTES = {"phone": {"inputmode": "tel"}, "mail": {"inputmode": "email"}}


class FactsForm(ChangeForm):
    """The facts, in the order of the table."""


def _field_of(fact: Fact) -> Field:
    validators = [Accepted(fact.accepts, fact.refused)]
    if not fact.required:
        validators.insert(0, optional())
    if fact.choices:
        choices = one_of("–", fact.choices)
        return SelectField(fact.heading, validators, choices=choices, validate_choice=False)
    # Room for more than is accepted: who pastes too much reads so, and loses nothing.
    attributes = {**_ATTRIBUTES.get(fact.kind, {}), "maxlength": 2 * fact.longest}
    return _KINDS[fact.kind](fact.heading, validators, description=fact.hint, render_kw=attributes)


for _fact in ON_FORM:
    setattr(FactsForm, _fact.name, _field_of(_fact))


class PersonForm(FactsForm):
    """What is changed of a person in the console."""

    title = StringField(
        N_("Title"),
        [Accepted(is_title, PERSON_TITLE)],
        description=N_("Of the main post; the unit stays the same."),
        render_kw={"maxlength": 256, "list": "chuc-danh"},
    )


def values_of(shown: ShownPerson) -> dict[str, str]:
    """What the form shows of a person as they are."""
    facts = {fact.name: as_seen(getattr(shown.person, fact.name)) for fact in ON_FORM}
    return facts | {"title": as_seen(shown.title)}
