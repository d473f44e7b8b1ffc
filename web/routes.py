"""Addresses that components declare, in a Flask application."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from directory.component import Route
from directory.loading import load

if TYPE_CHECKING:  # who reads only what is declared need not load it
    from flask import Flask

ROUTES = (
    Route(
        "kit.asset",
        "/assets/<fingerprint>/<path:name>",
        "web.static:serve_asset",
        application="every",
    ),
    Route(
        "health.show_alive",
        "/healthz",
        "web.health.views:show_alive",
        application="every",
        answers_json=True,
    ),
    Route(
        "health.show_ready",
        "/readyz",
        "web.health.views:show_ready",
        application="every",
        answers_json=True,
    ),
)
"""What every application of ours answers."""


def add_routes(app: Flask, routes: Iterable[Route]) -> None:
    """Have `app` answer at these addresses."""
    for route in routes:
        app.add_url_rule(route.path, route.name, load(route.view), methods=route.methods)
