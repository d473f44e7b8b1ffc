"""``/hom-nay/don-vi-thieu-nguoi``: agencies without an administrator, a deputy or an executive."""

from __future__ import annotations

from flask import Blueprint, request
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
from admin_ui.console.numbered_lists import address, numbered
from admin_ui.console.pages import grouped, page_number
from admin_ui.console.place_choices import names_of
from admin_ui.console.screen import Screen
from admin_ui.console.tiles import Tile
from admin_ui.console.views.giving import PATH as GIVE_PATH
from admin_ui.console.views.today import PATH as TODAY_PATH
from admin_ui.console.visitor import current_visitor, staffing_here
from directory.authz.permissions import (
    ADMIN_APPLICATION,
    AGENCY_ADMIN,
    IT_EXECUTIVE,
    GrantPermission,
)
from directory.errors import Invalid, TooMany
from directory.ids import can_be_id
from web.forms import Form, one_of, only
from web.i18n import N_, gettext

short_agencies = Blueprint("short_agencies", __name__)

PATH = f"{TODAY_PATH}/don-vi-thieu-nguoi"
EXPORT_PATH = f"{PATH}/xuat"
SCREEN = Screen(
    short_agencies,
    {
        "list_short": GrantPermission.READ,
        "take_away": GrantPermission.READ,
        "ask_why": GrantPermission.READ,
    },
    step_up={"take_away": LONG_LIST},
    tiles=(
        Tile(
            N_("Agencies without enough administrators"),
            N_("Have no administrator, no deputy or no executive responsible for IT."),
            PATH,
            GrantPermission.READ,
            lambda: staffing_here().counting(),
        ),
    ),
    under="today",
)


class ShortFilter(Form):
    """Of which place, as the address says it."""

    noi = SelectField(N_("Agency"), filters=[only(can_be_id)], choices=[], validate_choice=False)


@short_agencies.get(PATH)
def list_short() -> Response:
    """The agencies without an administrator, a deputy or an executive."""
    form = ShortFilter(request.args)
    asked = {"noi": form.noi.data}
    page = staffing_here().page(asked["noi"], page_number(), page_sizes.asked(PATH))
    form.noi.choices = one_of(N_("All agencies"), names_of(page.places))
    role = f"{GIVE_PATH}?vai-tro={ADMIN_APPLICATION}:"
    return numbered(
        "console/short_agencies.html",
        PATH,
        lines=len(page.agencies),
        total=page.total,
        asked=asked,
        form=form,
        page=page,
        is_filtered=bool(form.noi.data),
        has_places=len(page.places) > 1,
        all_url=PATH,
        export_url=address(EXPORT_PATH, asked),
        administrator_url=role + AGENCY_ADMIN if _may_give() else "",
        executive_url=role + IT_EXECUTIVE if _may_give() else "",
        today_url=TODAY_PATH,
    )


def _may_give() -> bool:
    """Give it, or ask the province to."""
    return current_visitor().may(GrantPermission.ASK)


@short_agencies.post(EXPORT_PATH)
def take_away() -> Response:
    """The whole list of the address as a file."""
    export = export_asked_for()
    try:
        listing = staffing_here().take_away(ShortFilter(request.args).noi.data, export)
    except (Invalid, TooMany) as error:
        return refused(error, export)
    return send(listing, export.form, "don-vi-thieu-nguoi")


@short_agencies.get(EXPORT_PATH)
def ask_why() -> Response:
    """The page that asks for the reason of a long list."""
    asked = {"noi": ShortFilter(request.args).noi.data}
    total = staffing_here().page(asked["noi"], 1, 1).total
    return reason_page(
        format_of_address(),
        title=gettext("Export the agencies without enough administrators"),
        list_name=gettext("Agencies without enough administrators"),
        list_url=address(PATH, asked),
        export_url=address(EXPORT_PATH, asked),
        count=grouped(total),
    )
