"""``/ung-dung/…/vai-tro``: the roles of an application, declaring, changing and retiring them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, render_template
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
from admin_ui.console.pages import grouped, leave_notice
from admin_ui.console.role_forms import (
    GIVERS,
    RetiringForm,
    RoleForm,
    changed_role,
    first_values,
    new_role,
    offer,
    values_of,
)
from admin_ui.console.screen import Screen
from admin_ui.console.views.applications import LIST_PATH, asked_for, path_of
from admin_ui.console.views.giving import PATH as GIVE_PATH
from admin_ui.console.visitor import current_visitor, grants_here, roles_here
from directory.access.handles import ShownRoles
from directory.authz.errors import ROLE_CHANGED_MEANWHILE, ROLE_STATE, ROLE_UNKNOWN
from directory.authz.grant_lists import GrantQuestion
from directory.authz.permissions import ApplicationPermission, GrantPermission, RolePermission
from directory.authz.roles import Role, title_of
from directory.errors import Conflict, Invalid, NotFound, TooMany
from web.i18n import N_, gettext

roles = Blueprint("roles", __name__)

SCREEN = Screen(
    roles,
    {
        "list_roles": ApplicationPermission.READ,
        "take_away": ApplicationPermission.READ,
        "ask_why": ApplicationPermission.READ,
        "show": ApplicationPermission.READ,
        "describe_new": RolePermission.WRITE,
        "declare": RolePermission.WRITE,
        "edit": RolePermission.WRITE,
        "save": RolePermission.WRITE,
        "ask_state": RolePermission.WRITE,
        "set_state": RolePermission.WRITE,
    },
    step_up={"take_away": LONG_LIST},
    under="applications",
)
_ROLES = f"{LIST_PATH}/<application_id>/vai-tro"
_NEW = f"{LIST_PATH}/<application_id>/khai-bao-vai-tro"
# Not under the roles: one may be called so.
_EXPORT = f"{LIST_PATH}/<application_id>/xuat-vai-tro"
_FEW = 10
SHORT_GIVERS: Mapping[str, str] = {
    "agency": N_("Each agency"),
    "owner": N_("The owner of the application"),
    "province": N_("The province"),
    "operators": N_("Two of the province"),
    "operator": N_("Command line"),
}


@roles.get(_ROLES)
def list_roles(application_id: str) -> Response:
    """What roles an application names, and how many people hold each."""
    shown = roles_here().show(asked_for(application_id))
    return _page(
        "console/roles.html",
        shown,
        short_givers=SHORT_GIVERS,
        export_url=_export_path(shown),
        new_url=_new_path(shown) if may_change(shown) else "",
        give_url=_give_url(shown) if may_give() else "",
    )


@roles.post(_EXPORT)
def take_away(application_id: str) -> Response:
    """All of them as a file."""
    export = export_asked_for()
    try:
        listing = roles_here().take_away(asked_for(application_id), export)
    except (Invalid, TooMany) as error:
        return refused(error, export)
    return send(listing, export.form, "vai-tro")


@roles.get(_EXPORT)
def ask_why(application_id: str) -> Response:
    """The page that asks for the reason of a long list."""
    shown = roles_here().show(asked_for(application_id))
    return reason_page(
        format_of_address(),
        title=gettext("Export the roles of %(name)s", name=shown.application.name),
        list_name=gettext("Roles"),
        list_url=f"{path_of(shown.application.id)}/vai-tro",
        export_url=_export_path(shown),
        count=grouped(len(shown.roles)),
    )


def _export_path(shown: ShownRoles) -> str:
    return f"{path_of(shown.application.id)}/xuat-vai-tro"


@roles.get(f"{_ROLES}/<name>")
def show(application_id: str, name: str) -> Response:
    """One role: what it lets do, who may give it, and who was given it."""
    shown = roles_here().show(asked_for(application_id))
    role = _role(shown, name)
    question = GrantQuestion(application_id=shown.application.id, role=role.name)
    page = grants_here().page(question)
    return _page(
        "console/role.html",
        shown,
        role=role,
        givers=GIVERS,
        given=page.grants[:_FEW],
        is_more=len(page.grants) > _FEW,
        may_change=may_change(shown),
        give_url=_give_url(shown, role) if may_give() and role.retired_at is None else "",
    )


@roles.get(_NEW)
def describe_new(application_id: str) -> Response:
    """The form of a new role."""
    shown = roles_here().show_for_change(asked_for(application_id))
    first = first_values()
    return _form_page(shown, None, find_kept() or KeptForm(first, first), first)


@roles.post(_NEW)
def declare(application_id: str) -> Response:
    """Declare it."""
    handle = roles_here()
    shown = handle.show_for_change(asked_for(application_id))
    form = RoleForm.sent()
    role = new_role(shown.application.id, form.typed)
    try:
        handle.add(role)
    except (Invalid, Conflict) as error:
        return show_refused(_new_path(shown), form, error)
    return _told(path_of_role(role), "saved")


@roles.get(f"{_ROLES}/<name>/sua")
def edit(application_id: str, name: str) -> Response:
    """The form of a role, filled with what is there."""
    shown = roles_here().show_for_change(asked_for(application_id))
    role = _role(shown, name)
    now = values_of(role)
    return _form_page(shown, role, find_kept() or KeptForm(now, now), now)


@roles.post(f"{_ROLES}/<name>/sua")
def save(application_id: str, name: str) -> Response:
    """Change what was changed in the form; what is typed is never lost."""
    handle = roles_here()
    shown = handle.show_for_change(asked_for(application_id))
    role = _role(shown, name)
    form, path = RoleForm.sent(), f"{path_of_role(role)}/sua"
    if meanwhile := made_meanwhile(form, values_of(role)):
        return show_changed_meanwhile(path, form, meanwhile)
    changed = changed_role(role, form.changes)
    if changed == role:
        return _told(path_of_role(role), "same")
    try:
        handle.change(changed, role)
    except Conflict as error:
        now = handle.show(shown.application.id).find(name)
        if error.declared is ROLE_CHANGED_MEANWHILE and now is not None:
            return show_changed_meanwhile(path, form, made_meanwhile(form, values_of(now)))
        return show_refused(path, form, error)
    except Invalid as error:
        return show_refused(path, form, error)
    return _told(path_of_role(role), "saved")


@roles.get(f"{_ROLES}/<name>/trang-thai")
def ask_state(application_id: str, name: str) -> Response:
    """What retiring a role does, or having it given again, before it is done."""
    shown = roles_here().show_for_change(asked_for(application_id))
    role = _role(shown, name)
    kept = find_kept() or KeptForm({}, {})
    form = RetiringForm(kept.typed, kept.seen)
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return _page(
        "console/role_state.html",
        shown,
        role=role,
        form=form,
        grants=grants_here().count(GrantQuestion(shown.application.id, role.name)),
        state=_state(role),
    )


@roles.post(f"{_ROLES}/<name>/trang-thai")
def set_state(application_id: str, name: str) -> Response:
    """Retire a role, or have it given again: the other of what the page showed."""
    handle = roles_here()
    shown = handle.show_for_change(asked_for(application_id))
    role = _role(shown, name)
    form, path = RetiringForm.sent(), path_of_role(role)
    retires = form.state.data != "retired"
    try:
        handle.set_retired(shown.application.id, name, form.reason.data, retired=retires)
    except Invalid as error:
        return show_refused(f"{path}/trang-thai", form, error)
    except Conflict as error:
        if error.declared is not ROLE_STATE:
            raise
        # Somebody else was first: it is as asked for.
        return _told(path, "same")
    return _told(path, "role_retired" if retires else "role_restored")


def path_of_role(role: Role) -> str:
    """Where a role is shown."""
    return f"{path_of(role.application_id)}/vai-tro/{role.name}"


def may_change(shown: ShownRoles) -> bool:
    """Whether the visitor may declare and change roles of the application."""
    return shown.change.allowed and current_visitor().may(RolePermission.WRITE)


def may_give() -> bool:
    """Whether the visitor gives roles somewhere, or asks that they be given."""
    return current_visitor().may(GrantPermission.ASK)


def _role(shown: ShownRoles, name: str) -> Role:
    found = shown.find(name)
    if found is None:
        raise NotFound(ROLE_UNKNOWN, value=name)
    return found


def _state(role: Role) -> str:
    return "given" if role.retired_at is None else "retired"


def _new_path(shown: ShownRoles) -> str:
    return f"{path_of(shown.application.id)}/khai-bao-vai-tro"


def _give_url(shown: ShownRoles, role: Role | None = None) -> str:
    asked = {"ung-dung": shown.application.id}
    if role:
        asked = {"vai-tro": f"{role.application_id}:{role.name}"}
    return f"{GIVE_PATH}?{urlencode(asked)}"


def _form_page(
    shown: ShownRoles, role: Role | None, kept: KeptForm, now: Mapping[str, str]
) -> Response:
    # One that an earlier version kept has not every field.
    form = RoleForm({**now, **kept.typed}, {**now, **kept.seen})
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    offer(form, shown.roles, role)
    asked = [field.name for field in form if field.name != "name" or role is None]
    if not form.excludes.choices:
        asked.remove("excludes")
    return _page(
        "console/role_edit.html",
        shown,
        role=role,
        form=form,
        asked=asked,
        changed=kept.changed,
        action=f"{path_of_role(role)}/sua" if role else _new_path(shown),
    )


def _page(template: str, shown: ShownRoles, **more: object) -> Response:
    return make_response(
        render_template(
            template,
            shown=shown,
            app=shown.application,
            titles={each.name: title_of(each) for each in shown.roles},
            list_url=LIST_PATH,
            path=path_of(shown.application.id),
            roles_url=f"{path_of(shown.application.id)}/vai-tro",
            path_of_role=path_of_role,
            **more,
        )
    )


def _told(path: str, notice: str) -> Response:
    response = redirect(path, 303)
    leave_notice(response, notice)
    return response
