"""Putting the sign-in application together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from flask import Flask

from directory.component import Check
from directory.installation import Installation
from idp.home.views import home
from idp.journeys.views import signin
from idp.logout.views import logout
from idp.oidc import blueprint as oidc
from web import setup
from web.current import EXTENSION
from web.fault_events import record_fault
from web.guard import Told
from web.health import checks as health_checks
from web.health.views import health

_HERE = Path(__file__).parent


def create_app(
    installation: Installation,
    checks: Sequence[Check],
    *,
    on_answer: Callable[[Told], None] | None = None,
) -> Flask:
    """The application for one installation; nothing is connected before the first request.
    `checks`: what ``/readyz`` asks."""
    app = Flask("idp", static_folder=None)
    app.extensions[EXTENSION] = installation
    app.extensions[health_checks.EXTENSION] = checks
    setup(
        app,
        installation.settings,
        keyring=installation.keyring,
        locale_dirs=[_HERE / "locale"],
        # Applications post these from elsewhere and authenticate otherwise, or prove themselves.
        csrf_exempt={*oidc.CSRF_EXEMPT, "logout.end_session_endpoint"},
        json_endpoints={*oidc.JSON_ENDPOINTS, "health.show_alive", "health.show_ready"},
        on_fault=partial(record_fault, installation),
        on_answer=on_answer,
    )
    app.register_blueprint(health)
    app.register_blueprint(home)
    app.register_blueprint(signin)
    app.register_blueprint(logout)
    oidc.register(app)
    return app
