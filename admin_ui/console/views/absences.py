"""``/nguoi-dung/…/vang-mat``: for how long somebody is away, and why."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from admin_ui.console.give_form import DAY
from admin_ui.console.kept_forms import KeptForm, find_kept, show_refused
from admin_ui.console.pages import leave_notice
from admin_ui.console.screen import Screen
from admin_ui.console.views.people import LIST_PATH
from admin_ui.console.visitor import absences_here
from directory.clock import today
from directory.errors import Conflict, Invalid
from directory.people.absence_handles import KINDS
from directory.people.permissions import PeoplePermission
from web.forms import ChangeForm, DayField, one_of, optional, read_fields
from web.i18n import N_, gettext

absences = Blueprint("absences", __name__)

_BASIS_CHARS = 500
SCREEN = Screen(
    absences,
    {
        "describe": PeoplePermission.SUSPEND,
        "note": PeoplePermission.SUSPEND,
        "end": PeoplePermission.SUSPEND,
    },
    under="people",
)


class AbsenceForm(ChangeForm):
    """Why somebody is away, and until when."""

    kind = SelectField(N_("Why"), choices=[], validate_choice=False)
    start = DayField(N_("First day"), render_kw=DAY)
    end = DayField(
        N_("Last day"),
        description=N_("Two years at most; it can be noted again."),
        render_kw=DAY,
    )
    basis = StringField(
        N_("Basis"),
        description=N_("For example the number and date of a decision."),
        validators=[optional()],
        render_kw={"maxlength": _BASIS_CHARS},
    )


@absences.get(f"{LIST_PATH}/<person_id>/vang-mat")
def describe(person_id: str) -> Response:
    """When somebody is away, and the form for one time more."""
    shown = absences_here().show_for_change(person_id)
    first = {"kind": "", "start": today().isoformat(), "end": "", "basis": ""}
    kept = find_kept() or KeptForm(first, first)
    form = AbsenceForm({**first, **kept.typed}, {**first, **kept.seen})
    form["kind"].choices = one_of(gettext("Choose…"), KINDS)
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return make_response(
        render_template(
            "console/absences.html",
            shown=shown,
            person=shown.person,
            form=form,
            kinds=KINDS,
            today=today().isoformat(),
            list_url=LIST_PATH,
            person_url=f"{LIST_PATH}/{shown.person.id}",
            path=_path(shown.person.id),
        )
    )


@absences.post(f"{LIST_PATH}/<person_id>/vang-mat")
def note(person_id: str) -> Response:
    """Say so."""
    form = AbsenceForm.sent()
    typed = form.typed
    try:
        absences_here().note(person_id, typed["kind"], typed["start"], typed["end"], typed["basis"])
    except (Invalid, Conflict) as error:
        return show_refused(_path(person_id), form, error)
    return _told(person_id, "saved")


@absences.post(f"{LIST_PATH}/<person_id>/vang-mat/<absence_id>/ket-thuc")
def end(person_id: str, absence_id: str) -> Response:
    """They are back."""
    read_fields(())
    try:
        absences_here().end(person_id, absence_id)
    except Conflict:
        return _told(person_id, "same")
    return _told(person_id, "saved")


def _path(person_id: str) -> str:
    return f"{LIST_PATH}/{person_id}/vang-mat"


def _told(person_id: str, notice: str) -> Response:
    response = redirect(f"{LIST_PATH}/{person_id}", 303)
    leave_notice(response, notice)
    return response
