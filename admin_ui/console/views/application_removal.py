"""``/ung-dung/…/xoa``: taking an application away for good, and what that would do."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template
from werkzeug.wrappers import Response
from wtforms import StringField

from admin_ui.console.kept_forms import KeptForm, find_kept, show_refused
from admin_ui.console.pages import leave_notice
from admin_ui.console.screen import Screen, StepUp
from admin_ui.console.views.applications import LIST_PATH, asked_for, path_of
from admin_ui.console.views.connectors import path_of as connector_path
from admin_ui.console.visitor import applications_here
from directory.authz.permissions import ApplicationPermission
from directory.errors import Conflict, Invalid
from web.error_pages import sentence
from web.forms import ChangeForm
from web.i18n import N_

removal = Blueprint("application_removal", __name__)

SCREEN = Screen(
    removal,
    {"ask": ApplicationPermission.WRITE, "remove": ApplicationPermission.WRITE},
    step_up={"remove": StepUp(N_("Remove an application for good"))},
    under="applications",
)
_PATH = f"{LIST_PATH}/<application_id>/xoa"


class RemovalForm(ChangeForm):
    """Why an application is removed, and its name, so that nobody takes the wrong one away."""

    name = StringField(
        N_("Name of the application"),
        description=N_("Type it as it stands above, so that no other is removed."),
        render_kw={"maxlength": 200, "autocomplete": "off", "spellcheck": "false"},
    )
    reason = StringField(
        N_("Reason"),
        description=N_("It is kept in the audit log, for example a decision or a request."),
        render_kw={"maxlength": 500},
    )


@removal.get(_PATH)
def ask(application_id: str) -> Response:
    """What goes with it, and from when it may be removed."""
    handle = applications_here()
    shown = handle.show_for_change(asked_for(application_id))
    kept = find_kept() or KeptForm({}, {})
    form = RemovalForm(kept.typed, kept.seen)
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    prospect = handle.foresee_removal(shown)
    return make_response(
        render_template(
            "console/application_removal.html",
            app=shown.app,
            form=form,
            prospect=prospect,
            problem=sentence(prospect.problem) if prospect.problem is not None else "",
            connector_path=connector_path,
            list_url=LIST_PATH,
            path=path_of(shown.app.id),
        )
    )


@removal.post(_PATH)
def remove(application_id: str) -> Response:
    """Take it away; what is left of it is its page."""
    handle = applications_here()
    app = handle.theirs(asked_for(application_id))
    form, path = RemovalForm.sent(), path_of(app.id)
    try:
        handle.remove(app, form.reason.data, form.name.data)
    except (Invalid, Conflict) as error:
        return show_refused(f"{path}/xoa", form, error)
    response = redirect(path, 303)
    leave_notice(response, "removed")
    return response
