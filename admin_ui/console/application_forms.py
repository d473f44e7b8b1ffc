"""The forms of an application: what is said of it, who may enter, and its addresses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from wtforms import RadioField, SelectField, StringField, URLField

from admin_ui.console.release_forms import headings_of
from directory.authz.applications import Access, Sharing
from directory.errors import Words
from directory.release.service import COMMON_BASIS, MOST_CHARS
from idp.applications.handles import Choices, Draft, ShownApplication
from idp.applications.kinds import Kind
from web.forms import ADDRESS_INPUT, ChangeForm, ChecksField, LinesField, choices_of, optional
from web.i18n import N_

_SHARING: Mapping[str, str] = {
    "internal": N_("Internal: the administrators of the owner look after it"),
    "shared": N_("Shared: the province looks after it"),
}
_ACCESS: Mapping[str, str] = {
    "agencies": N_("People of agencies, chosen below"),
    "everyone": N_("Everyone who has an account in the province"),
    "roles": N_("Holders of a role in the application"),
}


class DescriptionForm(ChangeForm):
    """What is said of an application."""

    name = StringField(
        N_("Name of the application"),
        description=N_("As people know it; it stands on its tile and on the sign-in page."),
        render_kw={"maxlength": 200},
    )
    description = StringField(
        N_("Description"),
        [optional()],
        description=N_("One sentence that says what it is for."),
        render_kw={"maxlength": 300},
    )
    owner = SelectField(
        N_("Owner"),
        description=N_("The agency that answers for the application."),
        choices=[],
        validate_choice=False,
    )
    contact = StringField(
        N_("Contact"),
        [optional()],
        description=N_("Telephone or e-mail of whoever looks after it."),
        render_kw={"maxlength": 254},
    )
    sharing = RadioField(
        N_("Use"), choices=choices_of(_SHARING), validate_choice=False, default="internal"
    )


class EntryForm(ChangeForm):
    """Who may enter."""

    access = RadioField(N_("Who may enter"), choices=choices_of(_ACCESS), validate_choice=False)
    agencies = ChecksField(
        N_("Agencies whose people may enter"),
        [optional()],
        description=N_("Each with all its units. None chosen: the owner alone."),
    )


class AddressForm(ChangeForm):
    """Where the application is."""

    redirect_uris = LinesField(
        N_("Redirect addresses"),
        description=N_(
            "Where people come back after the sign-in (redirect_uri), exactly as the application "
            "names them, one a line."
        ),
        render_kw={**ADDRESS_INPUT, "rows": 3},
    )
    start_url = URLField(
        N_("Start address"),
        [optional()],
        description=N_("What people open from “My applications”."),
        render_kw=ADDRESS_INPUT,
    )
    post_logout_redirect_uris = LinesField(
        N_("Addresses after sign-out"),
        [optional()],
        description=N_("Where people may be sent after they signed out, one a line."),
        render_kw={**ADDRESS_INPUT, "rows": 2},
    )
    backchannel_logout_uri = URLField(
        N_("Address that is told of sign-outs"),
        [optional()],
        description=N_("So that a sign-out here ends the session there too (back-channel)."),
        render_kw=ADDRESS_INPUT,
    )


class LearningForm(ChangeForm):
    """What it learns of people from its registration on."""

    attributes = ChecksField(
        N_("What it learns of whoever signs in"),
        [optional()],
        description=N_("Only what it needs. More can be asked for later, and is approved then."),
    )
    purpose = StringField(
        N_("Purpose"),
        [optional()],
        description=N_("Empty: each for what it commonly serves."),
        render_kw={"maxlength": MOST_CHARS},
    )
    basis = StringField(N_("Legal basis"), [optional()], render_kw={"maxlength": MOST_CHARS})


class OpeningForm(ChangeForm):
    """To whom else it is to be opened, which the province approves."""

    access = RadioField(
        N_("Open it to"),
        choices=choices_of(
            {
                "agencies": N_("People of other agencies too"),
                "everyone": _ACCESS["everyone"],
                "roles": _ACCESS["roles"],
            }
        ),
    )
    codes = LinesField(
        N_("Codes of the agencies"),
        [optional()],
        description=N_("For other agencies: one code a line, for example SYT."),
        render_kw={"maxlength": 2000, "spellcheck": "false", "autocapitalize": "none", "rows": 2},
    )
    reason = StringField(
        N_("Reason"),
        description=N_("What they need it for. The administrators of the province read it."),
        render_kw={"maxlength": 500},
    )


class ApplicationForm(DescriptionForm, EntryForm, AddressForm, LearningForm):
    """All of an application that is registered."""


DESCRIPTION = ("name", "description", "owner", "contact", "sharing")
ENTRY = ("access", "agencies")
ADDRESSES = ("redirect_uris", "start_url", "post_logout_redirect_uris", "backchannel_logout_uri")
LEARNING = ("attributes", "purpose", "basis")
# What most applications cannot do without.
_FIRST_LEARNED = ("full_name", "username", "agency", "agency_code", "roles")
# What is asked on the two pages of a registration; an empty second page is not shown.
ASKED: Mapping[Kind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "web": ((*DESCRIPTION, *ENTRY), (*ADDRESSES, *LEARNING)),
    "browser": ((*DESCRIPTION, *ENTRY), (*ADDRESSES[:3], *LEARNING)),
    "native": ((*DESCRIPTION, *ENTRY), (*ADDRESSES[:3], *LEARNING)),
    "service": ((*DESCRIPTION, *ENTRY), ()),
    "ldap": ((*DESCRIPTION, "start_url", *ENTRY, *LEARNING), ()),
}


def offer(
    form: ChangeForm,
    choices: Choices,
    shown: ShownApplication | None = None,
    kind: Kind | None = None,
) -> set[str]:
    """Put what the actor may choose into the form, of an application of that kind. Gives the fields
    that leave them no choice."""
    places = {place.id: Words(place.name, place.name) for place in choices.agencies}
    opened = {place.id: Words(place.name, place.name) for place in shown.opened} if shown else {}
    fixed = set()
    if "owner" in form:
        here = {shown.app.owner_agency_id: Words(shown.owner, shown.owner)} if shown else {}
        form.owner.choices = choices_of({**places, **here} if here.get("") is None else places)
    if "agencies" in form:
        # Those it is open to come first: the others are many.
        form.agencies.choices = choices_of(opened | places)
    if "attributes" in form:
        form.attributes.choices = choices_of(headings_of(kind or "web"))
        if kind == "ldap":
            form.attributes.label.text = N_("What it reads of people who may enter")
            form.attributes.description = N_(
                "At any time, whether they sign in or not; only what it needs. It finds whoever "
                "signs in by user name or work e-mail."
            )
    if not choices.everywhere:
        fixed = {name for name in ("sharing",) if name in form}
        if "access" in form:
            now = shown.app.access if shown else "agencies"
            form.access.choices = choices_of({now: _ACCESS[now], "agencies": _ACCESS["agencies"]})
            fixed |= {"access"} if now == "agencies" else set()
    return fixed


def first_values(choices: Choices) -> dict[str, str]:
    """What the form of a new application begins with."""
    owner = choices.agencies[0].id if choices.agencies else ""
    empty = {field.name: "" for field in ApplicationForm({}, {})}
    chosen = {"owner": owner, "sharing": "internal", "access": "agencies"}
    return {**empty, **chosen, "attributes": " ".join(_FIRST_LEARNED), "basis": COMMON_BASIS}


def values_of(shown: ShownApplication) -> dict[str, str]:
    """What the forms show of an application as it is."""
    app, client = shown.app, shown.client
    return {
        "name": app.name,
        "description": app.description,
        "owner": app.owner_agency_id,
        "contact": app.contact or "",
        "sharing": app.sharing,
        "access": app.access,
        "agencies": " ".join(app.agencies),
        "redirect_uris": " ".join(client.redirect_uris) if client else "",
        "start_url": app.start_url or "",
        "post_logout_redirect_uris": " ".join(client.post_logout_redirect_uris) if client else "",
        "backchannel_logout_uri": client.backchannel_logout_uri if client else "",
    }


def draft_of(kind: Kind, values: Mapping[str, str]) -> Draft:
    """What a form registers."""
    asked = {name for page in ASKED[kind] for name in page}
    given = {name: value for name, value in values.items() if name in asked}
    return Draft(kind=kind, **told(given, given["owner"]))


def told(values: Mapping[str, str], owner_id: str) -> dict[str, Any]:
    """Values of fields as fields of a draft. `owner_id`: whom it is open to, where nobody else is
    named."""
    fields = {_NAMES.get(name, name): _READ.get(name, str)(value) for name, value in values.items()}
    if "access" in fields or "agencies" in fields:
        is_narrowed = fields.get("access", "agencies") == "agencies"
        chosen = fields.get("agencies", ())
        fields["agencies"] = (chosen or (owner_id,)) if is_narrowed else ()
    return fields


_NAMES = {"owner": "owner_id"}
_READ: Mapping[str, Callable[[str], Any]] = {
    "agencies": lambda text: tuple(text.split()),
    "attributes": lambda text: tuple(text.split()),
    "redirect_uris": lambda text: tuple(text.split()),
    "post_logout_redirect_uris": lambda text: tuple(text.split()),
    "access": lambda text: cast(Access, text if text in _ACCESS else "agencies"),
    "sharing": lambda text: cast(Sharing, text if text in _SHARING else "internal"),
}
FIELD_OF = {"owner_id": "owner"}
