"""``/yeu-cau``: what somebody asked and a second person decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from admin_ui.console import page_sizes
from admin_ui.console.exporting import (
    LONG_LIST,
    export_asked_for,
    format_of_address,
    reason_page,
    refused,
    send,
)
from admin_ui.console.kept_forms import KeptForm, find_kept, show_refused
from admin_ui.console.numbered_lists import as_left
from admin_ui.console.pages import leave_notice
from admin_ui.console.screen import MenuEntry, Screen, StepUp
from admin_ui.console.tiles import Tile
from admin_ui.console.visitor import (
    current_visitor,
    export_requests_here,
    request_kinds_here,
    requests_here,
)
from directory.errors import AppError, Invalid, NotFound, TooMany, Words
from directory.ids import can_be_id
from directory.requests.errors import REQUEST_DECIDED, REQUEST_UNKNOWN
from directory.requests.handles import RequestPage
from directory.requests.list_file import STATES
from directory.requests.permissions import RequestPermission
from directory.requests.register import Request, RequestQuestion, State
from idp.slips.permissions import SlipPermission
from web.error_pages import advice, sentence
from web.forms import ChangeForm, Form, one_of, only, optional
from web.i18n import N_, gettext, said

requests = Blueprint("requests", __name__)

LIST_PATH = "/yeu-cau"
OWN_PATH = f"{LIST_PATH}/cua-toi"
REGISTER_PATH = f"{LIST_PATH}/so"
EXPORT_PATH = f"{REGISTER_PATH}/xuat"


def _is_privileged() -> bool:
    return requests_here().is_privileged((request.view_args or {})["request_id"])


SCREEN = Screen(
    requests,
    {
        "list_waiting": RequestPermission.FOLLOW,
        "list_own": RequestPermission.FOLLOW,
        "list_all": RequestPermission.READ,
        "take_away": RequestPermission.READ,
        "ask_why": RequestPermission.READ,
        "show": RequestPermission.FOLLOW,
        "approve": RequestPermission.FOLLOW,
        "refuse": RequestPermission.FOLLOW,
        "withdraw": RequestPermission.FOLLOW,
    },
    step_up={"take_away": LONG_LIST, "approve": StepUp(N_("Approve the request"), _is_privileged)},
    menu=MenuEntry(N_("Requests"), LIST_PATH, "stamp", RequestPermission.FOLLOW),
    tiles=(
        Tile(
            N_("Requests that wait for you"),
            N_("Somebody needs your decision to go on."),
            LIST_PATH,
            RequestPermission.FOLLOW,
            lambda: requests_here().counting_waiting(),
        ),
    ),
)
_STATES: Mapping[str, State] = {
    "cho": "open",
    "da-duyet": "approved",
    "tu-choi": "refused",
    "da-rut": "withdrawn",
    "het-han": "lapsed",
}
# Kinds of requests as a list and its filter call them; one that is not here is called as the log
# does.
_KINDS: Mapping[str, str] = {
    "grant": N_("Giving a role"),
    "enter": N_("Entering an application"),
    "open_application": N_("Opening an application"),
    "release": N_("More information for an application"),
    "export": N_("Taking a list beyond the quota"),
    "connector_losses": N_("Disabling many accounts at once"),
    "factor_policy": N_("Weaker rules for two factors"),
    "slip": N_("Slip for a privileged account"),
    "signin_help": N_("Help with signing in"),
}
_EXPORT = "export"
_ABOUT_SLIPS = ("slip", "signin_help")
_NOTE = {"maxlength": 500}


class RequestFilter(Form):
    """Which requests of the register are looked for, as the address says it."""

    trang_thai = SelectField(
        N_("State"),
        name="trang-thai",
        filters=[only(_STATES.__contains__)],
        choices=one_of(N_("All states"), {name: STATES[its] for name, its in _STATES.items()}),
    )
    loai = SelectField(
        N_("Kind of request"),
        filters=[only(lambda kind: kind in request_kinds_here())],
        choices=[],
        validate_choice=False,
    )
    noi = SelectField(
        N_("Decided in"), filters=[only(can_be_id)], choices=[], validate_choice=False
    )


class DecisionForm(ChangeForm):
    """What is said with a decision, a part of it in each of its forms."""

    choice = SelectField(
        N_("Role to be given"),
        description=N_("It holds at the agency of whoever asked, for the usual time."),
        choices=[],
        validate_choice=False,
    )
    note = StringField(N_("Remark"), [optional()], render_kw=_NOTE)
    refusal = StringField(
        N_("Reason"),
        description=N_("Whoever asked reads it; the log keeps it."),
        render_kw=_NOTE,
    )


class ApprovalForm(ChangeForm):
    """What may be said with an approval."""

    choice = DecisionForm.choice
    note = DecisionForm.note


class RefusalForm(ChangeForm):
    """Why not."""

    refusal = DecisionForm.refusal


@requests.get(LIST_PATH)
def list_waiting() -> Response:
    """Those that wait for the visitor to decide, newest first."""
    return _list("cho", LIST_PATH, requests_here().waiting, RequestQuestion("open"))


@requests.get(OWN_PATH)
def list_own() -> Response:
    """What the visitor has asked, or somebody for them."""
    return _list("cua-toi", OWN_PATH, requests_here().own, RequestQuestion(""))


def _list(
    tab: str,
    path: str,
    read: Callable[[RequestQuestion, int], RequestPage],
    question: RequestQuestion,
) -> Response:
    size = page_sizes.asked(LIST_PATH)
    before = _before()
    page = read(RequestQuestion(question.state, before=before), size)
    return _page(tab, path, page, {}, size, before)


@requests.get(REGISTER_PATH)
def list_all() -> Response:
    """All requests that are decided in one's places; the address holds all of the question."""
    form = RequestFilter(request.args)
    asked = {field.name: field.data for field in form}
    size, before = page_sizes.asked(LIST_PATH), _before()
    page = requests_here().register(_question(asked, before), size)
    form.loai.choices = one_of(N_("All kinds"), _kind_names())
    places = {each.id: Words(each.name, each.name) for each in page.places}
    form.noi.choices = one_of(N_("All places"), places)
    return _page("so", REGISTER_PATH, page, asked, size, before, form=form)


