"""Putting the console together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from flask import Flask

from admin_ui.console import pages, policy
from admin_ui.console.signin.views import signin
from admin_ui.console.views.events import events
from admin_ui.console.views.home import home
from admin_ui.console.views.people import people
from admin_ui.console.visitor import VOCABULARY
from directory.audit.kinds import Vocabulary
from directory.component import Check
from directory.installation import Installation
from web import setup
from web.current import EXTENSION
from web.fault_events import record_fault
from web.guard import Told
from web.health import checks as health_checks
from web.health.views import health

_HERE = Path(__file__).parent


def create_app(
    installation: Installation,
    vocabulary: Vocabulary,
    checks: Sequence[Check],
    *,
    on_answer: Callable[[Told], None] | None = None,
) -> Flask:
    """The console of one installation; nothing is connected before the first request.
    `vocabulary`: what the audit log is told with. `checks`: what ``/readyz`` asks.

    Raises `policy.RouteWithoutPolicy` when somebody added a page and did not say whose it is.
    """
    app = Flask("admin_ui.console", root_path=str(_HERE), static_folder=None)
    app.extensions[EXTENSION] = installation
    app.extensions[health_checks.EXTENSION] = checks
    app.extensions[VOCABULARY] = vocabulary
    setup(
        app,
        installation.settings,
        keyring=installation.keyring,
        locale_dirs=[_HERE.parent / "locale"],
        static_dirs=[_HERE / "static"],
        own_url=installation.settings.console_url,
        cookie_prefix="dmc",
        # The issuer posts this from elsewhere and proves itself by a signature.
        csrf_exempt={"signin.receive_logout_token"},
        json_endpoints={
            "signin.receive_logout_token",
            "health.show_alive",
            "health.show_ready",
        },
        on_fault=partial(record_fault, installation),
        on_answer=on_answer,
    )
    for blueprint in (health, home, signin, people, events):
        app.register_blueprint(blueprint)
    pages.install(app)
    policy.install(app)
    return app
