"""What each page wants, as its screen declares it, asked before every request.

A route that no screen has a row for stops the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from flask import Flask, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from admin_ui.console import step_up
from admin_ui.console.errors import CONSOLE_NO_PERMISSION, CONSOLE_VIEWING
from admin_ui.console.screen import PUBLIC, SIGNED_IN, Screen, StepUp, Wanted
from admin_ui.console.signin.begin import ask_to_sign_in
from admin_ui.console.viewing import END_PATH, THEN
from admin_ui.console.visitor import Visitor, recognise
from directory.authz.denials import record_denial
from directory.errors import Forbidden
from web import csrf
from web.current import current_installation
from web.error_pages import note, sentence
from web.routes import ROUTES

# What every application answers: static files and health.
_OF_THE_KIT: Mapping[str, Wanted] = {route.name: PUBLIC for route in ROUTES}


# Whoever looks as a job would see it looks, and may be themselves again, or leave.
_LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})
_BEGIN_VIEWING = frozenset({"viewing.choose", "viewing.begin"})
_OUT_OF_VIEWING = frozenset({"viewing.end", "signin.leave"})


class RouteWithoutPolicy(Exception):
    """A page nobody has said who may come to, or a row for a page that is not there: a bug."""


def policy_of(screens: Iterable[Screen]) -> Mapping[str, Wanted]:
    """Every row there is, by endpoint."""
    rows = {
        f"{screen.blueprint.name}.{view}": wanted
        for screen in screens
        for view, wanted in screen.policy.items()
    }
    return {**_OF_THE_KIT, **rows}


def install(app: Flask, screens: Iterable[Screen]) -> None:
    """Hold `app` to what they want. Raises RouteWithoutPolicy unless each route has its row."""
    policy = policy_of(screens)
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    if routes != set(policy):
        raise RouteWithoutPolicy(
            f"no policy: {sorted(routes - set(policy))}, no route: {sorted(set(policy) - routes)}"
        )

    weighty = _weighty(screens)
    if unknown := set(weighty) - routes:
        raise RouteWithoutPolicy(f"step-up without a route: {sorted(unknown)}")

    @app.before_request
    def ask_policy() -> Response | None:
        if request.routing_exception or request.endpoint is None:
            g.visitor = recognise()
            return None
        return _admit(policy[request.endpoint], weighty.get(request.endpoint))


def _weighty(screens: Iterable[Screen]) -> Mapping[str, StepUp]:
    return {
        f"{screen.blueprint.name}.{view}": each
        for screen in screens
        for view, each in screen.step_up.items()
    }


def _admit(wanted: Wanted, weighty: StepUp | None) -> Response | None:
    g.visitor = None
    if wanted == PUBLIC and request.endpoint != "home.show":
        return None
    g.visitor = visitor = recognise()
    if wanted == PUBLIC:
        return None
    if visitor is None:
        return ask_to_sign_in()
    if visitor.viewing is not None and request.endpoint in _BEGIN_VIEWING:
        return redirect("/", 303)  # sent twice: they look already
    is_act = request.method not in _LOOKING and request.endpoint not in _OUT_OF_VIEWING
    if visitor.viewing is not None and is_act:
        return _refuse_while_viewing()
    if wanted != SIGNED_IN and not visitor.may(wanted):
        _record_denial(visitor, wanted)
        raise Forbidden(CONSOLE_NO_PERMISSION)
    if weighty is not None and is_act and step_up.is_wanted(visitor, weighty):
        return step_up.ask(weighty)
    return None


def _refuse_while_viewing() -> Response:
    """Nothing is changed, and what was typed is not lost: whoever stops looking sends it from here.
    Raises Forbidden where there is nothing to send again, or a file."""
    refusal = Forbidden(CONSOLE_VIEWING)
    if request.files or not set(request.form) - {csrf.FIELD}:
        raise refusal
    page = render_template(
        "console/viewing_refused.html",
        said=sentence(refusal),
        typed=[pair for pair in request.form.items(multi=True) if pair[0] != csrf.FIELD],
        send_url=f"{END_PATH}?{urlencode({THEN: request.full_path.rstrip('?')})}",
    )
    note(refusal)
    return make_response(page, 403)


def _record_denial(visitor: Visitor, action: str) -> None:
    page = f"page:{request.endpoint or ''}"
    record_denial(current_installation(), visitor.actor, action, page, "no_role")
