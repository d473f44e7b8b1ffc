"""``/xem-nhu``: looking as a job on a branch would see it, and being oneself again."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response
from wtforms import SelectField

from admin_ui.console.errors import CONSOLE_PLACE
from admin_ui.console.kept_forms import find_kept, show_refused
from admin_ui.console.permissions import ConsolePermission
from admin_ui.console.screen import SIGNED_IN, Screen
from admin_ui.console.viewing import END_PATH, THEN
from admin_ui.console.visitor import viewing_here
from directory.authz.permissions import ADMIN_ROLES
from directory.errors import Invalid, Words
from web.forms import ChangeForm, one_of
from web.i18n import N_
from web.urls import safe_next

viewing = Blueprint("viewing", __name__)

PATH = "/xem-nhu"
SCREEN = Screen(
    viewing,
    {
        "choose": ConsolePermission.VIEW_AS,
        "begin": ConsolePermission.VIEW_AS,
        "end": SIGNED_IN,
    },
)
_ALL = "toan-tinh"


class ViewingForm(ChangeForm):
    """As which job, and where."""

    job = SelectField(
        N_("Job"),
        choices=one_of(N_("Choose a job"), {job.name: job.title for job in ADMIN_ROLES.values()}),
        validate_choice=False,
    )
    place = SelectField(N_("Where"), choices=[], validate_choice=False)


@viewing.get(PATH)
def choose() -> Response:
    """As which job, and where."""
    kept, found = find_kept(), viewing_here().list_places()
    form = ViewingForm(kept.typed if kept else {}, kept.seen if kept else {})
    places = {place.id: Words(place.name, place.name) for place in found.places}
    everywhere = {_ALL: N_("The whole province")} if found.has_all else {}
    form.place.choices = one_of(N_("Choose a place"), {**everywhere, **places})
    return make_response(
        render_template(
            "console/view_as.html", form=form, faults=kept.errors if kept else [], path=PATH
        )
    )


@viewing.post(PATH)
def begin() -> Response:
    """Look as that job from now on."""
    form = ViewingForm.sent()
    job, place = form.job.data, form.place.data
    if not place:
        return show_refused(PATH, form, Invalid(CONSOLE_PLACE, field="place"))
    try:
        viewing_here().begin(job, "" if place == _ALL else place)
    except Invalid as error:
        return show_refused(PATH, form, error)
    return redirect("/", 303)


@viewing.post(END_PATH)
def end() -> Response:
    """Be oneself again; and what was refused meanwhile is sent, as it was typed (RFC 9110 section
    15.4.8: the same method and content)."""
    then = safe_next(request.args.get(THEN), "")
    viewing_here().end()
    return redirect(then, 307) if then else redirect("/", 303)
