"""The forms of a connector: where it goes, and what an application is sent of people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wtforms import HiddenField, PasswordField, RadioField, SelectField, StringField, URLField

from directory.errors import Words
from sync.engine.definition_handles import Editable
from sync.engine.editing import Draft
from web.forms import ADDRESS_INPUT, ChangeForm, LinesField, choices_of, optional
from web.i18n import N_

ATTRIBUTE, ROLE = "a-", "r-"
_EXPRESSION = {"maxlength": 500, "spellcheck": "false", "autocapitalize": "none"}
_NUMBER = {"maxlength": 6, "inputmode": "numeric"}
# How forms call attributes of targets.
ATTRIBUTE_NAMES: Mapping[str, str] = {
    "userName": N_("User name"),
    "displayName": N_("Name that is shown"),
    "name.formatted": N_("Full name"),
    "name.familyName": N_("Family name"),
    "name.middleName": N_("Middle name"),
    "name.givenName": N_("Given name"),
    "nickName": N_("Nickname"),
    "title": N_("Title of the post"),
    "userType": N_("Kind of user"),
    "preferredLanguage": N_("Language"),
    "locale": N_("Region"),
    "timezone": N_("Time zone"),
    "emails": N_("E-mail"),
    "phoneNumbers": N_("Telephone"),
    "enterprise.employeeNumber": N_("Staff number"),
    "enterprise.costCenter": N_("Cost centre"),
    "enterprise.organization": N_("Agency"),
    "enterprise.division": N_("Division"),
    "enterprise.department": N_("Unit"),
}
_LEAVERS: Mapping[str, str] = {
    "disable": N_("It is disabled, and enabled again if they come back"),
    "delete": N_("It is deleted"),
}
_RECONCILES: Mapping[str, str] = {
    "repair": N_("Once a day, and differences are mended"),
    "report": N_("Once a day, and differences are only told"),
    "never": N_("Never by itself"),
}


class NewForm(ChangeForm):
    """Which application, and where its accounts are."""

    application = SelectField(
        N_("Application"),
        description=N_("Whoever may enter it has an account there."),
        choices=[],
        validate_choice=False,
    )
    kind = SelectField(N_("Way"), choices=[], validate_choice=False)
    url = URLField(
        N_("Address"),
        description=N_("Of its SCIM interface, for example https://van-ban.example.vn/scim/v2."),
        render_kw=ADDRESS_INPUT,
    )
    profile = SelectField(N_("How the server is to be taken"), choices=[], validate_choice=False)


class DefinitionForm(ChangeForm):
    """What is the same of every definition; `form_of` adds its attributes and roles."""

    application = HiddenField()
    kind = HiddenField()
    url = URLField(N_("Address"), render_kw=ADDRESS_INPUT)
    profile = SelectField(N_("How the server is to be taken"), choices=[], validate_choice=False)
    token = PasswordField(
        N_("Token"),
        [optional()],
        description=N_("What the application was told to expect. Empty: the one it has."),
        render_kw={"maxlength": 1000, "autocomplete": "off"},
    )
    agencies = LinesField(
        N_("Only people of these agencies"),
        [optional()],
        description=N_("Codes, one a line; each with all its units. Empty: whoever may enter."),
        render_kw={"maxlength": 2000, "spellcheck": "false", "autocapitalize": "none", "rows": 2},
    )
    leavers = RadioField(
        N_("The account of somebody who may not enter any more"),
        choices=choices_of(_LEAVERS),
        validate_choice=False,
    )
    reconcile = SelectField(
        N_("All accounts there are read and compared"),
        choices=choices_of(_RECONCILES),
        validate_choice=False,
    )
    at_once = StringField(N_("Requests at the same time"), [optional()], render_kw=_NUMBER)
    per_second = StringField(N_("Requests a second"), [optional()], render_kw=_NUMBER)
    losses = StringField(
        N_("It stops by itself at so many accounts to be disabled"),
        [optional()],
        description=N_(
            "Empty: one in twenty, at least 3 and at most 50. It can be less than that."
        ),
        render_kw=_NUMBER,
    )
    # On whom the expressions are tried.
    whom = StringField(
        N_("Try it on"),
        [optional()],
        render_kw={"maxlength": 100, "spellcheck": "false", "autocapitalize": "none"},
    )
    person = RadioField(choices=[], validate_choice=False)


def form_of(editable: Editable, sent: Iterable[str] | None = None) -> type[ChangeForm]:
    """The form of one definition. `sent`: names of fields that came, which stand for themselves:
    a role may have been declared since the page was made."""
    paths = dict.fromkeys([*editable.draft.attributes, *editable.kind.attributes])
    names = [*(ATTRIBUTE + path for path in paths)]
    if editable.knows_groups:
        names += [ROLE + role.name for role in editable.roles]
    if sent is not None:
        names = [name for name in sent if name.startswith((ATTRIBUTE, ROLE))]
    fields = {
        name: StringField(Words(name[2:], name[2:]), [optional()], render_kw=_EXPRESSION)
        for name in names
    }
    if editable.opened is None:
        fields["token"] = PasswordField(
            N_("Token"),
            [optional()],
            description=N_(
                "Given out by the application. It is kept sealed and never shown again."
            ),
            render_kw={"maxlength": 1000, "autocomplete": "off"},
        )
    return type("OneDefinitionForm", (DefinitionForm,), fields)


def offer(form: ChangeForm, editable: Editable) -> None:
    """Put what may be chosen into the form."""
    form.profile.choices = choices_of({each: each for each in editable.kind.profiles})
    able = [name for name in _LEAVERS if name in editable.kind.can]
    form.leavers.choices = choices_of({name: _LEAVERS[name] for name in able})
    if "list" not in editable.kind.can:
        form.reconcile.choices = choices_of({"never": _RECONCILES["never"]})


def values_of(editable: Editable, names: Iterable[str]) -> dict[str, str]:
    """What a form with these fields shows of a definition."""
    draft = editable.draft
    usual = "repair" if "list" in editable.kind.can else "never"
    values = {
        "application": editable.application.id,
        "kind": editable.kind.name,
        "url": draft.url,
        "profile": draft.profile,
        "agencies": " ".join(draft.agencies),
        "leavers": draft.leavers or ("disable" if "disable" in editable.kind.can else "delete"),
        "reconcile": draft.reconcile or usual,
        "at_once": draft.at_once,
        "per_second": draft.per_second,
        "losses": draft.losses,
    }
    values |= {ATTRIBUTE + path: source for path, source in draft.attributes.items()}
    values |= {ROLE + role: group for role, group in draft.roles.items()}
    return {name: values.get(name, "") for name in names}


def draft_of(values: Mapping[str, str]) -> Draft:
    """The draft that a form holds."""
    return Draft(
        url=values["url"].rstrip("/"),
        profile=values["profile"] or "standard",
        attributes=_those(values, ATTRIBUTE),
        roles=_those(values, ROLE),
        agencies=tuple(values["agencies"].split()),
        leavers=values["leavers"],
        reconcile=values["reconcile"],
        at_once=values["at_once"],
        per_second=values["per_second"],
        losses=values["losses"],
    )


def _those(values: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): value
        for name, value in values.items()
        if name.startswith(prefix) and value
    }
