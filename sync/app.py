"""Putting the application for machines together: what HR systems and applications call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from flask import Flask

from directory.component import Component, routes_of
from directory.installation import Installation
from web.assembly import setup
from web.current import EXTENSION
from web.fault_events import record_fault
from web.guard import Told
from web.health import checks as health_checks


def create_app(
    installation: Installation,
    components: Sequence[Component],
    *,
    on_answer: Callable[[Told], None] | None = None,
) -> Flask:
    """The application for one installation; nothing is connected before the first request.
    `components` say where it answers, and what ``/readyz`` asks."""
    app = Flask("sync", static_folder=None)
    app.extensions[EXTENSION] = installation
    app.extensions[health_checks.EXTENSION] = health_checks.ready_checks(components)
    setup(
        app,
        installation.settings,
        keyring=installation.keyring,
        routes=routes_of(components, "machine"),
        own_url=installation.settings.machine_url,
        cookie_prefix="dmm",
        on_fault=partial(record_fault, installation),
        on_answer=on_answer,
    )
    return app
