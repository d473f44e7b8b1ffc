"""``/vi-sao`` and ``/quyen/dac-quyen``: why somebody may enter an application, and who holds the
roles that reach everybody."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from admin_ui.console.role_forms import GIVERS
from admin_ui.console.screen import Screen
from admin_ui.console.visitor import privileged_here, why_here
from directory.authz.permissions import GrantPermission
from directory.errors import Words
from directory.ids import can_be_id
from web.forms import Form, one_of, only, trimmed
from web.i18n import N_, gettext
from web.urls import with_query

why = Blueprint("why", __name__)

PATH = "/vi-sao"
SCREEN = Screen(
    why,
    {"explain": GrantPermission.READ, "list_privileged": GrantPermission.READ},
    under="people",
)
_LONGEST_ID = 128


class WhyForm(Form):
    """Who and which application."""

    ten = StringField(
        N_("User name or e-mail"),
        filters=[trimmed(100)],
        render_kw={"maxlength": 100, "autocapitalize": "none", "spellcheck": "false"},
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
    """Who and which application is in the address; whoever is named by user name is led there."""
    handle, form = why_here(), WhyForm(request.args)
    known = handle.applications()
    names = {each: Words(name, name) for each, name in known.items()}
    form.ung_dung.choices = one_of(N_("Choose an application"), names)
    person_id, app = request.args.get("nguoi", ""), form.ung_dung.data
    if form.ten.data and not (person_id := handle.find(form.ten.data)):
        form.ten.errors = [gettext("Nobody in your branch has this user name or e-mail.")]
    if form.ten.data and person_id:
        return redirect(_url(person_id, app), 303)
    person_id = person_id if can_be_id(person_id) else ""
    explained = handle.explain(person_id, app) if person_id and app else None
    return make_response(
        render_template(
            "console/why.html",
            form=form,
            person_id=person_id,
            person=explained.person if explained else handle.name(person_id) if person_id else "",
            explained=explained,
            givers=GIVERS,
            path=PATH,
        )
    )


def _url(person_id: str, application_id: str) -> str:
    asked = {"nguoi": person_id, "ung-dung": application_id}
    return with_query(PATH, {name: value for name, value in asked.items() if value})


@why.get("/quyen/dac-quyen")
def list_privileged() -> Response:
    """Who holds privileged roles, since when, by whom, and when they were last used."""
    return make_response(render_template("console/privileged.html", found=privileged_here().list()))
