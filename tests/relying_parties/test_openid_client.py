"""npm openid-client, a library this project did not write, against the started product."""

from __future__ import annotations

from typing import Any

import pytest
from joserfc.jwk import ECKey

from directory.ids import new_id
from tests.relying_parties.node import install_packages, play
from tests.support.browser import PASSWORD, Account
from tests.support.product import NODE_HOST, Product

USERNAME = "vanthu.stttt"
SCOPES = "openid profile email org roles offline_access"
ALGORITHMS = ("ES256", "RS256")
FROZEN_CLAIMS = {
    "sub",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
    "email",
    "email_verified",
    "agency",
    "agency_code",
    "unit",
    "post",
    "roles",
    "roles_flat",
}


@pytest.fixture(scope="session", autouse=True)
def node_packages() -> None:
    install_packages()


class RelyingParty:
    """The applications this file registers with one product."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.assertion_key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"})
        self.base = f"http://{NODE_HOST}:{product.node_ports[0]}"
        secret = [self._metadata(algorithm, "secret") for algorithm in ALGORITHMS]
        product.import_clients([*secret, self._metadata("ES256", "key")])

    def _metadata(self, algorithm: str, proof: str) -> dict[str, Any]:
        metadata: dict[str, Any] = {
            "client_id": f"node-{proof}-{algorithm.lower()}",
            "client_name": f"Phần mềm Node {algorithm} ({proof})",
            "redirect_uris": [f"{self.base}/callback"],
            "post_logout_redirect_uris": [f"{self.base}/signed-out"],
            "backchannel_logout_uri": f"{self.base}/backchannel-logout",
            "backchannel_logout_session_required": True,
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "response_types": ["code"],
            "scope": SCOPES,
            "id_token_signed_response_alg": algorithm,
        }
        if proof == "secret":
            return metadata | {
                "client_secret": f"node-secret-{algorithm}-" + "x" * 32,
                "token_endpoint_auth_method": "client_secret_basic",
            }
        public = self.assertion_key.as_dict(private=False)
        return metadata | {
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "ES256",
            "jwks": {"keys": [public]},
        }

    def play(
        self,
        scenario: str,
        algorithm: str = "ES256",
        proof: str = "secret",
        account: Account | None = None,
    ) -> Any:
        metadata = self._metadata(algorithm, proof)
        account = account or self.product.account(USERNAME)
        client: dict[str, Any] = {
            "client_id": metadata["client_id"],
            "name": metadata["client_name"],
            "client_secret": metadata.get("client_secret"),
            "metadata": {"id_token_signed_response_alg": algorithm},
        }
        if proof == "key":
            client["private_jwk"] = self.assertion_key.as_dict(private=True)
        return play(
            self.product,
            scenario,
            {
                "client": client,
                "account": {"username": account.username, "password": account.password},
                "callback": {"host": NODE_HOST, "port": self.product.node_ports[0]},
                "scope": SCOPES,
            },
        )


@pytest.fixture(scope="session")
def relying_party(product: Product) -> RelyingParty:
    return RelyingParty(product)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_login_refresh_userinfo_and_logout(relying_party: RelyingParty, algorithm: str) -> None:
    """OIDC Core, RFC 9207 (iss), RP-initiated and back-channel logout in one person's session."""
    issuer = relying_party.product.issuer
    seen = relying_party.play("session", algorithm)

    assert seen["discovery"]["issuer"] == issuer
    assert seen["discovery"]["iss_parameter"] is True
    assert seen["discovery"]["pkce"] == ["S256"]
    assert {"RS256", "ES256"} <= set(seen["discovery"]["signing"])
    assert seen["discovery"]["backchannel"] is seen["discovery"]["backchannel_session"] is True

    login = seen["login"]
    assert (login["alg"], login["iss"], login["expires_in"]) == (algorithm, issuer, 600)
    assert set(login["scope"].split()) == set(SCOPES.split())
    assert seen["access_token"]["typ"] == "at+jwt"  # RFC 9068 §2.1
    assert seen["userinfo"]["sub"] == login["claims"]["sub"]
    assert seen["userinfo"].keys() >= FROZEN_CLAIMS
    assert seen["userinfo"]["preferred_username"] == USERNAME
    assert seen["userinfo"]["agency_code"] == seen["userinfo"]["agency"]["code"]
    assert seen["introspection"]["active"] is True
    assert seen["introspection"]["sub"] == login["claims"]["sub"]

    session_id = login["claims"]["sid"]
    assert seen["second_login"] == {"sid": session_id, "sub": login["claims"]["sub"]}
    assert seen["refresh"]["rotated"] is True
    assert seen["refresh"]["userinfo_sub"] == login["claims"]["sub"]

    assert seen["logout"]["returned"] and seen["logout"]["state_returned"]
    token = seen["logout_token"]
    assert token, f"no logout token came\n{relying_party.product.log_tail(30)}"
    assert token["alg"] == algorithm
    assert token["event"] is True
    assert "nonce" not in token["claims"]  # Back-Channel Logout 1.0 §2.4
    assert token["claims"]["sid"] == session_id
    assert token["deliveries"] == 1
    assert seen["after_logout"] == {"prompt_none": "login_required", "code_again": "invalid_grant"}