def _page(
    tab: str,
    path: str,
    page: RequestPage,
    asked: Mapping[str, str],
    size: int,
    before: str,
    form: RequestFilter | None = None,
) -> Response:
    def url(more: Mapping[str, str]) -> str:
        return _url({**asked, **more}, path)

    response = make_response(
        render_template(
            "console/requests.html",
            tab=tab,
            tabs=_TABS,
            page=page,
            form=form,
            states=STATES,
            kind_names=_kind_names(),
            is_filtered=any(asked.values()),
            path=path,
            newest_url=url({}) if before else "",
            older_url=url({"truoc": page.older}) if page.older else "",
            export_url=_url(asked, EXPORT_PATH) if tab == "so" else "",
            size_links=page_sizes.links(size, lambda chosen: url({page_sizes.NAME: str(chosen)})),
            path_of=path_of,
        )
    )
    page_sizes.remember(response, LIST_PATH, size)
    return response


_TABS = (
    ("cho", LIST_PATH, N_("Waiting for me"), RequestPermission.FOLLOW),
    ("cua-toi", OWN_PATH, N_("My requests"), RequestPermission.FOLLOW),
    ("so", REGISTER_PATH, N_("All of my branch"), RequestPermission.READ),
)


@requests.post(EXPORT_PATH)
def take_away() -> Response:
    """The whole register of the address as a file."""
    export = export_asked_for()
    form = RequestFilter(request.args)
    asked = {field.name: field.data for field in form}
    try:
        listing = requests_here().take_away(_question(asked, ""), _filter_told(asked), export)
    except (Invalid, TooMany) as error:
        return refused(error, export)
    return send(listing, export.form, "yeu-cau")


@requests.get(EXPORT_PATH)
def ask_why() -> Response:
    """The page that asks for the reason of a long list."""
    asked = {field.name: field.data for field in RequestFilter(request.args)}
    return reason_page(
        format_of_address(),
        title=gettext("Export the register of requests"),
        list_name=gettext("Requests"),
        list_url=_url(asked, REGISTER_PATH),
        export_url=_url(asked, EXPORT_PATH),
        count="",
    )


@requests.get(f"{LIST_PATH}/<request_id>")
def show(request_id: str) -> Response:
    """One request: what is asked, why, what approving it would do, what became of it."""
    opened = requests_here().open(request_id)
    kept = find_kept() or KeptForm({}, {})
    form = DecisionForm(kept.typed, kept.seen)
    if opened.prospect is not None:
        form.choice.choices = one_of(N_("Choose a role"), opened.prospect.choices)
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return make_response(
        render_template(
            "console/request.html",
            opened=opened,
            shown=opened.shown,
            asked=opened.shown.request,
            kind_names=_kind_names(),
            states=STATES,
            form=form,
            sentence=sentence,
            advice=advice,
            list_url=as_left(LIST_PATH),
            path=path_of(opened.shown.request.id),
            takeable=_takeable(opened.shown.request),
            slip_url=_slip_url(opened.shown.request),
        )
    )


