"""``/hom-nay``: what waits for the visitor; and the agencies that lack somebody."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, current_app, make_response, redirect, render_template
from werkzeug.wrappers import Response

from admin_ui.console import page_sizes
from admin_ui.console.pages import TILES, page_number
from admin_ui.console.screen import MenuEntry, Screen
from admin_ui.console.tiles import Tile
from admin_ui.console.visitor import current_visitor, people_here, staffing_here
from directory.access.listing import MOST_COUNTED
from directory.authz.permissions import GrantPermission
from directory.people.permissions import PeoplePermission
from web.i18n import N_

today = Blueprint("today", __name__)

PATH = "/hom-nay"
SHORT_PATH = f"{PATH}/don-vi-thieu-nguoi"
UNUSED_PATH = f"{PATH}/chua-su-dung"
SCREEN = Screen(
    today,
    {
        "show": PeoplePermission.READ,
        "list_short": GrantPermission.READ,
        "list_unused": PeoplePermission.WRITE,
    },
    menu=MenuEntry(N_("Today"), PATH, "calendar", PeoplePermission.READ),
    tiles=(
        Tile(
            N_("Agencies without enough administrators"),
            N_("Have no administrator, no deputy or no executive responsible for IT."),
            SHORT_PATH,
            GrantPermission.READ,
            lambda: staffing_here().count(),
        ),
        Tile(
            N_("Accounts that were never used"),
            N_("For more than 30 days. Tell whose they are, or suspend them."),
            UNUSED_PATH,
            PeoplePermission.WRITE,
            lambda: people_here().count_unused(MOST_COUNTED),
            most=MOST_COUNTED,
        ),
    ),
)


@today.get(PATH)
def show() -> Response:
    """What waits, each with the list behind it; what is at nought is not shown."""
    visitor = current_visitor()
    tiles: tuple[Tile, ...] = current_app.extensions[TILES]
    counted = [(tile, tile.count()) for tile in tiles if visitor.may(tile.permission)]
    waiting = [(tile, number) for tile, number in counted if number]
    return make_response(
        render_template("console/today.html", waiting=waiting, is_asked=bool(counted))
    )


@today.get(SHORT_PATH)
def list_short() -> Response:
    """The agencies without an administrator, a deputy or an executive."""
    number, size = page_number(), page_sizes.asked(SHORT_PATH)
    page = staffing_here().page(number, size)
    if number > 1 and not page.agencies:
        return redirect(SHORT_PATH, 303)
    first = (number - 1) * size + 1
    last = first + len(page.agencies) - 1
    response = make_response(
        render_template(
            "console/short_agencies.html",
            page=page,
            first=first,
            last=last,
            today_url=PATH,
            previous_url=_url(number - 1) if number > 1 else "",
            next_url=_url(number + 1) if last < page.total else "",
            size_links=page_sizes.links(
                size, lambda each: f"{SHORT_PATH}?{urlencode({page_sizes.NAME: each})}"
            ),
        )
    )
    page_sizes.remember(response, SHORT_PATH, size)
    return response


@today.get(UNUSED_PATH)
def list_unused() -> Response:
    """Who has had an account for long and never signed in."""
    number, size = page_number(), page_sizes.asked(UNUSED_PATH)
    accounts, total = people_here().list_unused(number, size, MOST_COUNTED)
    if number > 1 and not accounts:
        return redirect(UNUSED_PATH, 303)
    first = (number - 1) * size + 1
    last = first + len(accounts) - 1
    response = make_response(
        render_template(
            "console/unused_accounts.html",
            accounts=accounts,
            total=total,
            is_capped=total >= MOST_COUNTED,
            first=first,
            last=last,
            today_url=PATH,
            previous_url=_unused_url(number - 1) if number > 1 else "",
            next_url=_unused_url(number + 1) if last < total else "",
            size_links=page_sizes.links(
                size, lambda each: f"{UNUSED_PATH}?{urlencode({page_sizes.NAME: each})}"
            ),
        )
    )
    page_sizes.remember(response, UNUSED_PATH, size)
    return response


def _unused_url(page: int) -> str:
    return f"{UNUSED_PATH}?{urlencode({'trang': page})}" if page > 1 else UNUSED_PATH


def _url(page: int) -> str:
    return f"{SHORT_PATH}?{urlencode({'trang': page})}" if page > 1 else SHORT_PATH
