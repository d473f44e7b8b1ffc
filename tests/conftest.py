"""Fixtures that tests of several folders share."""

from __future__ import annotations

import pytest

from tests.support.product import http_product, product, tls_product
from tests.support.slapd import own_slapd, slapd_server

__all__ = ["http_product", "own_slapd", "product", "slapd_server", "tls_product"]

_PRODUCTS = ("http_product", "tls_product")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With ``--dist loadgroup`` each started product stays with one worker."""
    for item in items:
        callspec = getattr(item, "callspec", None)
        chosen = f"{callspec.params['product']}_product" if _is_both(callspec) else ""
        names = {chosen, *getattr(item, "fixturenames", ())}
        group = next((name for name in _PRODUCTS if name in names), None)
        if group:
            item.add_marker(pytest.mark.xdist_group(group))


def _is_both(callspec: object) -> bool:
    return "product" in getattr(callspec, "params", {})
