"""Attacks on the token endpoints: rights that were taken back, and what strangers make us keep."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from sqlalchemy import func, select

from admin_ui.components import REGISTRATION
from directory.audit import budgets
from idp.clients.service import Registered, update_client
from idp.keys.jose import read_unverified
from idp.oidc import posted_requests
from idp.oidc.tables import posted_request
from tests.support.installation import OPERATOR
from tests.support.oidc_installation import OidcInstallation, Province
from tests.support.relying_party import as_client
from tests.support.sessions import end_all

KINDS = ("authz.redirect_rejected", "client.auth_failed", "token.refused")
ARCHIVE, STATISTICS = "https://luu-tru.example", "https://thong-ke.example"


def refresh(
    served: OidcInstallation, client: Registered, token: str, **more: str
) -> requests.Response:
    return served.token(client, grant_type="refresh_token", refresh_token=token, **more)


def test_a_resource_server_taken_from_a_client_is_not_in_its_next_token(
    served: OidcInstallation, province: Province
) -> None:
    for uri in (ARCHIVE, STATISTICS):
        served.stand_for(uri)
    client = served.add_client("Có kho", resources=[ARCHIVE, STATISTICS])
    # Several resources come as several parameters.
    agent = served.browser(province.an)
    query = served.request_parameters(client.client.id)
    several = [*query.items(), ("resource", ARCHIVE), ("resource", STATISTICS)]
    answer = agent.get(f"/authorize?{urlencode(several)}")
    code = dict(pair.split("=", 1) for pair in answer.headers["Location"].split("?")[1].split("&"))
    tokens = served.redeem(client, code["code"]).json()
    assert ARCHIVE in read_unverified(tokens["access_token"])[1]["aud"]
    update_client(
        served.installation, OPERATOR, REGISTRATION, client.client.id, {"resources": [STATISTICS]}
    )
    refused = refresh(served, client, tokens["refresh_token"], resource=ARCHIVE)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_target")
    after = refresh(served, client, tokens["refresh_token"]).json()
    audience = read_unverified(after["access_token"])[1]["aud"]
    assert STATISTICS in audience and ARCHIVE not in audience


def test_offline_access_taken_from_a_client_ends_with_the_session(
    served: OidcInstallation, province: Province
) -> None:
    client = served.add_client("Ngoại tuyến")
    person = served.add_person("ngoai.tuyen")
    scope = "openid profile offline_access"
    tokens = served.tokens(client, person, scope=scope)
    with served.installation.database.write() as tx:
        end_all(tx, person.id, OPERATOR, "signed_out")
    tokens = refresh(served, client, tokens["refresh_token"]).json()
    update_client(
        served.installation, OPERATOR, REGISTRATION, client.client.id, {"scope": "openid profile"}
    )
    refused = refresh(served, client, tokens["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_a_refused_resource_does_not_use_a_refresh_token_up(
    served: OidcInstallation, province: Province
) -> None:
    """A public client has no second try: it would look like a thief afterwards."""
    client = served.add_client("Điện thoại", token_endpoint_auth_method="none")
    token = served.tokens(client, province.an)["refresh_token"]
    refused = refresh(served, client, token, resource="https://khac.example")
    assert refused.json()["error"] == "invalid_target"
    assert refresh(served, client, token).status_code == 200


def test_a_client_gives_its_own_token_back_and_nobody_elses(served: OidcInstallation) -> None:
    """RFC 7009: 200 and a token that goes on counting would be a false promise."""
    machines = [
        served.add_client(f"Máy {n}", grant_types=["client_credentials"], redirect_uris=[])
        for n in range(2)
    ]
    tokens = [
        served.token(machine, grant_type="client_credentials").json()["access_token"]
        for machine in machines
    ]
    for token in tokens:
        answer = served.post("/revoke", **as_client(machines[0], {"token": token}))
        assert answer.status_code == 200
    first, second = zip(machines, tokens, strict=True)
    assert served.introspect(*first) == {"active": False}
    assert served.introspect(*second)["active"]
    assert served.post("/revoke", **as_client(machines[0], {"token": tokens[0]})).status_code == 200
    told = [e for e in served.events("token.revoked") if e.actor == f"client:{first[0].client.id}"]
    assert len(told) == 1


def count_posted(served: OidcInstallation) -> int:
    with served.installation.database.read() as tx:
        return tx.execute(select(func.count()).select_from(posted_request)).scalar_one()


_REFUSED_AT_ONCE = {
    "long prompt": ({"prompt": "login " * 9000}, "invalid_request"),
    "long nonce": ({"nonce": "n" * 9000}, "invalid_request"),
    "no challenge": ({"code_challenge": ""}, "invalid_request"),
    "plain challenge": ({"code_challenge_method": "plain"}, "invalid_request"),
    "wrong response type": ({"response_type": "token"}, "unsupported_response_type"),
    "wrong prompt": ({"prompt": "none login"}, "invalid_request"),
}


@pytest.mark.parametrize("name", _REFUSED_AT_ONCE)
def test_a_posted_request_is_refused_by_a_page_that_hands_over(
    served: OidcInstallation, province: Province, name: str
) -> None:
    """A browser holds `form-action` against every hop of a redirect that answers a form, so the
    error goes to the application by a page of ours; and nothing of the request is kept."""
    wrong, error = _REFUSED_AT_ONCE[name]
    before = count_posted(served)
    asked = served.request_parameters(province.client.client.id, **wrong)
    answer = served.post("/authorize", asked, allow_redirects=False)
    assert answer.status_code == 200
    assert "Location" not in answer.headers
    refresh = answer.text.partition('http-equiv="refresh" content="0; url=')[2].partition('"')[0]
    assert refresh.startswith(f"{asked['redirect_uri']}?error={error}&amp;")
    assert answer.text.count(f'href="{refresh}"') == 1
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert count_posted(served) == before


def test_too_long_a_body_is_refused_by_the_guard(
    served: OidcInstallation, province: Province
) -> None:
    before = count_posted(served)
    asked = served.request_parameters(province.client.client.id, state="s" * 2_000_000)
    answer = served.post("/authorize", asked, allow_redirects=False)
    assert answer.status_code == 413
    assert "Location" not in answer.headers
    assert count_posted(served) == before


def test_posted_requests_are_bounded(
    served: OidcInstallation, province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anyone may post without signing in."""
    monkeypatch.setattr(posted_requests, "MAX_KEPT", 20)
    asked = served.request_parameters(province.client.client.id)
    for _ in range(60):
        answer = served.post("/authorize", asked, allow_redirects=False)
        assert answer.status_code == 303
    with served.installation.database.read() as tx:
        kept = tx.execute(select(func.count()).select_from(posted_request)).scalar_one()
    assert kept <= 21
    # The newest is among those kept: whoever posts and comes back at once is served.
    back = requests.get(served.url + answer.headers["Location"], allow_redirects=False, timeout=10)
    assert back.headers["Location"].startswith("/dang-nhap?flow=")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/authorize?client_id=khong.co", None),
        ("GET", "/authorize?client_id=x&client_id=y", None),
        ("POST", "/token", {"grant_type": "authorization_code", "client_id": "khong.co"}),
        ("POST", "/token", {"client_id": "khong.co"}),
        ("POST", "/introspect", {"token": "x", "client_id": "khong.co"}),
        ("POST", "/revoke", {"token": "x", "client_id": "khong.co"}),
    ],
)
def test_what_strangers_ask_is_recorded_within_the_budget(
    served: OidcInstallation, method: str, path: str, body: dict[str, Any] | None
) -> None:
    for kind in KINDS:
        while budgets._buckets.take(("127.0.0.1", kind), budgets.NETWORK_BURST, 1e9):
            pass
    newest = max((event.id for kind in KINDS for event in served.events(kind)), default="")
    answer = requests.request(method, served.url + path, data=body, timeout=10)
    assert 400 <= answer.status_code < 500
    assert all(event.id <= newest for kind in KINDS for event in served.events(kind))
