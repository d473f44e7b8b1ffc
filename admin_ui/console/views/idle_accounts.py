"""``/hom-nay/sap-khoa``: accounts that will be suspended because nobody signs in to them."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template
from werkzeug.wrappers import Response

from admin_ui.console.screen import Screen
from admin_ui.console.tiles import Tile
from admin_ui.console.views.today import PATH as TODAY_PATH
from admin_ui.console.visitor import people_here
from directory.access.listing import MOST_COUNTED
from directory.people.permissions import PeoplePermission
from web.i18n import N_

idle_accounts = Blueprint("idle_accounts", __name__)

PATH = f"{TODAY_PATH}/sap-khoa"
MOST_SHOWN = 200
SCREEN = Screen(
    idle_accounts,
    {"list_idle": PeoplePermission.WRITE},
    tiles=(
        Tile(
            N_("Accounts about to be suspended"),
            N_("Not used for long. Ask whoever works on to sign in once."),
            PATH,
            PeoplePermission.WRITE,
            lambda: people_here().counting_idle(MOST_COUNTED),
            most=MOST_COUNTED,
        ),
    ),
    under="today",
)


@idle_accounts.get(PATH)
def list_idle() -> Response:
    """Who was warned, or could not be, the longest away first."""
    found = people_here().list_idle(MOST_SHOWN + 1)
    return make_response(
        render_template(
            "console/idle_accounts.html",
            found=found[:MOST_SHOWN],
            is_capped=len(found) > MOST_SHOWN,
            most=MOST_SHOWN,
            today_url=TODAY_PATH,
        )
    )
