"""Debian's Apache mod_auth_openidc, a relying party in C, against the started product."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from tests.relying_parties.apache import (
    ApacheRelyingParty,
    addresses,
    running_apache,
    usual_module,
)
from tests.support.browser import Browser, read_forms
from tests.support.product import Product
from tests.support.second_factor import give_code, key_on
from tests.support.waiting import wait_until

USERNAME = "vanthu.stttt"
ADMINISTRATOR = "quantri.stttt"
ALGORITHMS = ("ES256", "RS256")


@dataclass(frozen=True)
class Site:
    """One Apache and the product it trusts."""

    product: Product
    apache: ApacheRelyingParty

    def enter(self, agent: Browser, path: str = "/app") -> dict[str, str]:
        """Sign in at a protected address; what the application there is told."""
        page = agent.enter(self.apache.base + path, self.product.account(USERNAME))
        assert page.status_code == 200, self.story(page)
        assert page.url == self.apache.base + path, self.story(page)
        return dict(line.split("=", 1) for line in page.text.splitlines() if "=" in line)

    def is_signed_in(self, agent: Browser) -> bool:
        """Whether Apache lets this browser in by its own session."""
        answer = agent.get(f"{self.apache.base}/app")
        assert answer.status_code in (200, 302), self.story(answer)
        return answer.status_code == 200

    def info(self, agent: Browser) -> dict[str, object]:
        """What the module holds for this session."""
        answer = agent.open(f"{self.apache.base}/oidc/callback?info=json")
        assert answer.status_code == 200, self.story(answer)
        found: dict[str, object] = answer.json()
        return found

    def story(self, page: requests.Response) -> str:
        """For a failure: the page and the last lines of both logs."""
        return (
            f"{page.status_code} {page.url}\n{page.text[:2000]}\n"
            f"--- apache\n{self.apache.log_tail()}\n{self.product.log_tail(30)}"
        )


def metadata_of(product: Product, algorithm: str) -> dict[str, Any]:
    """What an administrator registers for the Apache of that algorithm."""
    port = product.apache_ports[ALGORITHMS.index(algorithm)]
    return {
        "client_id": f"apache-{algorithm.lower()}",
        "client_secret": f"apache-secret-{algorithm}-" + "x" * 32,
        "client_name": f"Apache {algorithm}",
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": "openid profile email org offline_access",
        "id_token_signed_response_alg": algorithm,
        "backchannel_logout_session_required": True,
        **addresses(port),
    }


@pytest.fixture(scope="session")
def registered(product: Product) -> Product:
    """The product, with an application per algorithm."""
    product.import_clients([metadata_of(product, algorithm) for algorithm in ALGORITHMS])
    return product


@pytest.fixture(scope="module", params=ALGORITHMS)
def site(registered: Product, request: pytest.FixtureRequest) -> Iterator[Site]:
    algorithm: str = request.param
    client = metadata_of(registered, algorithm)
    port = registered.apache_ports[ALGORITHMS.index(algorithm)]
    module = usual_module(registered, port, client, algorithm)
    with running_apache(registered, port, module) as apache:
        yield Site(registered, apache)


def test_login_and_claims(site: Site) -> None:
    """The application behind Apache is told who came, by claims from ID token and userinfo."""
    agent = site.product.browser()
    told = site.enter(agent)
    account = site.product.account(USERNAME)
    assert told["REMOTE_USER"].split("@")[0] == USERNAME
    assert told["OIDC_CLAIM_agency_code"] == "STTTT"
    assert account.full_name in told["OIDC_CLAIM_name"]
    assert told["OIDC_CLAIM_iss"] == site.product.issuer
    userinfo = site.info(agent)["userinfo"]
    assert isinstance(userinfo, dict)
    assert userinfo["sub"] == told["OIDC_CLAIM_sub"]


def test_claims_decide_who_may_enter(site: Site) -> None:
    """`Require claim` works on the flat mirror of the agency's code."""
    agent = site.product.browser()
    assert site.enter(agent, "/stttt")["OIDC_CLAIM_agency_code"] == "STTTT"
    assert agent.get(f"{site.apache.base}/elsewhere").status_code in (401, 403)


def test_one_address_wants_two_factors(site: Site) -> None:
    """`OIDCUnAutzAction auth` sends whoever has proved one back to us, who asks for the second."""
    agent, secret = site.product.browser(), f"{site.apache.base}/secret"
    assert site.enter(agent)["OIDC_CLAIM_acr"] == "1"
    page = agent.open(secret)
    answer = agent.answer(page, USERNAME, site.product.account(USERNAME).password)
    page = agent.follow(answer)
    assert key_on(page), "a second factor is set up on the way"
    assert "OIDC_CLAIM" not in agent.get(secret).text, site.story(page)
    # Somebody who has one.
    named = site.product.account(ADMINISTRATOR)
    other = site.product.browser()
    page = other.follow(other.answer(other.open(secret), named.username, named.password))
    code = site.product.danhmuc_json("mfa", "code", named.username)["code"]
    page = other.follow(give_code(other, page, code))
    assert page.url == secret, site.story(page)
    told = dict(line.split("=", 1) for line in page.text.splitlines() if "=" in line)
    assert told["OIDC_CLAIM_acr"] == "2", site.story(page)


def test_refresh(site: Site) -> None:
    """The module's refresh hook gets new tokens; the session and its person stay."""
    agent = site.product.browser()
    before = site.enter(agent)
    held = site.info(agent)
    answer = agent.open(
        f"{site.apache.base}/oidc/callback",
        refresh=f"{site.apache.base}/app",
        access_token=str(held["access_token"]),
    )
    assert answer.url == f"{site.apache.base}/app", site.story(answer)
    renewed = site.info(agent)
    assert renewed["access_token"] != held["access_token"]
    assert renewed["refresh_token"] != held["refresh_token"]
    claims = requests.get(
        f"{site.product.issuer}/userinfo",
        headers={"Authorization": f"Bearer {renewed['access_token']}"},
        verify=site.product.verify,
        timeout=10,
    )
    assert claims.json()["sub"] == before["OIDC_CLAIM_sub"]


def test_logout_from_the_application(site: Site) -> None:
    """RP-initiated: Apache ends its own session and ours, and the person comes back to it."""
    agent = site.product.browser()
    site.enter(agent)
    back = f"{site.apache.base}/signed-out"
    page = agent.open(f"{site.apache.base}/oidc/callback", logout=back)
    if not page.url.startswith(back):
        assert back in page.text, site.story(page)
    assert not site.is_signed_in(agent)
    page = agent.open(f"{site.apache.base}/app")
    asked = [form for form in read_forms(page.text) if form.name_of("password")]
    assert asked, f"no sign-in page after logout: {site.story(page)}"


def test_back_channel_logout(site: Site) -> None:
    """Signing out elsewhere ends Apache's session by the logout token alone."""
    agent = site.product.browser()
    site.enter(agent)
    other = site.product.browser()
    site.enter(other)
    assert site.is_signed_in(agent) and site.is_signed_in(other)

    page = agent.open(f"{site.product.issuer}/logout")
    form = next(form for form in read_forms(page.text) if form.method == "post")
    page = agent.submit(page, form)
    assert page.status_code == 200, site.story(page)

    told = f"still signed in: {site.story(page)}"
    wait_until(lambda: not site.is_signed_in(agent), 30, every_s=0.2, says=told)
    assert site.is_signed_in(other), "the logout token ended another session of the same person"
