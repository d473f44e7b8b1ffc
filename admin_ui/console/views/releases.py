"""``/ung-dung/…/du-lieu``: what an application learns of people, and changing that."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template
from werkzeug.wrappers import Response

from admin_ui.console.kept_forms import (
    KeptForm,
    find_kept,
    made_meanwhile,
    show_changed_meanwhile,
    show_refused,
)
from admin_ui.console.pages import leave_notice
from admin_ui.console.release_forms import (
    HEADINGS,
    ReleaseForm,
    first_values,
    offer,
    values_of,
    wanted_in,
)
from admin_ui.console.screen import Screen
from admin_ui.console.views.applications import LIST_PATH, asked_for, may_change, path_of
from admin_ui.console.visitor import applications_here
from directory.authz.permissions import ApplicationPermission
from directory.errors import Conflict, Invalid, TooMany
from directory.release.errors import RELEASE_SAME

releases = Blueprint("releases", __name__)

SCREEN = Screen(
    releases,
    {
        "show": ApplicationPermission.READ,
        "edit": ApplicationPermission.WRITE,
        "save": ApplicationPermission.WRITE,
    },
    under="applications",
)
_PATH = f"{LIST_PATH}/<application_id>/du-lieu"


@releases.get(_PATH)
def show(application_id: str) -> Response:
    """What it learns now, what for, and all versions there were."""
    shown, versions = applications_here().release_of(asked_for(application_id))
    path = path_of(shown.app.id)
    return make_response(
        render_template(
            "console/application_release.html",
            app=shown.app,
            counts=versions[0] if versions else None,
            versions=versions,
            headings=HEADINGS,
            list_url=LIST_PATH,
            path=path,
            edit_url=f"{path}/du-lieu/sua" if may_change(shown) else "",
        )
    )


@releases.get(f"{_PATH}/sua")
def edit(application_id: str) -> Response:
    """The form of what it learns, as it is."""
    shown, versions = applications_here().release_for_change(asked_for(application_id))
    first = first_values(versions[0] if versions else None)
    kept = find_kept() or KeptForm(first, first)
    form = ReleaseForm({**first, **kept.typed}, {**first, **kept.seen})
    offer(form)
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return make_response(
        render_template(
            "console/application_release_edit.html",
            app=shown.app,
            form=form,
            changed=kept.changed,
            list_url=LIST_PATH,
            path=path_of(shown.app.id),
        )
    )


@releases.post(f"{_PATH}/sua")
def save(application_id: str) -> Response:
    """Less counts at once; more is sent to whoever answers for the data."""
    handle = applications_here()
    shown, versions = handle.release_for_change(asked_for(application_id))
    counts = versions[0] if versions else None
    form, path = ReleaseForm.sent(), f"{path_of(shown.app.id)}/du-lieu"
    if meanwhile := made_meanwhile(form, values_of(counts)):
        return show_changed_meanwhile(f"{path}/sua", form, meanwhile)
    try:
        outcome = handle.change_release(shown.app.id, wanted_in(form, counts), form.reason.data)
    except Conflict as error:
        if error.declared is RELEASE_SAME:
            return _told(path, "same")
        return show_refused(f"{path}/sua", form, error)
    except (Invalid, TooMany) as error:
        return show_refused(f"{path}/sua", form, error)
    return _told(path, "release_asked" if outcome.request_id else "saved")


def _told(path: str, notice: str) -> Response:
    response = redirect(path, 303)
    leave_notice(response, notice)
    return response
