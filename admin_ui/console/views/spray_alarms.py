"""``/hom-nay/do-mat-khau``: alarms that somebody guesses passwords."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template
from werkzeug.wrappers import Response

from admin_ui.console.screen import Screen
from admin_ui.console.tiles import Tile
from admin_ui.console.views.today import PATH as TODAY_PATH
from admin_ui.console.visitor import spray_alarms_here
from idp.spray.handles import SIGNS
from idp.throttle.permissions import SignInPermission
from web.i18n import N_

spray_alarms = Blueprint("spray_alarms", __name__)

PATH = f"{TODAY_PATH}/do-mat-khau"
SCREEN = Screen(
    spray_alarms,
    {"list_alarms": SignInPermission.UNPAUSE},
    tiles=(
        Tile(
            N_("Alarm: passwords are being guessed"),
            N_("Many accounts are tried. See from where, and block it at the firewall."),
            PATH,
            SignInPermission.UNPAUSE,
            lambda: spray_alarms_here().counting(),
        ),
    ),
    under="today",
)


@spray_alarms.get(PATH)
def list_alarms() -> Response:
    """Those that stand, and the latest that stood."""
    return make_response(
        render_template(
            "console/spray_alarms.html",
            found=spray_alarms_here().list(),
            signs=SIGNS,
            today_url=TODAY_PATH,
        )
    )
