"""Putting the console together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from flask import Flask

from admin_ui.console import pages, policy
from admin_ui.console.signin.views import SCREEN as signin
from admin_ui.console.views.absences import SCREEN as absences
from admin_ui.console.views.application_changes import SCREEN as application_changes
from admin_ui.console.views.application_removal import SCREEN as application_removal
from admin_ui.console.views.application_trials import SCREEN as application_trials
from admin_ui.console.views.applications import SCREEN as applications
from admin_ui.console.views.certificate_binding import SCREEN as certificate_binding
from admin_ui.console.views.certificates import SCREEN as certificates
from admin_ui.console.views.code_lists import SCREEN as code_lists
from admin_ui.console.views.code_sheets import SCREEN as code_sheets
from admin_ui.console.views.connector_changes import SCREEN as connector_changes
from admin_ui.console.views.connector_definition import SCREEN as connector_definition
from admin_ui.console.views.connector_lists import SCREEN as connector_lists
from admin_ui.console.views.connector_matching import SCREEN as connector_matching
from admin_ui.console.views.connector_runs import SCREEN as connector_runs
from admin_ui.console.views.connectors import SCREEN as connectors
from admin_ui.console.views.events import SCREEN as events
from admin_ui.console.views.factor_policy import SCREEN as factor_policy
from admin_ui.console.views.giving import SCREEN as giving
from admin_ui.console.views.grant_bulk import SCREEN as grant_bulk
from admin_ui.console.views.grant_changes import SCREEN as grant_changes
from admin_ui.console.views.grants import SCREEN as grants
from admin_ui.console.views.home import SCREEN as home
from admin_ui.console.views.idle_accounts import SCREEN as idle_accounts
from admin_ui.console.views.notices import SCREEN as notices
from admin_ui.console.views.people import SCREEN as people
from admin_ui.console.views.positions import SCREEN as positions
from admin_ui.console.views.privileged import SCREEN as privileged
from admin_ui.console.views.releases import SCREEN as releases
from admin_ui.console.views.requests import SCREEN as requests
from admin_ui.console.views.roles import SCREEN as roles
from admin_ui.console.views.search import SCREEN as search
from admin_ui.console.views.short_agencies import SCREEN as short_agencies
from admin_ui.console.views.sign_outs import SCREEN as sign_outs
from admin_ui.console.views.slips import SCREEN as slips
from admin_ui.console.views.spray_alarms import SCREEN as spray_alarms
from admin_ui.console.views.standing import SCREEN as standing
from admin_ui.console.views.step_up import SCREEN as step_up
from admin_ui.console.views.today import SCREEN as today
from admin_ui.console.views.unused_accounts import SCREEN as unused_accounts
from admin_ui.console.views.viewing import SCREEN as viewing
from admin_ui.console.views.why import SCREEN as why
from admin_ui.console.visitor import EXPIRIES, FACTORS, REGISTRATION, REQUEST_KINDS, VOCABULARY
from directory.audit.kinds import Vocabulary
from directory.component import Check
from directory.installation import Installation
from directory.requests.service import Kinds
from idp.clients.metadata import Registration
from idp.factors.held import Factor
from web import notices as shown_notices
from web.assembly import setup
from web.current import EXTENSION
from web.fault_events import record_fault
from web.guard import Told
from web.health import checks as health_checks

_HERE = Path(__file__).parent
_IN_EVERY_PAGE = ("kit/page.html", "kit/ui.html", "console/page.html")
SCREENS = (
    home,
    signin,
    search,
    # The menu has this order.
    spray_alarms,  # on top of what waits
    today,
    short_agencies,
    unused_accounts,
    idle_accounts,
    certificate_binding,
    certificates,
    people,
    standing,
    absences,
    slips,
    grants,
    grant_changes,
    grant_bulk,
    positions,
    giving,
    why,
    privileged,
    requests,
    applications,
    application_changes,
    application_removal,
    application_trials,
    roles,
    releases,
    connectors,
    connector_changes,
    connector_lists,
    connector_matching,
    connector_runs,
    connector_definition,
    code_lists,
    code_sheets,
    notices,
    factor_policy,
    sign_outs,
    events,
    viewing,
    step_up,
)


def create_app(
    installation: Installation,
    vocabulary: Vocabulary,
    registration: Registration,
    request_kinds: Kinds,
    checks: Sequence[Check],
    expiries: Sequence[str],
    *,
    factors: Sequence[Factor] = (),
    on_answer: Callable[[Told], None] | None = None,
) -> Flask:
    """The console of one installation; nothing is connected before the first request.
    `vocabulary`: what the audit log is told with. `registration`: what a client may register.
    `request_kinds`: what may be asked and decided. `checks`: what ``/readyz`` asks.
    `expiries`: the functions that tell which keys and certificates end. `factors`: what people hold
    beside their password.

    Raises `policy.RouteWithoutPolicy` when somebody added a page and did not say whose it is.
    """
    app = Flask("admin_ui.console", root_path=str(_HERE), static_folder=None)
    app.extensions[EXTENSION] = installation
    app.extensions[health_checks.EXTENSION] = checks
    app.extensions[VOCABULARY] = vocabulary
    app.extensions[REGISTRATION] = registration
    app.extensions[REQUEST_KINDS] = request_kinds
    app.extensions[EXPIRIES] = expiries
    app.extensions[FACTORS] = factors
    for_programs = {name for screen in SCREENS for name in screen.endpoints(screen.for_programs)}
    setup(
        app,
        installation.settings,
        keyring=installation.keyring,
        locale_dirs=[_HERE.parent / "locale"],
        static_dirs=[_HERE / "static"],
        own_url=installation.settings.console_url,
        cookie_prefix="dmc",
        csrf_exempt=for_programs,
        json_endpoints=for_programs,
        on_fault=partial(record_fault, installation),
        on_answer=on_answer,
    )
    for screen in SCREENS:
        app.register_blueprint(screen.blueprint)
    pages.install(app, SCREENS)
    shown_notices.install(app, lambda: "console")
    policy.install(app, SCREENS)
    # Compiled once, before a server forks its workers: else the first page of each waits for it.
    for name in _IN_EVERY_PAGE:
        app.jinja_env.get_template(name)
    return app
