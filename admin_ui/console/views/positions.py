"""``/vi-tri``: positions of agencies, who holds them, and which roles they bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response
from wtforms import SelectField

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
from admin_ui.console.numbered_lists import address, numbered
from admin_ui.console.pages import grouped, leave_notice, page_number
from admin_ui.console.place_choices import names_of
from admin_ui.console.position_forms import ClosingForm, NameForm, NewPositionForm
from admin_ui.console.screen import Screen
from admin_ui.console.views.giving import PATH as GIVE_PATH
from admin_ui.console.visitor import current_visitor, positions_here
from directory.access.positions import ShownPosition
from directory.authz.errors import POSITION_CLOSED
from directory.authz.permissions import GrantPermission, PositionPermission
from directory.authz.position_lists import PositionQuestion
from directory.errors import Conflict, Forbidden, Invalid, TooMany
from directory.ids import can_be_id
from web.forms import ChangeForm, Form, choices_of, one_of, only, search_field
from web.i18n import N_, gettext

positions = Blueprint("positions", __name__)

LIST_PATH = "/vi-tri"
EXPORT_PATH = f"{LIST_PATH}/xuat"
SCREEN = Screen(
    positions,
    {
        "list_positions": PositionPermission.READ,
        "take_away": PositionPermission.READ,
        "ask_why": PositionPermission.READ,
        "show": PositionPermission.READ,
        "describe_new": PositionPermission.WRITE,
        "add": PositionPermission.WRITE,
        "edit": PositionPermission.WRITE,
        "rename": PositionPermission.WRITE,
        "ask_closing": PositionPermission.WRITE,
        "close": PositionPermission.WRITE,
    },
    step_up={"take_away": LONG_LIST},
    under="people",
)
_NEW = f"{LIST_PATH}/them"


class PositionFilter(Form):
    """Which positions are looked for, as the address says it."""

    tim = search_field(N_("Name of the position"), N_("Name of the position…"))
    noi = SelectField(N_("Agency"), filters=[only(can_be_id)], choices=[], validate_choice=False)
    dong = SelectField(
        N_("State"),
        filters=[only("1".__eq__)],
        choices=one_of(N_("In use"), {"1": N_("Closed ones too")}),
    )


@positions.get(LIST_PATH)
def list_positions() -> Response:
    """The positions of one's branch; the address holds all of the question."""
    form = PositionFilter(request.args)
    asked = {field.name: field.data for field in form}
    question = replace(_question(asked), page=page_number(), size=page_sizes.asked(LIST_PATH))
    page = positions_here().page(question)
    form.noi.choices = one_of(N_("All agencies"), names_of(page.places))
    return numbered(
        "console/positions.html",
        LIST_PATH,
        lines=len(page.positions),
        total=page.total,
        asked=asked,
        form=form,
        page=page,
        is_filtered=any(asked.values()),
        all_url=LIST_PATH,
        path_of=path_of,
        new_url=_new_url(asked["noi"]) if may_keep() else "",
        export_url=address(EXPORT_PATH, asked),
    )


@positions.post(EXPORT_PATH)
def take_away() -> Response:
    """The whole list of the address as a file."""
    export = export_asked_for()
    asked = {field.name: field.data for field in PositionFilter(request.args)}
    try:
        told = _filter_told(asked)
        listing = positions_here().take_away(_question(asked), told, export)
    except (Invalid, TooMany) as error:
        return refused(error, export)
    return send(listing, export.form, "vi-tri")


@positions.get(EXPORT_PATH)
def ask_why() -> Response:
    """The page that asks for the reason of a long list."""
    asked = {field.name: field.data for field in PositionFilter(request.args)}
    total = positions_here().page(replace(_question(asked), size=1)).total
    return reason_page(
        format_of_address(),
        title=gettext("Export the list of positions"),
        list_name=gettext("Positions"),
        list_url=address(LIST_PATH, asked),
        export_url=address(EXPORT_PATH, asked),
        count=grouped(total),
    )


def _question(asked: Mapping[str, str]) -> PositionQuestion:
    return PositionQuestion(
        text=asked["tim"], place_id=asked["noi"], also_closed=bool(asked["dong"])
    )


def _filter_told(asked: Mapping[str, str]) -> str:
    """What the list is filtered by, as its form says it."""
    places = positions_here().places_seen() if asked["noi"] else ()
    names = {place.id: place.name for place in places}
    told = [f"“{asked['tim']}”" if asked["tim"] else "", names.get(asked["noi"], "")]
    if asked["dong"]:
        told.append(gettext("Closed ones too"))
    return "; ".join(filter(None, told))


