"""``/hom-nay``: what waits for the visitor; applications, keys and certificates to look at."""

from __future__ import annotations

from flask import Blueprint, current_app, make_response, render_template
from werkzeug.wrappers import Response

from admin_ui.console.pages import TILES
from admin_ui.console.screen import MenuEntry, Screen
from admin_ui.console.tiles import Tile
from admin_ui.console.views.applications import LIST_PATH as APPLICATIONS_PATH
from admin_ui.console.visitor import (
    applications_here,
    counted,
    current_visitor,
    expiries_here,
    messages_here,
    reading_together,
)
from directory.authz.permissions import ApplicationPermission
from directory.expiries.permissions import ExpiryPermission
from directory.messages.permissions import MessagePermission
from directory.people.permissions import PeoplePermission
from web.i18n import N_

today = Blueprint("today", __name__)

PATH = "/hom-nay"
EXPIRIES_PATH = f"{PATH}/khoa-va-chung-thu"
MESSAGES_PATH = f"{PATH}/tin-nhan"
ATTENTION_PATH = f"{PATH}/ung-dung-can-xem"
SCREEN = Screen(
    today,
    {
        "show": PeoplePermission.READ,
        "list_attention": ApplicationPermission.WRITE,
        "list_expiries": ExpiryPermission.READ,
        "list_messages": MessagePermission.RETRY,
    },
    menu=MenuEntry(N_("Today"), PATH, "calendar", PeoplePermission.READ),
    tiles=(
        Tile(
            N_("Applications to look at"),
            N_("Cannot be told of sign-outs, or are changing their secret."),
            ATTENTION_PATH,
            ApplicationPermission.WRITE,
            lambda: applications_here().count_attention(),
        ),
        Tile(
            N_("Keys and certificates about to end"),
            N_("Within 30 days. Make them anew before people are kept from signing in."),
            EXPIRIES_PATH,
            ExpiryPermission.READ,
            lambda: expiries_here().count_due(),
        ),
        Tile(
            N_("Messages that could not be sent"),
            N_("They were refused, waited for too long, or are more texts than may go out."),
            MESSAGES_PATH,
            MessagePermission.RETRY,
            lambda: messages_here().count_failed(),
        ),
    ),
)


@today.get(PATH)
def show() -> Response:
    """What waits, each with the list behind it; what is at nought is not shown."""
    visitor = current_visitor()
    tiles: tuple[Tile, ...] = current_app.extensions[TILES]
    asked = [tile for tile in tiles if visitor.may(tile.permission)]
    with reading_together():
        numbers = counted([tile.count() for tile in asked])
    waiting = [(tile, number) for tile, number in zip(asked, numbers, strict=True) if number]
    return make_response(
        render_template("console/today.html", waiting=waiting, is_asked=bool(asked))
    )


@today.get(ATTENTION_PATH)
def list_attention() -> Response:
    """What of the applications that the visitor keeps they should look at."""
    return make_response(
        render_template(
            "console/applications_attention.html",
            found=applications_here().list_attention(),
            applications_url=APPLICATIONS_PATH,
            today_url=PATH,
        )
    )


@today.get(EXPIRIES_PATH)
def list_expiries() -> Response:
    """Keys and certificates, with what to do about those that end."""
    return make_response(
        render_template(
            "console/expiries.html",
            found=expiries_here().list(),
            today_url=PATH,
        )
    )


@today.get(MESSAGES_PATH)
def list_messages() -> Response:
    """Messages that could not be sent, with why."""
    return make_response(
        render_template(
            "console/messages_failed.html",
            found=messages_here().list_failed(),
            today_url=PATH,
        )
    )
