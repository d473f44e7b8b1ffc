"""``/ket-noi``: the connectors one looks after, and one of them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from admin_ui.console import page_sizes
from admin_ui.console.connector_words import told_of_account, told_of_target
from admin_ui.console.exporting import (
    LONG_LIST,
    export_asked_for,
    format_of_address,
    reason_page,
    refused,
    send,
)
from admin_ui.console.kept_forms import KeptForm, find_kept, take_shown_once
from admin_ui.console.numbered_lists import address, as_left, numbered
from admin_ui.console.pages import grouped, page_number
from admin_ui.console.screen import MenuEntry, Screen
from admin_ui.console.tiles import Tile
from admin_ui.console.views.applications import path_of as application_path
from admin_ui.console.views.telling import told_acts
from admin_ui.console.visitor import connectors_here, current_visitor
from directory.errors import Invalid, TooMany, Words
from directory.ids import can_be_id
from sync.engine.handles import OpenedConnector
from sync.engine.list_files import ASKED, STATES, since
from sync.engine.listing import Asked, ConnectorQuestion
from sync.engine.permissions import ConnectorPermission
from web.forms import ChangeForm, Form, one_of, only, search_field
from web.i18n import N_, gettext

connectors = Blueprint("connectors", __name__)

LIST_PATH = "/ket-noi"
EXPORT_PATH = f"{LIST_PATH}/xuat"
SCREEN = Screen(
    connectors,
    {
        "list_connectors": ConnectorPermission.READ,
        "take_away": ConnectorPermission.READ,
        "ask_why": ConnectorPermission.READ,
        "show": ConnectorPermission.READ,
        "show_person": ConnectorPermission.READ,
    },
    step_up={"take_away": LONG_LIST},
    menu=MenuEntry(N_("Connectors"), LIST_PATH, "sync", ConnectorPermission.READ),
    tiles=(
        Tile(
            N_("Connectors to look at"),
            N_("Stand still, or have accounts that the application does not take."),
            f"{LIST_PATH}?tinh-trang=can-xu-ly",
            ConnectorPermission.READ,
            lambda: connectors_here().count_stuck(),
        ),
    ),
)
STATE_PATHS: Mapping[str, Asked] = {
    "can-xu-ly": "stuck",
    "tu-dung": "stopped",
    "khong-tra-loi": "away",
    "tam-dung": "paused",
    "dang-chay": "running",
}
# What "Hôm nay" leads to: whatever goes on only after somebody did something.
STUCK_PATH = f"{LIST_PATH}?tinh-trang=can-xu-ly"
_LATELY_SHOWN = 100


class ConnectorFilter(Form):
    """Which connectors are looked for, as the address says it."""

    tim = search_field(N_("Application or connector"))
    tinh_trang = SelectField(
        N_("State"),
        name="tinh-trang",
        filters=[only(STATE_PATHS.__contains__)],
        choices=one_of(
            N_("All states"), {path: ASKED[state] for path, state in STATE_PATHS.items()}
        ),
    )
    noi = SelectField(N_("Owner"), filters=[only(can_be_id)], choices=[], validate_choice=False)


class SkippingForm(ChangeForm):
    """Why an account is left alone."""

    reason = StringField(
        N_("Reason"),
        description=N_("It is kept in the audit log, for example a decision or a request."),
        render_kw={"maxlength": 300},
    )


@connectors.get(LIST_PATH)
def list_connectors() -> Response:
    """The connectors one looks after; the address holds all of the question."""
    form = ConnectorFilter(request.args)
    page = connectors_here().page(_question(form))
    owners = {place: Words(name, name) for place, name in page.owners.items()}
    form.noi.choices = one_of(N_("All owners"), owners)
    asked = _asked(form)
    return numbered(
        "console/connectors.html",
        LIST_PATH,
        lines=len(page.connectors),
        total=page.total,
        asked=asked,
        form=form,
        page=page,
        states=STATES,
        since=since,
        is_filtered=any(asked.values()),
        all_url=LIST_PATH,
        path_of=path_of,
        export_url=address(EXPORT_PATH, asked),
        add_url=f"{LIST_PATH}/dang-ky" if current_visitor().may(ConnectorPermission.WRITE) else "",
    )


@connectors.post(EXPORT_PATH)
def take_away() -> Response:
    """The whole list of the address as a file."""
    export = export_asked_for()
    try:
        listing = connectors_here().take_away(_question(ConnectorFilter(request.args)), export)
    except (Invalid, TooMany) as error:
        return refused(error, export)
    return send(listing, export.form, "ket-noi")


@connectors.get(EXPORT_PATH)
def ask_why() -> Response:
    """The page that asks for the reason of a long list."""
    asked_form = ConnectorFilter(request.args)
    form, asked = format_of_address(), _asked(asked_form)
    page = connectors_here().page(_question(asked_form))
    return reason_page(
        form,
        title=gettext("Export the list of connectors"),
        list_name=gettext("Connectors"),
        list_url=address(LIST_PATH, asked),
        export_url=address(EXPORT_PATH, asked),
        count=grouped(page.total),
    )


@connectors.get(f"{LIST_PATH}/<name>")
def show(name: str) -> Response:
    """One connector: what it does, how it stands, what waits for somebody."""
    shown = connectors_here().show(name)
    found = shown.connector
    return make_response(
        render_template(
            "console/connector.html",
            shown=shown,
            found=found,
            definition=found.definition,
            figures=shown.figures,
            states=STATES,
            away=told_of_target(found.failed_detail) if found.failing_since else None,
            tested=take_shown_once(),
            told_of_target=told_of_target,
            told=told_acts(shown.acts or (), shown.names),
            events_url=_events_url(shown),
            may_change=may_change(shown),
            list_url=as_left(LIST_PATH),
            path=path_of(found.name),
            application_url=application_path(shown.application.id),
        )
    )


@connectors.get(f"{LIST_PATH}/<name>/nguoi/<person_id>")
def show_person(name: str, person_id: str) -> Response:
    """One person in one application: what it holds, what is due, why it does not get there."""
    opened = connectors_here().person(name, person_id)
    account = opened.account.account if opened.account else None
    kept = find_kept() or KeptForm({}, {})
    form = SkippingForm(kept.typed, kept.seen)
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return make_response(
        render_template(
            "console/connector_person.html",
            opened=opened,
            person=opened.person,
            application=opened.opened.application,
            each=opened.account,
            form=form,
            state=opened.opened.state,
            failure=told_of_account(account.failed_code, account.failed_detail)
            if account
            else None,
            may_change=may_change(opened.opened),
            list_url=LIST_PATH,
            path=path_of(opened.opened.connector.name),
            person_url=f"/nguoi-dung/{opened.person.id}",
            why_url="/vi-sao?"
            + urlencode({"nguoi": opened.person.id, "ung-dung": opened.opened.application.id}),
        )
    )


def path_of(name: str) -> str:
    """Where a connector is shown; names have letters, digits and dashes alone."""
    return f"{LIST_PATH}/{name}"


def may_change(opened: OpenedConnector) -> bool:
    """Whether the visitor may change this one."""
    return opened.change.allowed and current_visitor().may(ConnectorPermission.WRITE)


def _events_url(shown: OpenedConnector) -> str:
    return "/nhat-ky?" + urlencode({"ten": shown.application.name})


def _asked(form: ConnectorFilter) -> dict[str, str]:
    return {field.name: field.data for field in form}


def _question(form: ConnectorFilter) -> ConnectorQuestion:
    asked = _asked(form)
    return ConnectorQuestion(
        text=asked["tim"],
        state=STATE_PATHS.get(asked["tinh-trang"], ""),
        owner_id=asked["noi"],
        page=page_number(),
        size=page_sizes.asked(LIST_PATH),
    )
