"""``/dac-quyen``: who holds the roles that reach the province or change what keeps it secure."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template
from werkzeug.wrappers import Response

from admin_ui.console.exporting import (
    LONG_LIST,
    export_asked_for,
    format_of_address,
    reason_page,
    refused,
    send,
)
from admin_ui.console.pages import grouped
from admin_ui.console.screen import Screen
from admin_ui.console.tiles import Tile
from admin_ui.console.views.giving import PATH as GIVE_PATH
from admin_ui.console.visitor import current_visitor, privileged_here
from directory.access.privileged import AS_INTENDED, CONCERNS
from directory.authz.permissions import ADMIN_APPLICATION, GrantPermission
from directory.errors import Invalid, TooMany
from web.i18n import N_, gettext

privileged = Blueprint("privileged", __name__)

PATH = "/dac-quyen"
EXPORT_PATH = f"{PATH}/xuat"
SCREEN = Screen(
    privileged,
    {
        "list_privileged": GrantPermission.READ_PRIVILEGED,
        "take_away": GrantPermission.READ_PRIVILEGED,
        "ask_why": GrantPermission.READ_PRIVILEGED,
    },
    step_up={"take_away": LONG_LIST},
    under="grants",
    tiles=(
        Tile(
            N_("Privileged roles to look at"),
            N_("Unused, about to end, or not given as they should be."),
            PATH,
            GrantPermission.READ_PRIVILEGED,
            lambda: privileged_here().count_concerns(),
        ),
    ),
)


@privileged.get(PATH)
def list_privileged() -> Response:
    """Each of the roles, with whoever holds it."""
    may_give = current_visitor().may(GrantPermission.WRITE)
    return make_response(
        render_template(
            "console/privileged.html",
            found=privileged_here().list(),
            concerns=CONCERNS,
            as_intended=AS_INTENDED,
            list_url="/quyen",
            export_url=EXPORT_PATH,
            give_url=f"{GIVE_PATH}?vai-tro={ADMIN_APPLICATION}:" if may_give else "",
        )
    )


@privileged.post(EXPORT_PATH)
def take_away() -> Response:
    """All of it as a file."""
    export = export_asked_for()
    try:
        listing = privileged_here().take_away(export)
    except (Invalid, TooMany) as error:
        return refused(error, export)
    return send(listing, export.form, "vai-tro-dac-quyen")


@privileged.get(EXPORT_PATH)
def ask_why() -> Response:
    """The page that asks for the reason of a long list."""
    return reason_page(
        format_of_address(),
        title=gettext("Export the privileged roles"),
        list_name=gettext("Privileged roles"),
        list_url=PATH,
        export_url=EXPORT_PATH,
        count=grouped(len(privileged_here().list().holders)),
    )
