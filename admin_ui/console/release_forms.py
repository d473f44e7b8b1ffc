"""The form of what an application learns of people."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import StringField

from directory.errors import Words
from directory.ldap.released import RELEASED
from directory.release.attributes import ATTRIBUTES
from directory.release.register import Grounds, Release
from directory.release.service import COMMON_BASIS, MOST_CHARS
from idp.applications.kinds import Kind
from web.forms import ChangeForm, ChecksField, choices_of, optional
from web.i18n import N_

HEADINGS: Mapping[str, Words] = {
    each.name: Words(*(text[:1].upper() + text[1:] for text in each.label))
    for each in ATTRIBUTES.values()
}


class ReleaseForm(ChangeForm):
    """What it is to learn, and why it needs what is new."""

    attributes = ChecksField(N_("What it learns of whoever signs in"), [optional()])
    purpose = StringField(
        N_("Purpose of what is new"),
        [optional()],
        description=N_("For example: to send invitations to meetings."),
        render_kw={"maxlength": MOST_CHARS},
    )
    basis = StringField(
        N_("Legal basis of what is new"), [optional()], render_kw={"maxlength": MOST_CHARS}
    )
    reason = StringField(
        N_("Reason"),
        [optional()],
        description=N_("For whoever approves what is new."),
        render_kw={"maxlength": MOST_CHARS},
    )


def headings_of(kind: Kind) -> Mapping[str, Words]:
    """What an application of that kind may learn."""
    return {name: HEADINGS[name] for name in RELEASED} if kind == "ldap" else HEADINGS


def offer(form: ChangeForm, kind: Kind, counts: Release | None) -> None:
    """Put what may be chosen into the form, and what it learns already."""
    known = counts.attributes if counts is not None else {}
    offered = headings_of(kind)
    form.attributes.choices = choices_of(
        {name: words for name, words in HEADINGS.items() if name in offered or name in known}
    )


def values_of(counts: Release | None) -> dict[str, str]:
    """What is there, as the form holds it."""
    known = counts.attributes if counts is not None else {}
    return {"attributes": " ".join(name for name in ATTRIBUTES if name in known)}


def first_values(counts: Release | None) -> dict[str, str]:
    """What the form begins with."""
    return {**values_of(counts), "purpose": "", "basis": COMMON_BASIS, "reason": ""}


def wanted_in(form: ReleaseForm, counts: Release | None) -> dict[str, Grounds]:
    """What was chosen; what is there already keeps its grounds."""
    known = counts.attributes if counts is not None else {}
    new = Grounds(form.purpose.data, form.basis.data)
    return {name: known.get(name, new) for name in form.attributes.data.split()}