def test_what_must_be_refused(relying_party: RelyingParty) -> None:
    """RFC 6749 §4.1.2 (code once), RFC 7636, RFC 9700 §2.2.2 and §4.14 (refresh reuse)."""
    seen = relying_party.play("refusals")
    assert seen["code_twice"] == "invalid_grant"
    assert seen["userinfo_after_code_twice"] == "invalid_token"
    assert seen["wrong_verifier"] == "invalid_grant"
    assert seen["repeat_within_grace"] is True
    assert seen["refresh_reuse"] == "invalid_grant"
    assert seen["family_after_reuse"] == "invalid_grant"
    assert seen["refresh_after_revocation"] == "invalid_grant"
    assert seen["introspection_after_revocation"] == {"active": False}
    assert seen["without_pkce"] == "invalid_request"
    assert seen["foreign_redirect_uri"] == {"status": 400, "stayed": True}


def test_form_post(relying_party: RelyingParty) -> None:
    """OAuth 2.0 Form Post Response Mode; the page with the code is never stored."""
    seen = relying_party.play("form_post")["form_post"]
    assert seen["sub"]
    assert seen["iss"] == relying_party.product.issuer
    assert "no-store" in seen["cache"]


def test_an_api_that_wants_more_gets_it(relying_party: RelyingParty) -> None:
    """RFC 9470: what the API's answer names is asked for, and stands in the tokens."""
    new = Account(f"muc.hai.{new_id()[:8]}", PASSWORD, "Lê Thị Mức")
    relying_party.product.danhmuc(
        *("person", "add", "--username", new.username, "--full-name", new.full_name),
        *("--agency", "STTTT", "--password-stdin"),
        stdin=new.password,
    )
    seen = relying_party.play("levels", account=new)
    assert seen["password"] == {"acr": "1", "amr": ["pwd"]}
    assert seen["challenge"]["error"] == "insufficient_user_authentication"
    assert seen["silently"] == "login_required"
    stepped_up = {"acr": "2", "amr": ["pwd", "otp"], "same_person": True, "api": 200}
    assert seen["stepped_up"] == stepped_up
    assert seen["renewed"] == {"acr": "2", "api": 200}
    assert seen["again"] == {"acr": "2", "auth_time": True}
    assert seen["max_age_zero"] == "login_required"


def test_client_credentials(relying_party: RelyingParty) -> None:
    """A token for a service has no person behind it and cannot be refreshed."""
    seen = relying_party.play("client_credentials")["client_credentials"]
    assert seen["refresh_token"] is None
    assert seen["introspection"]["active"] is True
    assert seen["introspection"]["client_id"] == "node-secret-es256"


def test_private_key_jwt(relying_party: RelyingParty) -> None:
    """RFC 7523: the client's own key opens, a stranger's does not."""
    seen = relying_party.play("private_key_jwt", proof="key")
    assert seen["private_key_jwt"]["userinfo"]["sub"] == seen["private_key_jwt"]["sub"]
    assert seen["private_key_jwt"]["rotated"] is True
    assert seen["forged_assertion"] == "invalid_client"