def _takeable(asked: Request) -> Mapping[str, object] | None:
    """Where the visitor takes the list that was approved for them, and until when."""
    until = export_requests_here().find_until(asked) if asked.kind == _EXPORT else None
    if until is None:
        return None
    address = str(asked.payload["address"])
    address += "&" if "?" in address else "?"
    return {"until": until, "url": f"{address}dang=xlsx", "csv_url": f"{address}dang=csv"}


def _slip_url(asked: Request) -> str:
    """Where the slip is given that a request is about, for whoever may."""
    if asked.kind not in _ABOUT_SLIPS or not current_visitor().may(SlipPermission.ISSUE):
        return ""
    is_theirs = asked.kind == "slip" and asked.state == "approved"
    if asked.state != "open" and not is_theirs:
        return ""
    return f"/nguoi-dung/{asked.payload['person_id']}/phieu"


@requests.post(f"{LIST_PATH}/<request_id>/phe-duyet")
def approve(request_id: str) -> Response:
    """Decide that it be done, and do it."""
    form = ApprovalForm.sent()
    return _decide(
        request_id,
        form,
        lambda: requests_here().approve(request_id, form.note.data, form.choice.data),
        "approved",
    )


@requests.post(f"{LIST_PATH}/<request_id>/tu-choi")
def refuse(request_id: str) -> Response:
    """Decide that it is not done."""
    form = RefusalForm.sent()
    return _decide(
        request_id,
        form,
        lambda: requests_here().refuse(request_id, form.refusal.data),
        "refused",
    )


@requests.post(f"{LIST_PATH}/<request_id>/rut")
def withdraw(request_id: str) -> Response:
    """Take back what one has asked."""
    form = ChangeForm.sent()
    return _decide(request_id, form, lambda: requests_here().withdraw(request_id), "taken_back")


def path_of(request_id: str) -> str:
    """Where a request is shown."""
    return f"{LIST_PATH}/{request_id}"


def _decide(
    request_id: str, form: ChangeForm, work: Callable[[], Request], notice: str
) -> Response:
    path = path_of(request_id)
    try:
        work()
    except NotFound as error:
        if error.declared is REQUEST_UNKNOWN:
            raise
        return _told_at_fields(path, form, error)
    except AppError as error:
        if error.declared is REQUEST_DECIDED:
            return _told(path, "decided_before")
        return _told_at_fields(path, form, error)
    return _told(path, notice)


def _told_at_fields(path: str, form: ChangeForm, error: AppError) -> Response:
    """The page again: what cannot be done now is no fault of a field, but for the reason."""
    if error.params.get("field") == "reason" and "refusal" in form:
        error.params = {**error.params, "field": "refusal"}
    return show_refused(path, form, error)


def _told(path: str, notice: str) -> Response:
    response = redirect(path, 303)
    leave_notice(response, notice)
    return response


def _before() -> str:
    before = request.args.get("truoc", "")
    return before if can_be_id(before) else ""


def _kind_names() -> Mapping[str, Words | str]:
    """What each kind of request is called."""
    return {
        name: _KINDS.get(name, Words(*kind.told)) for name, kind in request_kinds_here().items()
    }


def _question(asked: Mapping[str, str], before: str) -> RequestQuestion:
    return RequestQuestion(
        state=_STATES[asked["trang-thai"]] if asked["trang-thai"] else "",
        kind=asked["loai"],
        before=before,
        place_id=asked["noi"],
    )


def _filter_told(asked: Mapping[str, str]) -> str:
    """What the register is filtered by, as its form says it."""
    told = []
    if asked["trang-thai"]:
        told.append(said(STATES[_STATES[asked["trang-thai"]]]))
    if asked["loai"]:
        told.append(said(_kind_names()[asked["loai"]]))
    if asked["noi"]:
        places = requests_here().places_seen()
        told += [place.name for place in places if place.id == asked["noi"]]
    return "; ".join(told)


def _url(parameters: Mapping[str, str], path: str) -> str:
    query = urlencode({name: value for name, value in parameters.items() if value})
    return f"{path}?{query}" if query else path
