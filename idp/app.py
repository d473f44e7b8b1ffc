"""Putting the sign-in application together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from flask import Flask, request

from directory.component import Component, folder_of, routes_of
from directory.installation import Installation
from directory.notices.terms import Place
from idp import paths
from idp.factor_policy import enforcement
from idp.factors import proof
from idp.factors.held import factors_of
from idp.journeys import dispatch
from idp.journeys.activate import ACTIVATE
from idp.journeys.journey import Journey
from idp.journeys.recover import RECOVER
from idp.journeys.sign_in import SIGN_IN
from idp.oidc import assembly as oidc
from web import notices
from web.assembly import setup
from web.current import EXTENSION
from web.fault_events import record_fault
from web.guard import Told
from web.health import checks as health_checks

_HERE = Path(__file__).parent
JOURNEYS: tuple[Journey, ...] = (SIGN_IN, ACTIVATE, RECOVER)


def create_app(
    installation: Installation,
    components: Sequence[Component],
    *,
    journeys: Sequence[Journey] = JOURNEYS,
    on_answer: Callable[[Told], None] | None = None,
) -> Flask:
    """The application for one installation; nothing is connected before the first request.
    `components` say where it answers, what it offers of OpenID Connect, what ``/readyz`` asks."""
    app = Flask("idp", static_folder=None)
    app.extensions[EXTENSION] = installation
    app.extensions[health_checks.EXTENSION] = health_checks.ready_checks(components)
    app.extensions[proof.EXTENSION] = factors_of(components)
    app.extensions[enforcement.EXTENSION] = proof.has_any
    app.extensions[dispatch.EXTENSION] = {journey.name: journey for journey in journeys}
    steps = [step for journey in journeys for step in journey.steps]
    answering = [each for each in components if routes_of([each], "issuer")]
    folders = [*(step.folder for step in steps), *map(folder_of, answering)]
    setup(
        app,
        installation.settings,
        keyring=installation.keyring,
        routes=routes_of(components, "issuer"),
        template_dirs=_those_there(folders, "templates"),
        locale_dirs=[_HERE / "locale", *_those_there(folders, "locale")],
        static_dirs=_those_there(folders, "static"),
        on_fault=partial(record_fault, installation),
        on_answer=on_answer,
    )
    notices.install(app, _place_of_notices)
    oidc.install(app, installation.settings.issuer, components)
    return app


def _place_of_notices() -> Place:
    """Pages that people have once they are signed in, or one of those that lead there."""
    path = request.path
    is_theirs = path == paths.HOME or path.startswith(paths.SECURITY)
    return "account" if is_theirs else "sign_in"


def _those_there(folders: Iterable[Path], name: str) -> list[Path]:
    """What the packages bring along of that sort."""
    return [folder / name for folder in dict.fromkeys(folders) if (folder / name).is_dir()]
