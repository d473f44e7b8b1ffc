"""Every address at which a web application of ours answers is declared once, by its component, and
so is every feature of OpenID Connect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import sync.app
from admin_ui.components import COMPONENTS, REGISTRATION, REQUEST_KINDS, VOCABULARY
from admin_ui.console.app import SCREENS
from admin_ui.console.app import create_app as create_console
from directory.component import Component, Route, folder_of, routes_of
from directory.loading import load
from idp.app import create_app as create_issuer
from idp.clients.events import MEMBERS
from idp.clients.metadata import read_metadata
from idp.factors.held import SecondFactor, factors_of
from idp.feature import Endpoint, OidcFeature, features_of
from idp.oidc.events import GRANT_TYPES
from tests.support.installation import open_without_catalogue

pytestmark = pytest.mark.without_sql

ROUTES = [(component, route) for component in COMPONENTS for route in component.routes]
# One line of an application's map: path, methods, name.
Line = tuple[str, frozenset[str], str]


@pytest.fixture(scope="module")
def applications(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Flask]]:
    """All three, over nothing: they are connected when somebody asks them."""
    state = tmp_path_factory.mktemp("state")
    installation = open_without_catalogue(state, 8400, {}, new=False)
    yield {
        "issuer": create_issuer(installation, COMPONENTS),
        "machine": sync.app.create_app(installation, COMPONENTS),
        "console": create_console(installation, VOCABULARY, REGISTRATION, REQUEST_KINDS, (), ()),
    }
    installation.close_connections()


def answered(app: Flask) -> Counter[Line]:
    """Where the application answers, HEAD and OPTIONS left out, which Flask adds."""
    return Counter(
        (rule.rule, frozenset(rule.methods or ()) - {"HEAD", "OPTIONS"}, rule.endpoint)
        for rule in app.url_map.iter_rules()
    )


def declared(application: str, components: tuple[Component, ...] = COMPONENTS) -> Counter[Line]:
    routes = (*routes_of(components, application), *routes_of(components, "every"))
    return Counter((route.path, frozenset(route.methods), route.name) for route in routes)


@pytest.mark.parametrize("name", ["issuer", "machine"])
def test_an_application_answers_what_components_declare_and_nothing_else(
    applications: dict[str, Flask], name: str
) -> None:
    assert answered(applications[name]) == declared(name)


def test_the_console_answers_its_screens_and_what_every_application_does(
    applications: dict[str, Flask],
) -> None:
    of_screens = Counter(
        f"{screen.blueprint.name}.{view}" for screen in SCREENS for view in screen.policy
    )
    of_all = declared("console")
    assert set(of_screens.values()) == {1}
    rules = answered(applications["console"])
    assert {line for line in rules if line[2] not in of_screens} == set(of_all)
    assert of_screens.keys() <= {name for _, _, name in rules}


def test_an_address_that_nobody_declared_is_found(applications: dict[str, Flask]) -> None:
    app = Flask("planted")
    app.url_map = applications["issuer"].url_map
    without = tuple(each for each in COMPONENTS if each.package != "idp.home")
    assert answered(app) - declared("issuer", without) == Counter(
        {
            ("/", frozenset({"GET"}), "home.show_home"): 1,
            ("/thong-tin-cung-cap", frozenset({"GET"}), "home.show_released"): 1,
            ("/tro-giup", frozenset({"GET"}), "home.show_help"): 1,
            ("/bieu-trung/<client_id>", frozenset({"GET"}), "home.show_logo"): 1,
        }
    )


@pytest.mark.parametrize(("component", "route"), ROUTES, ids=lambda each: getattr(each, "name", ""))
def test_a_view_is_there_and_belongs_to_its_component(component: Component, route: Route) -> None:
    assert callable(load(route.view))
    assert route.view.startswith(f"{component.package}.")


def test_no_two_routes_have_one_name_or_answer_the_same() -> None:
    assert set(Counter(route.name for _, route in ROUTES).values()) == {1}
    for application in ("issuer", "machine"):
        asked = Counter(
            (path, method)
            for path, methods, _ in declared(application).elements()
            for method in methods
        )
        assert set(asked.values()) == {1}


def test_only_what_others_call_goes_without_a_token_of_our_forms() -> None:
    """A page of ours that took any form would let every site act for whoever is signed in."""
    exempt = [route for _, route in ROUTES if route.is_posted_from_elsewhere]
    assert exempt
    assert all(isinstance(route, Endpoint) or route.answers_json for route in exempt)


def test_views_are_hung_in_by_declaration_alone() -> None:
    """Outside the console, whose screens are blueprints with a policy."""
    root = Path(__file__).resolve().parents[2]
    own = [
        str(path.relative_to(root))
        for package in ("web", "idp", "sync")
        for path in sorted((root / package).rglob("*.py"))
        if "add_url_rule(" in path.read_text() or "Blueprint(" in path.read_text()
    ]
    assert own == ["web/routes.py"]


def test_a_feature_is_of_a_kind_that_somebody_reads() -> None:
    features = [feature for component in COMPONENTS for feature in component.features]
    assert features and all(isinstance(each, OidcFeature | SecondFactor) for each in features)


def test_a_second_factor_has_one_name_and_what_it_names_is_its_components() -> None:
    declared = [
        (each, component)
        for component in COMPONENTS
        for each in component.features
        if isinstance(each, SecondFactor)
    ]
    assert len({each.kind for each, _ in declared}) == len(declared) > 0
    for each, component in declared:
        named = (each.held_by, each.remove_all, each.withdraw_again, *filter(None, [each.notices]))
        assert all(callable(load(name)) for name in named)
        assert all(name.startswith(f"{component.package}.") for name in named)
        assert (folder_of(component) / "templates" / each.section).is_file()
    assert len(factors_of(COMPONENTS)) == len(declared)


def test_a_grant_is_there_under_its_name_and_belongs_to_its_component() -> None:
    names = [grant.name for feature in features_of(COMPONENTS) for grant in feature.grants]
    assert len(set(names)) == len(names)
    for component in COMPONENTS:
        for grant in (grant for each in features_of([component]) for grant in each.grants):
            assert grant.work.startswith(f"{component.package}.")
            work: Any = load(grant.work)
            assert grant.name == work.GRANT_TYPE
            # A client that can keep no secret could register for it and never use it.
            assert grant.confidential_only == ("none" not in work.TOKEN_ENDPOINT_AUTH_METHODS)


def test_what_is_registered_of_clients_has_one_owner_and_words_in_the_log() -> None:
    declared = [name for each in features_of(COMPONENTS) for name in each.client_metadata]
    assert set(Counter(declared).values()) <= {1}
    every = read_metadata(
        {"client_name": "x", "redirect_uris": ["https://a.vn/"]}, REGISTRATION, loopback=False
    )
    assert set(every.metadata) == set(VOCABULARY.words_of(MEMBERS))
    assert set(REGISTRATION.grant_types) == set(VOCABULARY.words_of(GRANT_TYPES))


def test_a_word_added_to_a_list_of_others_is_new_there() -> None:
    for component in COMPONENTS:
        for known, added in component.words.items():
            assert not set(added) & set(known.told), component.package
