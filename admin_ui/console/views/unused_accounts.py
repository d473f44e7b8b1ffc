"""``/hom-nay/chua-su-dung``: accounts that nobody has ever signed in to."""

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
from admin_ui.console.views.today import PATH as TODAY_PATH
from admin_ui.console.visitor import people_here
from directory.access.listing import MOST_COUNTED
from directory.errors import Invalid, TooMany
from directory.ids import can_be_id
from directory.people.permissions import PeoplePermission
from web.forms import Form, one_of, only
from web.i18n import N_, gettext

unused_accounts = Blueprint("unused_accounts", __name__)

PATH = f"{TODAY_PATH}/chua-su-dung"
EXPORT_PATH = f"{PATH}/xuat"
SCREEN = Screen(
    unused_accounts,
    {
        "list_unused": PeoplePermission.WRITE,
        "take_away": PeoplePermission.WRITE,
        "ask_why": PeoplePermission.WRITE,
    },
    step_up={"take_away": LONG_LIST},
    tiles=(
        Tile(
            N_("Accounts that were never used"),
            N_("For more than 30 days. Tell whose they are, or suspend them."),
            PATH,
            PeoplePermission.WRITE,
            lambda: people_here().counting_unused(MOST_COUNTED),
            most=MOST_COUNTED,
        ),
    ),
    under="today",
)


class UnusedFilter(Form):
    """Of which place, as the address says it."""

    noi = SelectField(N_("Agency"), filters=[only(can_be_id)], choices=[], validate_choice=False)


@unused_accounts.get(PATH)
def list_unused() -> Response:
    """Who has had an account for long and never signed in."""
    form = UnusedFilter(request.args)
    asked = {"noi": form.noi.data}
    number, size = page_number(), page_sizes.asked(PATH)
    page = people_here().list_unused(asked["noi"], number, size, MOST_COUNTED)
    form.noi.choices = one_of(N_("All agencies"), names_of(page.places))
    return numbered(
        "console/unused_accounts.html",
        PATH,
        lines=len(page.accounts),
        total=page.total,
        asked=asked,
        form=form,
        accounts=page.accounts,
        is_capped=page.total >= MOST_COUNTED,
        is_filtered=bool(form.noi.data),
        has_places=len(page.places) > 1,
        all_url=PATH,
        export_url=address(EXPORT_PATH, asked),
        today_url=TODAY_PATH,
    )


@unused_accounts.post(EXPORT_PATH)
def take_away() -> Response:
    """The whole list of the address as a file."""
    export = export_asked_for()
    try:
        listing = people_here().take_unused_away(UnusedFilter(request.args).noi.data, export)
    except (Invalid, TooMany) as error:
        return refused(error, export)
    return send(listing, export.form, "tai-khoan-chua-su-dung")


@unused_accounts.get(EXPORT_PATH)
def ask_why() -> Response:
    """The page that asks for the reason of a long list."""
    asked = {"noi": UnusedFilter(request.args).noi.data}
    total = people_here().list_unused(asked["noi"], 1, 1, MOST_COUNTED).total
    return reason_page(
        format_of_address(),
        title=gettext("Export the accounts that were never used"),
        list_name=gettext("Accounts that were never used"),
        list_url=address(PATH, asked),
        export_url=address(EXPORT_PATH, asked),
        count=grouped(total) + ("+" if total >= MOST_COUNTED else ""),
    )
