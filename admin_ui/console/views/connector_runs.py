"""``/ket-noi/<…>/lan-chay``: what a connector did, run by run, and how far one of them is."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, make_response, render_template
from werkzeug.wrappers import Response

from admin_ui.console import page_sizes
from admin_ui.console.connector_words import told_of_account, told_of_target
from admin_ui.console.numbered_lists import numbered
from admin_ui.console.pages import page_number
from admin_ui.console.screen import Screen
from admin_ui.console.views.connectors import LIST_PATH, may_change, path_of
from admin_ui.console.visitor import connectors_here
from sync.engine.permissions import ConnectorPermission
from web.i18n import N_

runs = Blueprint("connector_runs", __name__)
SCREEN = Screen(
    runs,
    {"list_runs": ConnectorPermission.READ, "show_run": ConnectorPermission.READ},
    under="connectors",
)
KINDS: Mapping[str, str] = {
    "first": N_("First load"),
    "full": N_("Everybody compared"),
    "ordinary": N_("Following changes"),
    "replay": N_("Sent again"),
    "reconcile": N_("Accounts read"),
}
HELD: Mapping[str, str] = {
    "brake": N_("Stopped by itself: too many accounts would have been disabled at once"),
    "away": N_("The application did not answer"),
    "paused": N_("Paused"),
    "another": N_("Another run was asked for"),
}


@runs.get(f"{LIST_PATH}/<name>/lan-chay")
def list_runs(name: str) -> Response:
    """The runs of a connector, the latest first."""
    path = f"{path_of(name)}/lan-chay"
    found = connectors_here().runs(name, page_number(), page_sizes.asked(path))
    return numbered(
        "console/connector_runs.html",
        path,
        lines=len(found.runs),
        total=found.total,
        asked={},
        found=found,
        opened=found.opened,
        kinds=KINDS,
        held=HELD,
        all_url=path,
        list_url=LIST_PATH,
        connector_url=path_of(name),
    )


@runs.get(f"{LIST_PATH}/<name>/lan-chay/<run_id>")
def show_run(name: str, run_id: str) -> Response:
    """One run: who does not get there and why, how far it is, what it did."""
    shown = connectors_here().show_run(name, run_id)
    path = path_of(name)
    return make_response(
        render_template(
            "console/connector_run.html",
            shown=shown,
            run=shown.run,
            opened=shown.opened,
            state=shown.opened.state,
            kinds=KINDS,
            held=HELD,
            told_of_account=told_of_account,
            away=told_of_target(shown.run.held_detail) if shown.run.held_by == "away" else None,
            may_change=may_change(shown.opened),
            list_url=LIST_PATH,
            connector_url=path,
            runs_url=f"{path}/lan-chay",
            path=f"{path}/lan-chay/{run_id}",
        )
    )