@positions.get(f"{LIST_PATH}/<position_id>")
def show(position_id: str) -> Response:
    """One position: who holds it and which roles it brings."""
    shown = positions_here().show(position_id)
    is_open = shown.position.closed_at is None
    may_change = is_open and shown.change.allowed and may_keep()
    may_give = is_open and current_visitor().may(GrantPermission.ASK)
    give_url = f"{GIVE_PATH}?{urlencode({'cho': f'position:{shown.position.id}'})}"
    return _page(
        "console/position.html",
        shown,
        may_change=may_change,
        give_url=give_url if may_give else "",
    )


@positions.get(_NEW)
def describe_new() -> Response:
    """The form of a new position."""
    asked = request.args.get("noi", "")
    kept = find_kept()
    agency_id = asked if can_be_id(asked) else ""
    first = {"place": agency_id, "name": ""}
    form = NewPositionForm({**first, **(kept.typed if kept else {})}, first)
    for each in kept.errors if kept else ():
        form.refuse(each["field"], each["message"])
    places = positions_here().places(form.place.data)
    form.place.choices = choices_of(names_of(places))
    return make_response(
        render_template("console/position_new.html", form=form, list_url=LIST_PATH, path=_NEW)
    )


@positions.post(_NEW)
def add() -> Response:
    """Add it."""
    form = NewPositionForm.sent()
    try:
        added = positions_here().add(form.place.data, form.name.data)
    except (Invalid, Conflict) as error:
        return show_refused(_NEW, form, error)
    return _told(path_of(added.id), "position_added")


@positions.get(f"{LIST_PATH}/<position_id>/sua")
def edit(position_id: str) -> Response:
    """Its name, to be changed."""
    shown = positions_here().show_for_change(position_id)
    now = {"name": shown.position.name}
    kept = find_kept() or KeptForm(now, now)
    form = NameForm({**now, **kept.typed}, {**now, **kept.seen})
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return _page("console/position_edit.html", shown, form=form)


@positions.post(f"{LIST_PATH}/<position_id>/sua")
def rename(position_id: str) -> Response:
    """Call it otherwise."""
    positions_here().require_change(position_id)
    form, path = NameForm.sent(), path_of(position_id)
    if not form.changes:
        return _told(path, "same")
    try:
        positions_here().rename(position_id, form.name.data, form.seen["name"])
    except Conflict as error:
        # What it is called now is seen with the page that says so.
        return show_refused(f"{path}/sua", _seeing_now(form, error), error)
    except Invalid as error:
        return show_refused(f"{path}/sua", form, error)
    return _told(path, "saved")


@positions.get(f"{LIST_PATH}/<position_id>/dong")
def ask_closing(position_id: str) -> Response:
    """What closing it does, before it is done."""
    shown = positions_here().show_for_change(position_id)
    kept = find_kept() or KeptForm({}, {})
    form = ClosingForm(kept.typed, kept.seen)
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return _page("console/position_close.html", shown, form=form)


@positions.post(f"{LIST_PATH}/<position_id>/dong")
def close(position_id: str) -> Response:
    """Close it."""
    positions_here().require_change(position_id)
    form, path = ClosingForm.sent(), path_of(position_id)
    try:
        positions_here().close(position_id, form.reason.data)
    except Conflict as error:
        if error.declared is POSITION_CLOSED:
            return _told(path, "same")
        return show_refused(f"{path}/dong", form, error)
    except (Invalid, Forbidden) as error:
        return show_refused(f"{path}/dong", form, error)
    return _told(path, "position_closed")


def path_of(position_id: str) -> str:
    """Where a position is shown."""
    return f"{LIST_PATH}/{position_id}"


def may_keep() -> bool:
    """Whether the visitor keeps positions somewhere."""
    return current_visitor().may(PositionPermission.WRITE)


def _seeing_now(form: ChangeForm, error: Conflict) -> ChangeForm:
    now = str(error.params.get("name", form.seen["name"]))
    return NameForm(form.typed, {**form.seen, "name": now})


def _new_url(agency_id: str) -> str:
    return f"{_NEW}?{urlencode({'noi': agency_id})}" if agency_id else _NEW


def _page(template: str, shown: ShownPosition, **more: object) -> Response:
    return make_response(
        render_template(
            template,
            shown=shown,
            position=shown.position,
            place=", ".join(filter(None, (shown.listed.unit, shown.listed.agency))),
            list_url=LIST_PATH,
            path=path_of(shown.position.id),
            **more,
        )
    )


def _told(path: str, notice: str) -> Response:
    response = redirect(path, 303)
    leave_notice(response, notice)
    return response
