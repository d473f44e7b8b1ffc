"""``/ung-dung/…``: registering an application, and changing what is registered of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from admin_ui.console.application_forms import (
    ADDRESSES,
    ASKED,
    DESCRIPTION,
    ENTRY,
    AddressForm,
    ApplicationForm,
    DescriptionForm,
    EntryForm,
    OpeningForm,
    draft_of,
    first_values,
    offer,
    told,
    values_of,
)
from admin_ui.console.kept_forms import (
    KeptForm,
    find_kept,
    go_on,
    made_meanwhile,
    show_again,
    show_changed_meanwhile,
    show_once,
    show_refused,
)
from admin_ui.console.pages import leave_notice
from admin_ui.console.screen import Screen
from admin_ui.console.views.applications import (
    KIND_NAMES,
    KIND_PATHS,
    LIST_PATH,
    asked_for,
    path_of,
)
from admin_ui.console.visitor import applications_here
from directory.authz.permissions import ApplicationPermission
from directory.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from idp.applications.errors import APPLICATION_NOT_FOUND
from idp.applications.handles import MOST_LOGO_BYTES, ShownApplication
from idp.applications.kinds import Kind
from idp.clients.errors import CLIENT_LOGO
from web.error_pages import sentence
from web.forms import ChangeForm
from web.i18n import N_, gettext

changes = Blueprint("application_changes", __name__)

SCREEN = Screen(
    changes,
    {
        "choose_kind": ApplicationPermission.WRITE,
        "describe": ApplicationPermission.WRITE,
        "describe_new": ApplicationPermission.WRITE,
        "locate": ApplicationPermission.WRITE,
        "register": ApplicationPermission.WRITE,
        "edit": ApplicationPermission.WRITE,
        "save": ApplicationPermission.WRITE,
        "ask_opening": ApplicationPermission.WRITE,
        "send_opening": ApplicationPermission.WRITE,
        "ask_logo": ApplicationPermission.WRITE,
        "set_logo": ApplicationPermission.WRITE,
    },
    under="applications",
)
_NEW = f"{LIST_PATH}/dang-ky"
_STEPS = (N_("Kind"), N_("Application"), N_("Addresses and data"), N_("Connection"))
_PAGES: Mapping[str, tuple[type[ChangeForm], tuple[str, ...], str]] = {
    "sua": (DescriptionForm, DESCRIPTION, N_("Edit %(name)s")),
    "ai-duoc-vao": (EntryForm, ENTRY, N_("Who may enter %(name)s")),
    "dia-chi": (AddressForm, ADDRESSES, N_("Addresses of %(name)s")),
}


@changes.get(_NEW)
def choose_kind() -> Response:
    """What kind of application it is: the first page of a registration."""
    applications_here().choices()
    return make_response(
        render_template(
            "console/application_kinds.html",
            kinds=[(f"{_NEW}/{path}", kind) for path, kind in KIND_PATHS.items()],
            kind_names=KIND_NAMES,
            list_url=LIST_PATH,
            steps=_names(_STEPS),
        )
    )


@changes.get(f"{_NEW}/<kind_path>")
def describe(kind_path: str) -> Response:
    """What it is called, whose it is and who may enter: the second page."""
    return _page_of_registration(kind_path, 0)


@changes.post(f"{_NEW}/<kind_path>")
def describe_new(kind_path: str) -> Response:
    """On to the addresses, or registered where there are none."""
    kind = _kind(kind_path)
    form = ApplicationForm.sent()
    path = f"{_NEW}/{kind_path}"
    if "lui" in request.args:
        return go_on(path, KeptForm(form.typed, form.seen))
    if not ASKED[kind][1]:
        return _register(kind, form, path)
    draft = draft_of(kind, form.typed)
    faults = [fault for fault in applications_here().faults_of(draft) if _is_of_first(kind, fault)]
    if faults:
        return show_refused(path, form, *faults)
    return go_on(f"{path}/dia-chi", KeptForm(form.typed, form.seen))


@changes.get(f"{_NEW}/<kind_path>/dia-chi")
def locate(kind_path: str) -> Response:
    """Where it is: the third page."""
    if find_kept() is None:
        return redirect(f"{_NEW}/{kind_path}", 303)  # what was typed before is gone
    return _page_of_registration(kind_path, 1)


@changes.post(f"{_NEW}/<kind_path>/dia-chi")
def register(kind_path: str) -> Response:
    """Register it; the fourth page shows its secret and how to connect it."""
    return _register(_kind(kind_path), ApplicationForm.sent(), f"{_NEW}/{kind_path}/dia-chi")


def _names(steps: Sequence[str]) -> list[str]:
    return [gettext(step) for step in steps]


def _kind(kind_path: str) -> Kind:
    if kind_path not in KIND_PATHS:
        abort(404)
    return KIND_PATHS[kind_path]


def _is_of_first(kind: Kind, fault: Invalid) -> bool:
    return fault.params.get("field") in ASKED[kind][0]


def _page_of_registration(kind_path: str, number: int) -> Response:
    kind = _kind(kind_path)
    choices = applications_here().choices()
    first = first_values(choices)
    kept = find_kept() or KeptForm(first, first)
    form = ApplicationForm({**first, **kept.typed}, {**first, **kept.seen})
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    fixed = offer(form, choices, kind=kind)
    is_last = number == 1 or not ASKED[kind][1]
    path = f"{_NEW}/{kind_path}"
    return make_response(
        render_template(
            "console/application_register.html",
            form=form,
            kind=kind,
            kind_names=KIND_NAMES,
            asked=[name for name in ASKED[kind][number] if name not in fixed],
            is_last=is_last,
            path=f"{path}/dia-chi" if number else path,
            back=f"{path}?lui=1" if number else "",
            list_url=LIST_PATH,
            kinds_url=_NEW,
            steps=_names(_STEPS if ASKED[kind][1] else (*_STEPS[:2], *_STEPS[3:])),
            step=number + 2,
        )
    )


def _register(kind: Kind, form: ApplicationForm, path: str) -> Response:
    try:
        made = applications_here().register(draft_of(kind, form.typed))
    except Invalid as error:
        return show_refused(path, form, error, *error.also)
    except Forbidden as error:
        return show_refused(path, form, error)
    page = "ket-noi" if made.is_connected else "ldap"
    return show_once(f"{path_of(made.id)}/{page}", {"secret": made.secret, "new": "1"})


@changes.get(f"{LIST_PATH}/<application_id>/<any('sua','ai-duoc-vao','dia-chi'):part>")
def edit(application_id: str, part: str) -> Response:
    """One of its forms, filled with what is there, or with what could not be saved a moment ago."""
    handle = applications_here()
    shown = handle.show_for_change(asked_for(application_id))
    form_of, names, title = _form_of(shown, part)
    now = _only(values_of(shown), form_of)
    kept = find_kept() or KeptForm(now, now)
    form = form_of({**now, **kept.typed}, {**now, **kept.seen})
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    fixed = offer(form, handle.choices(), shown)
    return make_response(
        render_template(
            "console/application_edit.html",
            app=shown.app,
            form=form,
            title=title,
            asked=[name for name in names if name not in fixed],
            changed=kept.changed,
            list_url=LIST_PATH,
            path=path_of(shown.app.id),
            action=f"{path_of(shown.app.id)}/{part}",
        )
    )


@changes.post(f"{LIST_PATH}/<application_id>/<any('sua','ai-duoc-vao','dia-chi'):part>")
def save(application_id: str, part: str) -> Response:
    """Change what was changed in the form; what is typed is never lost."""
    handle = applications_here()
    shown = handle.show_for_change(asked_for(application_id))
    form_of, _, _ = _form_of(shown, part)
    form, path = form_of.sent(), path_of(shown.app.id)
    if meanwhile := made_meanwhile(form, values_of(shown)):
        return show_changed_meanwhile(f"{path}/{part}", form, meanwhile)
    changed = form.changes
    if "access" in changed or "agencies" in changed:
        changed |= {name: form.typed[name] for name in ENTRY}
    try:
        if changed:
            owner_id = shown.app.owner_agency_id
            handle.change(shown, told(changed, owner_id))
    except Invalid as error:
        return show_refused(f"{path}/{part}", form, error, *error.also)
    except Forbidden as error:
        return show_refused(f"{path}/{part}", form, error)
    response = redirect(path, 303)
    leave_notice(response, "saved" if changed else "same")
    return response


@changes.get(f"{LIST_PATH}/<application_id>/de-nghi-mo")
def ask_opening(application_id: str) -> Response:
    """To whom else it is to be opened."""
    shown = applications_here().show_for_change(asked_for(application_id))
    first = {"access": "agencies", "codes": "", "reason": ""}
    kept = find_kept() or KeptForm(first, first)
    form = OpeningForm({**first, **kept.typed}, {**first, **kept.seen})
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return make_response(
        render_template(
            "console/application_opening.html",
            app=shown.app,
            form=form,
            list_url=LIST_PATH,
            path=path_of(shown.app.id),
        )
    )


@changes.post(f"{LIST_PATH}/<application_id>/de-nghi-mo")
def send_opening(application_id: str) -> Response:
    """Put it before the province."""
    handle = applications_here()
    shown = handle.show_for_change(asked_for(application_id))
    form, path = OpeningForm.sent(), path_of(shown.app.id)
    access = told({"access": form.access.data}, "")["access"]
    try:
        handle.ask_to_open(shown, access, form.codes.data.split(), form.reason.data)
    except (Invalid, Conflict, TooMany) as error:
        return show_refused(f"{path}/de-nghi-mo", form, error)
    response = redirect(path, 303)
    leave_notice(response, "asked")
    return response


@changes.get(f"{LIST_PATH}/<application_id>/doi-bieu-tuong")
def ask_logo(application_id: str) -> Response:
    """Its picture, and another one."""
    shown = applications_here().show_for_change(asked_for(application_id))
    if shown.client is None:
        raise NotFound(APPLICATION_NOT_FOUND)
    kept = find_kept() or KeptForm({}, {})
    return make_response(
        render_template(
            "console/application_logo.html",
            shown=shown,
            app=shown.app,
            errors=kept.errors,
            list_url=LIST_PATH,
            path=path_of(shown.app.id),
        )
    )


@changes.post(f"{LIST_PATH}/<application_id>/doi-bieu-tuong")
def set_logo(application_id: str) -> Response:
    """Give it another picture, or take it away."""
    handle = applications_here()
    shown = handle.show_for_change(asked_for(application_id))
    path = path_of(shown.app.id)
    sent = request.files.get("logo")
    body = sent.read() if sent is not None else b""
    is_taken_away = request.form.get("none") == "1"
    try:
        if not body and not is_taken_away:
            raise Invalid(CLIENT_LOGO, field="logo", most=MOST_LOGO_BYTES // 1024)
        handle.set_logo(shown, b"" if is_taken_away else body)
    except Invalid as error:
        errors = [{"field": "logo", "message": sentence(error)}]
        return show_again(f"{path}/doi-bieu-tuong", KeptForm({}, {}, errors))
    response = redirect(path, 303)
    leave_notice(response, "saved")
    return response


def _form_of(shown: ShownApplication, part: str) -> tuple[type[ChangeForm], tuple[str, ...], str]:
    form_of, names, title = _PAGES[part]
    if part == "dia-chi":
        asked = ASKED[shown.kind]
        names = tuple(name for name in names if name in (*asked[0], *asked[1]))
        if not names:
            raise NotFound(APPLICATION_NOT_FOUND)
    return form_of, names, title


def _only(values: Mapping[str, str], form_of: type[ChangeForm]) -> dict[str, str]:
    return {field.name: values[field.name] for field in form_of({}, {})}
