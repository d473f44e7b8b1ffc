"""Fixtures that tests of several folders share, and how the tests are dealt out."""

from __future__ import annotations

import pytest

from tests.support.chromium import chromium
from tests.support.postgres import ENGINE, ENGINES, end_shared_cluster
from tests.support.product import http_product, product, tls_product
from tests.support.slapd import own_slapd, slapd_server

__all__ = ["chromium", "http_product", "own_slapd", "product", "slapd_server", "tls_product"]

_PRODUCTS = ("http_product", "tls_product")


def pytest_report_header() -> str:
    return f"SQL store: {ENGINE}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    elsewhere = [f"only_on_{engine}" for engine in ENGINES if engine != ENGINE]
    bound = [item for item in items if any(map(item.get_closest_marker, elsewhere))]
    config.hook.pytest_deselected(items=bound)
    groups = {item: _group_of(item) for item in items if item not in bound}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
    # A started product runs until the end of the session: nothing else should have to run beside.
    items[:] = sorted(groups, key=lambda item: groups[item] in _PRODUCTS)


def pytest_unconfigure() -> None:
    end_shared_cluster()


def _group_of(item: pytest.Item) -> str:
    """With ``--dist loadgroup``: a started product, or what a file prepares, is made only once."""
    callspec = getattr(item, "callspec", None)
    chosen = f"{callspec.params['product']}_product" if _is_both(callspec) else ""
    names = {chosen, *getattr(item, "fixturenames", ())}
    return next((name for name in _PRODUCTS if name in names), item.nodeid.partition("::")[0])


def _is_both(callspec: object) -> bool:
    return "product" in getattr(callspec, "params", {})
