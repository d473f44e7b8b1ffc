"""Putting the application for machines together: what HR systems and applications call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from flask import Flask

from directory.component import Check
from directory.installation import Installation
from web import setup
from web.current import EXTENSION
from web.fault_events import record_fault
from web.guard import Told
from web.health import checks as health_checks
from web.health.views import health


def create_app(
    installation: Installation,
    checks: Sequence[Check],
    *,
    on_answer: Callable[[Told], None] | None = None,
) -> Flask:
    """The application for one installation; nothing is connected before the first request.
    `checks`: what ``/readyz`` asks. It has no interface yet: health alone answers."""
    app = Flask("sync", static_folder=None)
    app.extensions[EXTENSION] = installation
    app.extensions[health_checks.EXTENSION] = checks
    setup(
        app,
        installation.settings,
        keyring=installation.keyring,
        own_url=installation.settings.machine_url,
        cookie_prefix="dmm",
        json_endpoints={"health.show_alive", "health.show_ready"},
        on_fault=partial(record_fault, installation),
        on_answer=on_answer,
    )
    app.register_blueprint(health)
    return app
