"""Putting an application together."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial

from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue
from werkzeug.routing import IntegerConverter, Map

from relying_party import accounts, log_lines
from relying_party.account_page import create_own_account
from relying_party.backchannel import create_backchannel
from relying_party.guard import Guard
from relying_party.member import Member, require_any_role, require_member
from relying_party.pages import Product, fault_page, security_headers, set_up_pages
from relying_party.provider import register_provider
from relying_party.provisioning import Application, Provisioning
from relying_party.sessions import SCHEMA, ServerSideSessions, SessionTable
from relying_party.settings import ConfigurationProblems, Settings, read_settings
from relying_party.sign_in import create_sign_in
from relying_party.store import Store

LARGEST_REQUEST = 64 * 1024


class RowNumber(IntegerConverter):
    """``<row:…>`` in a route: a number SQLite can hold; a longer one is simply not found."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=2**63 - 1)


def create_application(
    import_name: str,
    environ: Mapping[str, str],
    product: Product,
    schema: str,
    create_business: Callable[[Store], Blueprint],
    welcome: Callable[[Store, Member], None],
) -> Flask:
    """A Flask application whose pages need a role of the signed-in person.

    `create_business` returns the application's own blueprint, named ``business``, with an endpoint
    ``home``; `welcome` runs once after each sign-in. Exits with a sentence on bad configuration.
    """
    log_lines.configure(import_name)
    settings = _settings_or_exit(environ)
    store = Store(settings.database, SCHEMA + accounts.SCHEMA + schema)
    sessions = SessionTable(store)

    app = Flask(import_name, static_folder=None)
    app.url_map.converters["row"] = RowNumber
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.session_interface = ServerSideSessions(
        sessions, settings.cookie_name, is_https=settings.is_https
    )
    register_provider(app, settings)
    set_up_pages(app, settings, product)

    business = create_business(store)
    if settings.keeps_accounts:
        business.before_request(lambda: _require_account(store))
    business.before_request(_require_membership)
    app.register_blueprint(business)
    app.register_blueprint(
        create_sign_in(
            settings, sessions, product.role_names, lambda member: welcome(store, member)
        )
    )
    app.register_blueprint(create_backchannel(settings, sessions))
    app.register_blueprint(_shell())
    app.add_url_rule("/healthz", "healthz", _healthz)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    if settings.keeps_accounts:
        app.register_blueprint(create_own_account(store))
        create_scim = partial(_create_scim, store, settings.scim_token)
        app.wsgi_app = Provisioning(app.wsgi_app, create_scim)  # type: ignore[method-assign]
    app.extensions["guard"] = Guard(app, settings, fault_page, security_headers(settings))
    app.wsgi_app = app.extensions["guard"]  # type: ignore[method-assign]
    return app


def _require_membership() -> None:
    # The outer gate: no page of the business without a role of this application. Each action
    # asks for its own role at the agency of its row.
    require_any_role()


def _require_account(store: Store) -> None:
    # Asked at each page: whoever is disabled is out at once, whatever their session says.
    accounts.require_account(store, require_member())


def _create_scim(store: Store, token: str) -> Application:
    from relying_party.scim_server import create_scim  # slow to load, and not every start needs it

    return create_scim(store, token)


def _shell() -> Blueprint:
    return Blueprint(
        "relying_party",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/static",
    )


def _healthz() -> ResponseReturnValue:
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


def _settings_or_exit(environ: Mapping[str, str]) -> Settings:
    try:
        return read_settings(environ)
    except ConfigurationProblems as error:
        for problem in error.problems:
            print(f"configuration: {problem}", file=sys.stderr)
        raise SystemExit(2) from error
