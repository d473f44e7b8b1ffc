"""``/nguoi-dung/…/khoa``, ``…/mo-khoa``: nobody signs in by an account for a while, or again."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template
from werkzeug.wrappers import Response
from wtforms import StringField

from admin_ui.console.kept_forms import KeptForm, find_kept, show_refused
from admin_ui.console.pages import leave_notice
from admin_ui.console.screen import Screen, StepUp
from admin_ui.console.views.people import LIST_PATH
from admin_ui.console.visitor import people_here
from directory.errors import Conflict, Invalid
from directory.people.errors import PERSON_STATUS
from directory.people.permissions import PeoplePermission
from web.forms import ChangeForm
from web.i18n import N_

standing = Blueprint("standing", __name__)

_WHAT = StepUp(N_("Suspend or resume an account"))
SCREEN = Screen(
    standing,
    {
        "ask_suspension": PeoplePermission.SUSPEND,
        "suspend": PeoplePermission.SUSPEND,
        "ask_resumption": PeoplePermission.SUSPEND,
        "resume": PeoplePermission.SUSPEND,
    },
    step_up={"suspend": _WHAT, "resume": _WHAT},
    under="people",
)
_SUSPEND, _RESUME = f"{LIST_PATH}/<person_id>/khoa", f"{LIST_PATH}/<person_id>/mo-khoa"


class StandingForm(ChangeForm):
    """Why."""

    reason = StringField(
        N_("Reason"),
        description=N_("It is kept in the audit log, for example a decision or a request."),
        render_kw={"maxlength": 500},
    )


@standing.get(_SUSPEND)
def ask_suspension(person_id: str) -> Response:
    """What suspending somebody does, before it is done."""
    return _page(person_id, is_resumption=False)


@standing.post(_SUSPEND)
def suspend(person_id: str) -> Response:
    """Have nobody sign in by the account."""
    return _save(person_id, is_resumption=False)


@standing.get(_RESUME)
def ask_resumption(person_id: str) -> Response:
    """What resuming somebody does, before it is done."""
    return _page(person_id, is_resumption=True)


@standing.post(_RESUME)
def resume(person_id: str) -> Response:
    """Let them sign in again."""
    return _save(person_id, is_resumption=True)


def _page(person_id: str, *, is_resumption: bool) -> Response:
    person = people_here().show_for_standing(person_id)
    if (person.status == "suspended") != is_resumption or person.status == "left":
        return _told(person.id, "same")
    kept = find_kept() or KeptForm({}, {})
    form = StandingForm(kept.typed, kept.seen)
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return make_response(
        render_template(
            "console/standing.html",
            person=person,
            form=form,
            is_resumption=is_resumption,
            list_url=LIST_PATH,
            person_url=f"{LIST_PATH}/{person.id}",
            path=f"{LIST_PATH}/{person.id}/{'mo-khoa' if is_resumption else 'khoa'}",
        )
    )


def _save(person_id: str, *, is_resumption: bool) -> Response:
    form = StandingForm.sent()
    word = "mo-khoa" if is_resumption else "khoa"
    try:
        people_here().set_suspended(person_id, not is_resumption, form.typed["reason"])
    except Conflict as error:
        if error.declared is PERSON_STATUS:
            return _told(person_id, "same")
        return show_refused(f"{LIST_PATH}/{person_id}/{word}", form, error)
    except Invalid as error:
        return show_refused(f"{LIST_PATH}/{person_id}/{word}", form, error)
    return _told(person_id, "resumed" if is_resumption else "suspended")


def _told(person_id: str, notice: str) -> Response:
    response = redirect(f"{LIST_PATH}/{person_id}", 303)
    leave_notice(response, notice)
    return response
