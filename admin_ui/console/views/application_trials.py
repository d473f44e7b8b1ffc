"""``/ung-dung/…/thu-dang-nhap``, ``/ung-dung/…/loi``: signing in to an application for a try, and
what was refused to it lately."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from admin_ui.console.kept_forms import KeptForm, find_kept, go_on, show_refused
from admin_ui.console.screen import Screen
from admin_ui.console.views.applications import LIST_PATH, asked_for, path_of
from admin_ui.console.visitor import applications_here, current_visitor
from directory.authz.permissions import ApplicationPermission
from directory.errors import Invalid
from idp.applications.handles import ShownApplication
from web.forms import ChangeForm, LinesField, optional
from web.i18n import N_
from web.leaving import leave_to

trials = Blueprint("application_trials", __name__)

SCREEN = Screen(
    trials,
    {
        "ask": ApplicationPermission.WRITE,
        "begin": ApplicationPermission.WRITE,
        "show_errors": ApplicationPermission.WRITE,
    },
    under="applications",
)
_PATH = f"{LIST_PATH}/<application_id>/thu-dang-nhap"
_CHECKED = "da-xem"


class TrialForm(ChangeForm):
    """The request that is tried."""

    address = LinesField(
        N_("Address that the application sends people with"),
        [optional()],
        description=N_(
            "Open the application, and copy the address of the sign-in page it leads to first "
            "(…/authorize?client_id=…). Empty: the request it makes when it is set up as "
            "registered."
        ),
        render_kw={"rows": 4, "spellcheck": "false", "autocapitalize": "none"},
    )


@trials.get(_PATH)
def ask(application_id: str) -> Response:
    """What is tried; and what is wrong with it, where that was asked."""
    handle = applications_here()
    shown = handle.show_for_change(asked_for(application_id))
    kept = find_kept()
    form = TrialForm(kept.typed, kept.seen) if kept else TrialForm({}, {"address": ""})
    for each in kept.errors if kept else ():
        form.refuse(each["field"], each["message"])
    examined = handle.examine(shown, _address(form))
    return make_response(
        render_template(
            "console/application_trial.html",
            app=shown.app,
            form=form,
            is_examined=kept is not None and not kept.errors,
            faults=examined.faults,
            asked=examined.parameters,
            list_url=LIST_PATH,
            path=path_of(shown.app.id),
        )
    )


@trials.post(_PATH)
def begin(application_id: str) -> Response:
    """On to the sign-in; or back to the page where something is wrong, or it was only to be
    checked."""
    handle = applications_here()
    shown = handle.show_for_change(asked_for(application_id))
    form = TrialForm.sent()
    path = f"{path_of(shown.app.id)}/thu-dang-nhap"
    examined = handle.examine(shown, _address(form))
    if examined.faults or _CHECKED in request.args:
        return go_on(path, KeptForm(form.typed, form.seen))
    try:
        url = handle.begin_trial(shown, examined, current_visitor().session.issuer_session.sid)
    except Invalid as error:
        return show_refused(path, form, error)
    return leave_to(url, shown.app.name)


@trials.get(f"{LIST_PATH}/<application_id>/loi")
def show_errors(application_id: str) -> Response:
    """What was refused to it, and what to do about it."""
    handle = applications_here()
    shown = handle.show_for_change(asked_for(application_id))
    path = path_of(shown.app.id)
    return make_response(
        render_template(
            "console/application_errors.html",
            app=shown.app,
            errors=handle.recent_errors(shown),
            trial_url=f"{path}/thu-dang-nhap" if is_tried(shown) else "",
            list_url=LIST_PATH,
            path=path,
        )
    )


def is_tried(shown: ShownApplication) -> bool:
    """Whether people sign in to it, so that it can be tried."""
    return shown.client is not None and shown.kind != "service"


def _address(form: ChangeForm) -> str:
    """A browser writes blanks in an address as ``%20``; who copies it from a log may not."""
    return str(form.address.data).replace(" ", "%20")
