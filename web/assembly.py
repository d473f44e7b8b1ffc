"""`setup`: the kit's parts in the order in which they must stand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from flask import Flask

from directory.component import Route
from directory.sealed import KeyRing
from directory.settings import Settings
from web import csrf, error_pages, headers, i18n, pages, request, static
from web.guard import Fault, Guard, Told
from web.routes import ROUTES, add_routes
from web.state import Kit

_HERE = Path(__file__).parent


def setup(
    app: Flask,
    settings: Settings,
    *,
    keyring: KeyRing,
    routes: Sequence[Route] = (),
    template_dirs: Sequence[Path] = (),
    locale_dirs: Sequence[Path] = (),
    static_dirs: Sequence[Path] = (),
    own_url: str = "",
    cookie_prefix: str = "dm",
    csrf_exempt: Collection[str] = (),
    json_endpoints: Collection[str] = (),
    on_fault: Callable[[Fault], None] | None = None,
    on_answer: Callable[[Told], None] | None = None,
) -> None:
    """Make `app` one of our web applications.

    `routes`: where it answers, beside what every application does. `template_dirs`, `locale_dirs`
    and `static_dirs` come on top of the kit's own. `own_url` is the origin of this application
    (default: the issuer); requests for any other host are refused. `csrf_exempt` and
    `json_endpoints` are Flask endpoint names of what is no route: those that authenticate by other
    means than a cookie, and those that answer machines. `on_fault` is told of each fault of ours
    that a person is shown, `on_answer` of each answer.
    """
    routes = (*ROUTES, *routes)
    exempt = {route.name for route in routes if route.is_posted_from_elsewhere}
    for_programs = {route.name for route in routes if route.answers_json}
    app.extensions["kit"] = Kit(
        settings=settings,
        keyring=keyring,
        own_url=own_url or settings.issuer,
        cookie_prefix=cookie_prefix,
        translations=i18n.load([_HERE / "locale", *locale_dirs]),
        assets=static.load([_HERE / "static", *static_dirs]),
        csrf_exempt=frozenset(exempt.union(csrf_exempt)),
        json_endpoints=frozenset(for_programs.union(json_endpoints)),
    )
    headers.install(app)  # first: after_request runs in reverse, so headers have the last word
    request.install(app)
    error_pages.install(app)
    i18n.install(app)
    csrf.install(app)
    static.install(app)
    pages.install(app, template_dirs)
    add_routes(app, routes)
    # What fails where Flask has no handler is for the guard, which answers it as any other fault.
    app.config["PROPAGATE_EXCEPTIONS"] = True
    guard = Guard(
        app, own_url or settings.issuer, error_pages.render, on_fault=on_fault, on_answer=on_answer
    )
    app.extensions["guard"] = guard
    app.wsgi_app = guard  # type: ignore[method-assign]
