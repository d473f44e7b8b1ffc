"""``/ung-dung/…/du-lieu``, ``/ung-dung/thong-tin-cung-cap``: what an application learns of people,
changing that, and the register of what all of them learn."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from admin_ui.console.exporting import (
    LONG_LIST,
    export_asked_for,
    format_of_address,
    reason_page,
    refused,
    send,
)
from admin_ui.console.kept_forms import (
    KeptForm,
    find_kept,
    made_meanwhile,
    show_changed_meanwhile,
    show_refused,
)
from admin_ui.console.numbered_lists import address, numbered
from admin_ui.console.pages import grouped, leave_notice
from admin_ui.console.release_forms import (
    HEADINGS,
    ReleaseForm,
    first_values,
    offer,
    values_of,
    wanted_in,
)
from admin_ui.console.screen import Screen
from admin_ui.console.views.applications import (
    LIST_PATH,
    RELEASES_PATH,
    ApplicationFilter,
    asked_for,
    may_change,
    owners_of,
    path_of,
    question_of,
    told_in_address,
)
from admin_ui.console.visitor import applications_here
from directory.authz.permissions import ApplicationPermission
from directory.errors import Conflict, Invalid, TooMany
from directory.release.errors import RELEASE_SAME
from web.forms import one_of
from web.i18n import N_, gettext

releases = Blueprint("releases", __name__)

SCREEN = Screen(
    releases,
    {
        "list_releases": ApplicationPermission.READ,
        "take_away": ApplicationPermission.READ,
        "ask_why": ApplicationPermission.READ,
        "show": ApplicationPermission.READ,
        "edit": ApplicationPermission.WRITE,
        "save": ApplicationPermission.WRITE,
    },
    step_up={"take_away": LONG_LIST},
    under="applications",
)
_PATH = f"{LIST_PATH}/<application_id>/du-lieu"
_EXPORT_PATH = f"{RELEASES_PATH}/xuat"


@releases.get(RELEASES_PATH)
def list_releases() -> Response:
    """The register: each application with what it learns, what for, and who approved it."""
    form = ApplicationFilter(request.args)
    asked, question = told_in_address(form), question_of(form, RELEASES_PATH)
    found = applications_here().releases(question)
    form.noi.choices = one_of(N_("All owners"), owners_of(found.page))
    return numbered(
        "console/releases.html",
        RELEASES_PATH,
        lines=len(found.page.applications),
        total=found.page.total,
        asked=asked,
        form=form,
        page=found.page,
        learned=found.lines,
        is_filtered=any(asked.values()),
        all_url=RELEASES_PATH,
        list_url=LIST_PATH,
        path_of=path_of,
        export_url=address(_EXPORT_PATH, asked),
    )


@releases.post(_EXPORT_PATH)
def take_away() -> Response:
    """The whole register of the address as a file."""
    export = export_asked_for()
    try:
        question = question_of(ApplicationFilter(request.args), RELEASES_PATH)
        listing = applications_here().take_releases_away(question, export)
    except (Invalid, TooMany) as error:
        return refused(error, export)
    return send(listing, export.form, "thong-tin-cung-cap")


@releases.get(_EXPORT_PATH)
def ask_why() -> Response:
    """The page that asks for the reason of a long register."""
    form = ApplicationFilter(request.args)
    asked = told_in_address(form)
    found = applications_here().releases(question_of(form, RELEASES_PATH))
    return reason_page(
        format_of_address(),
        title=gettext("Export the register of what applications learn"),
        list_name=gettext("What applications learn"),
        list_url=address(RELEASES_PATH, asked),
        export_url=address(_EXPORT_PATH, asked),
        count=grouped(found.page.total),
    )


@releases.get(_PATH)
def show(application_id: str) -> Response:
    """What it learns now, what for, and all versions there were."""
    shown, versions = applications_here().release_of(asked_for(application_id))
    path = path_of(shown.app.id)
    return make_response(
        render_template(
            "console/application_release.html",
            app=shown.app,
            kind=shown.kind,
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
    offer(form, shown.kind, versions[0] if versions else None)
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
        outcome = handle.change_release(shown, wanted_in(form, counts), form.reason.data)
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
