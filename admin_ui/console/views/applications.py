"""``/ung-dung``: finding applications, looking at one, closing it, its secret."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, unquote, urlencode

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectField, StringField

from admin_ui.console import page_sizes
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
    show_once,
    show_refused,
    take_shown_once,
)
from admin_ui.console.numbered_lists import address, as_left, numbered
from admin_ui.console.pages import grouped, leave_notice, page_number
from admin_ui.console.release_forms import HEADINGS
from admin_ui.console.screen import MenuEntry, Screen, StepUp
from admin_ui.console.views.sign_outs import sign_out_url
from admin_ui.console.views.telling import told_acts
from admin_ui.console.visitor import applications_here, current_visitor
from directory.authz.permissions import ApplicationPermission
from directory.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, Words
from directory.ids import can_be_id
from idp.applications.errors import APPLICATION_NOT_FOUND, APPLICATION_READ_ONLY
from idp.applications.handles import ShownApplication
from idp.applications.kinds import Kind
from idp.applications.listing import ApplicationPage, ApplicationQuestion, State
from idp.clients.errors import CLIENT_DISABLED_ALREADY, CLIENT_NOT_DISABLED
from web.error_pages import advice, sentence
from web.forms import ChangeForm, Form, one_of, only, search_field
from web.i18n import N_, gettext

applications = Blueprint("applications", __name__)

LIST_PATH = "/ung-dung"
EXPORT_PATH = f"{LIST_PATH}/xuat"
RELEASES_PATH = f"{LIST_PATH}/thong-tin-cung-cap"
SCREEN = Screen(
    applications,
    {
        "list_applications": ApplicationPermission.READ,
        "take_away": ApplicationPermission.READ,
        "ask_why": ApplicationPermission.READ,
        "show": ApplicationPermission.READ,
        "connect": ApplicationPermission.READ,
        "show_logo": ApplicationPermission.READ,
        "ask_state": ApplicationPermission.WRITE,
        "set_state": ApplicationPermission.WRITE,
        "ask_secret": ApplicationPermission.WRITE,
        "rotate_secret": ApplicationPermission.WRITE,
        "connect_ldap": ApplicationPermission.READ,
        "ask_ldap_password": ApplicationPermission.WRITE,
        "make_ldap_password": ApplicationPermission.WRITE,
    },
    step_up={
        "take_away": LONG_LIST,
        "rotate_secret": StepUp(N_("Make a new secret for an application")),
        "make_ldap_password": StepUp(N_("Make a new LDAP password for an application")),
    },
    menu=MenuEntry(N_("Applications"), LIST_PATH, "application", ApplicationPermission.READ),
)
_KINDS: Mapping[str, tuple[str, Kind]] = {
    "web": (N_("Web application with a server"), "web"),
    "trinh-duyet": (N_("Browser application (SPA)"), "browser"),
    "cai-dat": (N_("Installed application"), "native"),
    "dich-vu": (N_("Service without people"), "service"),
    "ldap": (N_("LDAP only"), "ldap"),
}
# In a list, where their columns say the rest.
SHORT_KIND_NAMES: Mapping[Kind, str] = {
    "web": N_("Web"),
    "browser": N_("Browser"),
    "native": N_("Installed"),
    "service": N_("Service"),
    "ldap": "LDAP",
}
_STATES: Mapping[str, tuple[str, State]] = {
    "dang-dung": (N_("In use"), "enabled"),
    "da-ngung": (N_("Disabled"), "disabled"),
    "da-xoa": (N_("Removed for good"), "removed"),
}
KIND_NAMES: Mapping[Kind, str] = {kind: title for title, kind in _KINDS.values()}
KIND_PATHS: Mapping[str, Kind] = {path: kind for path, (_, kind) in _KINDS.items()}


class ApplicationFilter(Form):
    """Which applications are looked for, as the address says it."""

    tim = search_field(N_("Name, description or contact"), N_("Name, contact…"))
    noi = SelectField(N_("Owner"), filters=[only(can_be_id)], choices=[], validate_choice=False)
    loai = SelectField(
        N_("Kind of application"),
        filters=[only(_KINDS.__contains__)],
        choices=one_of(N_("All kinds"), {path: title for path, (title, _) in _KINDS.items()}),
    )
    trang_thai = SelectField(
        N_("State"),
        name="trang-thai",
        filters=[only(_STATES.__contains__)],
        choices=one_of(N_("All states"), {path: title for path, (title, _) in _STATES.items()}),
    )


class StateForm(ChangeForm):
    """Why an application is disabled or enabled; `state`: the one that the page showed."""

    state = HiddenField()
    reason = StringField(
        N_("Reason"),
        description=N_("It is kept in the audit log, for example a decision or a request."),
        render_kw={"maxlength": 500},
    )


@applications.get(LIST_PATH)
def list_applications() -> Response:
    """The applications one may see; the address holds all of the question."""
    form = ApplicationFilter(request.args)
    asked, question = told_in_address(form), question_of(form)
    page = applications_here().page(question)
    form.noi.choices = one_of(N_("All owners"), owners_of(page))
    return numbered(
        "console/applications.html",
        LIST_PATH,
        lines=len(page.applications),
        total=page.total,
        asked=asked,
        form=form,
        page=page,
        kind_names=SHORT_KIND_NAMES,
        is_filtered=any(asked.values()),
        all_url=LIST_PATH,
        path_of=path_of,
        register_url=f"{LIST_PATH}/dang-ky" if may_register() else "",
        releases_url=RELEASES_PATH,
        export_url=address(EXPORT_PATH, asked),
    )


@applications.post(EXPORT_PATH)
def take_away() -> Response:
    """The whole list of the address as a file."""
    export = export_asked_for()
    try:
        question = question_of(ApplicationFilter(request.args))
        listing = applications_here().take_away(question, export)
    except (Invalid, TooMany) as error:
        return refused(error, export)
    return send(listing, export.form, "ung-dung")


@applications.get(EXPORT_PATH)
def ask_why() -> Response:
    """The page that asks for the reason of a long list."""
    asked_form = ApplicationFilter(request.args)
    form, asked = format_of_address(), told_in_address(asked_form)
    page = applications_here().page(question_of(asked_form))
    return reason_page(
        form,
        title=gettext("Export the list of applications"),
        list_name=gettext("Applications"),
        list_url=address(LIST_PATH, asked),
        export_url=address(EXPORT_PATH, asked),
        count=grouped(page.total),
    )


@applications.get(f"{LIST_PATH}/<application_id>")
def show(application_id: str) -> Response:
    """One application: whose it is, who may enter, where it is, what happened."""
    handle = applications_here()
    shown = handle.show(asked_for(application_id))
    path = path_of(shown.app.id)
    return make_response(
        render_template(
            "console/application.html",
            shown=shown,
            app=shown.app,
            client=shown.client,
            kind_names=KIND_NAMES,
            told=told_acts(shown.acts or (), shown.names),
            list_url=as_left(LIST_PATH),
            path=path,
            may_change=may_change(shown),
            may_open=current_visitor().is_everywhere,
            bind_dn=handle.bind_dn_of(shown),
            why_not=Forbidden(APPLICATION_READ_ONLY, reason=shown.change.reason),
            sentence=sentence,
            advice=advice,
            events_url=_events_url(shown),
            sign_out_url=sign_out_url("application", shown.app.id) if shown.client else "",
        )
    )


@applications.get(f"{LIST_PATH}/<application_id>/ket-noi")
def connect(application_id: str) -> Response:
    """What to put into the application, with its secret when that was made a moment ago."""
    handle = applications_here()
    shown = handle.show(asked_for(application_id))
    if shown.client is None:
        raise NotFound(APPLICATION_NOT_FOUND)
    made = take_shown_once() or {}
    secret = made.get("secret", "")
    snippets = handle.snippets_of(shown.client, secret=secret)
    asked = request.args.get("mau", "")
    stack = asked if asked in snippets else next(iter(snippets))
    return make_response(
        render_template(
            "console/application_connect.html",
            shown=shown,
            app=shown.app,
            client=shown.client,
            secret=secret,
            previous_until=int(made.get("previous_until") or 0),
            is_new=made.get("new") == "1",
            stacks=list(snippets),
            stack=stack,
            # With a secret on the page, no second page is needed for another stack.
            snippets=snippets if secret else {stack: snippets[stack]},
            list_url=LIST_PATH,
            path=path_of(shown.app.id),
        )
    )


@applications.get(f"{LIST_PATH}/<application_id>/bieu-tuong")
def show_logo(application_id: str) -> Response:
    """Its picture; pages of the console show none from elsewhere."""
    logo = applications_here().find_logo(asked_for(application_id))
    if logo is None:
        raise NotFound(APPLICATION_NOT_FOUND)
    response = make_response(logo.body)
    response.headers["Content-Type"] = logo.media_type
    return response


@applications.get(f"{LIST_PATH}/<application_id>/trang-thai")
def ask_state(application_id: str) -> Response:
    """What disabling or enabling does, before it is done."""
    handle = applications_here()
    shown = handle.show_for_change(asked_for(application_id))
    kept = find_kept() or KeptForm({}, {})
    form = StateForm(kept.typed, kept.seen)
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return make_response(
        render_template(
            "console/application_state.html",
            shown=shown,
            app=shown.app,
            form=form,
            effects=handle.effects_of(shown),
            list_url=LIST_PATH,
            path=path_of(shown.app.id),
            state="disabled" if shown.app.disabled_at else "enabled",
        )
    )


@applications.post(f"{LIST_PATH}/<application_id>/trang-thai")
def set_state(application_id: str) -> Response:
    """Disable an application, or enable it again: the other of what the page showed."""
    handle = applications_here()
    shown = handle.show_for_change(asked_for(application_id))
    form = StateForm.sent()
    was = form.state.data
    path = path_of(shown.app.id)
    try:
        if was == "disabled":
            handle.enable(shown, form.reason.data)
        else:
            handle.disable(shown, form.reason.data)
    except Invalid as error:
        return show_refused(f"{path}/trang-thai", form, error)
    except Conflict as error:
        if error.declared not in (CLIENT_DISABLED_ALREADY, CLIENT_NOT_DISABLED):
            raise
        # Somebody else was first: it is as asked for.
        return _told(path, "same")
    return _told(path, "enabled" if was == "disabled" else "disabled")


@applications.get(f"{LIST_PATH}/<application_id>/khoa-bi-mat")
def ask_secret(application_id: str) -> Response:
    """What a new secret means, before it is made."""
    shown = applications_here().show_for_change(asked_for(application_id))
    if shown.client is None or not shown.client.secret_hash:
        raise NotFound(APPLICATION_NOT_FOUND)
    return make_response(
        render_template(
            "console/application_secret.html",
            shown=shown,
            app=shown.app,
            client=shown.client,
            list_url=LIST_PATH,
            path=path_of(shown.app.id),
        )
    )


@applications.post(f"{LIST_PATH}/<application_id>/khoa-bi-mat")
def rotate_secret(application_id: str) -> Response:
    """Make a new secret, and show it once."""
    found = asked_for(application_id)
    at_once = request.form.get("at_once") == "1"
    rotated = applications_here().rotate_secret(found, at_once=at_once)
    until = str(rotated.previous_until or "")
    told = {"secret": rotated.secret, "previous_until": until}
    return show_once(f"{path_of(found)}/ket-noi", told)


@applications.get(f"{LIST_PATH}/<application_id>/ldap")
def connect_ldap(application_id: str) -> Response:
    """What to put into an application that asks the catalogue over LDAP, with its password when
    that was made a moment ago."""
    handle = applications_here()
    shown = handle.open(asked_for(application_id))
    settings = handle.ldap_settings_of(shown)
    if settings is None:
        raise NotFound(APPLICATION_NOT_FOUND)
    made = take_shown_once() or {}
    return make_response(
        render_template(
            "console/application_ldap.html",
            shown=shown,
            app=shown.app,
            settings=settings,
            headings=HEADINGS,
            secret=made.get("secret", ""),
            is_new=made.get("new") == "1",
            list_url=LIST_PATH,
            path=path_of(shown.app.id),
        )
    )


@applications.get(f"{LIST_PATH}/<application_id>/ldap/mat-khau")
def ask_ldap_password(application_id: str) -> Response:
    """What a new password means, or the account that is made with the first."""
    shown = applications_here().show_for_change(asked_for(application_id))
    if shown.kind != "ldap":
        raise NotFound(APPLICATION_NOT_FOUND)
    return make_response(
        render_template(
            "console/application_ldap_password.html",
            shown=shown,
            app=shown.app,
            list_url=LIST_PATH,
            path=path_of(shown.app.id),
        )
    )


@applications.post(f"{LIST_PATH}/<application_id>/ldap/mat-khau")
def make_ldap_password(application_id: str) -> Response:
    """Make a new password, and show it once."""
    handle = applications_here()
    shown = handle.show_for_change(asked_for(application_id))
    secret = handle.new_ldap_password(shown)
    is_new = "" if shown.account else "1"
    return show_once(f"{path_of(shown.app.id)}/ldap", {"secret": secret, "new": is_new})


def path_of(application_id: str) -> str:
    """Where an application is shown. Ids that are addresses hold slashes, which an address of ours
    cannot: those are written twice over."""
    return f"{LIST_PATH}/{quote(quote(application_id, safe=''), safe='')}"


def asked_for(segment: str) -> str:
    """The id that a segment of an address stands for: see `path_of`."""
    return unquote(segment)


def may_register() -> bool:
    """Whether the visitor keeps applications somewhere."""
    return current_visitor().may(ApplicationPermission.WRITE)


def may_change(shown: ShownApplication) -> bool:
    """Whether the visitor may change this one."""
    return shown.change.allowed and may_register()


def _told(path: str, notice: str) -> Response:
    response = redirect(path, 303)
    leave_notice(response, notice)
    return response


def _events_url(shown: ShownApplication) -> str:
    return "/nhat-ky?" + urlencode({"ten": shown.app.name}) if shown.acts is not None else ""


def owners_of(page: ApplicationPage) -> Mapping[str, Words]:
    """What a list may be narrowed by."""
    return {place.id: Words(place.name, place.name) for place in page.owners}


def told_in_address(form: ApplicationFilter) -> dict[str, str]:
    """What the filter says, by the names that addresses have for it."""
    return {field.name: field.data for field in form}


def question_of(form: ApplicationFilter, path: str = LIST_PATH) -> ApplicationQuestion:
    """The question that a filter stands for. `path`: of the list that it narrows."""
    asked = told_in_address(form)
    return ApplicationQuestion(
        text=asked["tim"],
        owner_id=asked["noi"],
        kind=_KINDS[asked["loai"]][1] if asked["loai"] else "",
        state=_STATES[asked["trang-thai"]][1] if asked["trang-thai"] else "",
        page=page_number(),
        size=page_sizes.asked(path),
    )
