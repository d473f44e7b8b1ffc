"""``/vi-sao``: why somebody may enter an application and hold its roles, or what is missing."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from admin_ui.console.role_forms import GIVERS
from admin_ui.console.screen import Screen
from admin_ui.console.views.giving import PATH as GIVE_PATH
from admin_ui.console.visitor import current_visitor, why_here
from directory.access.explained import Explained
from directory.access.giving import can_be_chosen
from directory.authz.permissions import GrantPermission
from directory.authz.roles import Role, title_of
from directory.errors import Words
from directory.ids import can_be_id
from directory.text import clean
from web.error_pages import sentence
from web.forms import Form, one_of, trimmed
from web.i18n import N_, gettext

why = Blueprint("why", __name__)

PATH = "/vi-sao"
SCREEN = Screen(why, {"explain": GrantPermission.READ}, under="grants")
_LONGEST_ID = 128
_LONGEST_LOGIN = 100


class WhyForm(Form):
    """Who and which application."""

    ten = StringField(
        N_("User name or e-mail"),
        description=N_("For example: nva or nva@example.gov.vn"),
        filters=[trimmed(_LONGEST_LOGIN)],
        render_kw={
            "maxlength": _LONGEST_LOGIN,
            "autocapitalize": "none",
            "spellcheck": "false",
        },
    )
    ung_dung = SelectField(
        N_("Application"),
        name="ung-dung",
        filters=[trimmed(_LONGEST_ID)],
        choices=[],
        validate_choice=False,
    )


@why.get(PATH)
def explain() -> Response:
    """The answer, where the address names both; whoever is typed is led to an address with ids."""
    person_id, app_id = _person_id(), clean(request.args.get("ung-dung", ""))[:_LONGEST_ID]
    if person_id and app_id:
        return _answer(why_here().explain(person_id, app_id))
    return _ask(person_id)


def _ask(person_id: str) -> Response:
    form, asked = WhyForm(request.args), why_here().ask(person_id)
    names = {each: Words(name, name) for each, name in asked.applications.items()}
    form.ung_dung.choices = one_of(N_("Choose an application"), names)
    if form.ten.data and not person_id:
        found = why_here().find_person(form.ten.data)
        if found:
            return redirect(path_of(found, form.ung_dung.data), 303)
        form.ten.errors = [
            gettext("Nobody whose roles you may look at has this user name or e-mail.")
        ]
    if "ten" in request.args and not form.ten.data and not person_id:
        form.ten.errors = [gettext("Type the user name or the e-mail address.")]
    if "ung-dung" in request.args and not form.ung_dung.data:
        form.ung_dung.errors = [gettext("Choose the application.")]
    return make_response(
        render_template("console/why_ask.html", form=form, person=asked.person, path=PATH)
    )


def _answer(told: Explained) -> Response:
    visitor = current_visitor()
    may_ask = visitor.may(GrantPermission.ASK)

    def give_url(role: Role) -> str:
        """Where it can be given to them, or asked for; empty where it cannot."""
        if not may_ask or not can_be_chosen(role):
            return ""
        chosen = {
            "cho": f"person:{told.person.id}",
            "vai-tro": f"{role.application_id}:{role.name}",
        }
        return f"{GIVE_PATH}?{urlencode(chosen)}"

    return make_response(
        render_template(
            "console/why.html",
            told=told,
            person=told.person,
            app=told.application,
            path=PATH,
            other_url=path_of(told.person.id),
            person_url=f"/nguoi-dung/{told.person.id}",
            application_url=f"/ung-dung/{told.application.id}" if told.application.is_near else "",
            give_url=give_url,
            givers=GIVERS,
            title_of=title_of,
            sentence=sentence,
        )
    )


def path_of(person_id: str = "", application_id: str = "") -> str:
    """Where it is told of them, or asked for what is not named."""
    asked = {"nguoi": person_id, "ung-dung": application_id}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{PATH}?{query}" if query else PATH


def _person_id() -> str:
    given = request.args.get("nguoi", "")
    return given if can_be_id(given) else ""
