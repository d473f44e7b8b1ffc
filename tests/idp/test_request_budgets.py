"""One network cannot keep everybody else waiting at the endpoints of OpenID Connect."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
import requests

from idp.feature import Rate
from idp.oidc import request_budgets
from idp.oidc.provider import EXTENSION
from idp.oidc.request_budgets import Buckets
from tests.support.idp_app import IdpApp
from tests.support.relying_party import authorization_request

pytestmark = pytest.mark.both_engines


def test_a_bucket_fills_again_and_each_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    buckets, rate = Buckets(), Rate(3, 0.5)
    took = [buckets.take("token", "10.0.0.1", rate) for _ in range(5)]
    assert took == [0, 0, 0, 2, 2]
    assert buckets.take("token", "10.0.0.2", rate) == 0
    assert buckets.take("authorize", "10.0.0.1", rate) == 0
    now[0] += 2
    assert [buckets.take("token", "10.0.0.1", rate) for _ in range(2)] == [0, 2]
    now[0] -= 3600
    assert buckets.take("token", "10.0.0.1", rate) == 2


def test_ever_new_networks_take_no_more_room() -> None:
    buckets = Buckets()
    for number in range(request_budgets._MOST_HELD + 500):
        buckets.take("token", f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", Rate(1, 1))
    assert len(buckets._held) == request_budgets._MOST_HELD


def ask(idp: IdpApp, endpoint: str, address: str) -> requests.Response:
    browser = idp.browser(address)
    if endpoint == "authorize":
        return browser.get("/authorize", **authorization_request(idp.documents))
    auth = (idp.documents.client_id, idp.documents.secret)
    data = {"grant_type": "refresh_token", "refresh_token": "x", "token": "x"}
    return browser.http.post(f"{idp.url}/{endpoint}", data=data, auth=auth, timeout=20)


@pytest.mark.parametrize("endpoint", ["authorize", "token", "introspect"])
def test_who_sends_too_many_is_told_to_slow_down(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    provider = idp_app.app.extensions[EXTENSION]
    endpoints = {
        name: replace(each, rate=Rate(3, 0.01)) if each.rate else each
        for name, each in provider.endpoints.items()
    }
    monkeypatch.setitem(idp_app.app.extensions, EXTENSION, replace(provider, endpoints=endpoints))
    monkeypatch.setattr(request_budgets, "_buckets", Buckets())
    address = "198.51.100.77"
    before = [ask(idp_app, endpoint, address).status_code for _ in range(3)]
    assert 429 not in before
    refused = ask(idp_app, endpoint, address)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 100
    if endpoint == "authorize":
        assert "quá nhiều yêu cầu" in refused.text
    else:
        assert refused.json()["error"] == "slow_down"
    # Nobody else waits, and whoever comes through a proxy that hides them is nobody's counter.
    assert ask(idp_app, endpoint, "198.51.100.78").status_code != 429
    assert all(ask(idp_app, endpoint, "127.0.0.1").status_code != 429 for _ in range(6))
