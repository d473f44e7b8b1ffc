"""Libraries this project did not write sign in with private_key_jwt as documented, and refresh.

npm's openid-client does the same in `tests/relying_parties`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey, RSAKey
from oic.oic import Client
from oic.oic.message import (
    AccessTokenResponse,
    AuthorizationResponse,
    ProviderConfigurationResponse,
    RefreshAccessTokenRequest,
)
from oic.utils.authn.client import CLIENT_AUTHN_METHOD
from oic.utils.keyio import KeyBundle

from idp.clients.service import Registered
from tests.support.oidc_installation import OidcInstallation, Province
from tests.support.relying_party import CHALLENGE, REDIRECT, VERIFIER

pytestmark = pytest.mark.only_on_sqlite("which page or answer comes is no question of the store")

SCOPE = "openid profile offline_access"
RSA: Any = RSAKey.generate_key(2048, {"kid": "may-chu", "use": "sig"})
EC: Any = ECKey.generate_key("P-256", {"kid": "may-chu-ec", "use": "sig"})


def register(served: OidcInstallation, key: Any) -> Registered:
    return served.add_client(
        "Thư viện",
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [key.as_dict(private=False)]},
        id_token_signed_response_alg="RS256",
    )


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_authlib(served: OidcInstallation, province: Province, alg: str) -> None:
    """Audience the token endpoint, an hour of life: what Authlib does when nobody tells it."""
    key = RSA if alg == "RS256" else EC
    app = register(served, key)
    endpoint = f"{served.url}/token"
    session = OAuth2Session(
        app.client.id,
        key,
        token_endpoint_auth_method="private_key_jwt",
        scope=SCOPE,
        redirect_uri=REDIRECT,
        code_challenge_method="S256",
        token_endpoint=endpoint,
    )
    session.register_client_auth_method(PrivateKeyJWT(endpoint, alg=alg))
    url, _state = session.create_authorization_url(
        f"{served.url}/authorize", code_verifier=VERIFIER
    )
    back = served.browser(province.an).get(url)
    token = session.fetch_token(
        endpoint, authorization_response=back.headers["Location"], code_verifier=VERIFIER
    )
    renewed = session.refresh_token(endpoint, refresh_token=token["refresh_token"])
    assert renewed["refresh_token"] != token["refresh_token"]
    about = session.get(f"{served.url}/userinfo").json()
    assert about["sub"] == province.an.id


def test_pyoidc(served: OidcInstallation, province: Province) -> None:
    app = register(served, RSA)
    client = Client(client_id=app.client.id, client_authn_method=CLIENT_AUTHN_METHOD)
    discovery = served.browser().get(f"{served.url}/.well-known/openid-configuration")
    client.handle_provider_config(
        ProviderConfigurationResponse().from_json(discovery.text), served.issuer
    )
    client.keyjar.add_kb("", KeyBundle([RSA.as_dict(private=True)]))
    client.redirect_uris = [REDIRECT]
    client.registration_info = {"token_endpoint_auth_signing_alg": "RS256"}
    asked = client.construct_AuthorizationRequest(
        request_args={
            "response_type": "code", "scope": SCOPE.split(), "redirect_uri": REDIRECT,
            "state": "trang-thai", "nonce": "n-1", "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
    )  # fmt: skip
    url = asked.request(client.authorization_endpoint)
    back = served.browser(province.an).get(url)
    answer = client.parse_response(
        AuthorizationResponse,
        info=urlsplit(back.headers["Location"]).query,
        sformat="urlencoded",
    )
    assert parse_qs(urlsplit(back.headers["Location"]).query)["iss"] == [served.issuer]
    token = client.do_access_token_request(
        state="trang-thai",
        request_args={"code": answer["code"], "redirect_uri": REDIRECT, "code_verifier": VERIFIER},
        authn_method="private_key_jwt",
    )
    assert token["id_token"]["sub"] == province.an.id, token
    # Its do_access_token_refresh forgets the endpoint that its own PrivateKeyJWT asks for.
    url, body, http_args, _request = client.request_info(
        RefreshAccessTokenRequest,
        token=client.get_token(state="trang-thai"),
        authn_method="private_key_jwt",
        authn_endpoint="refresh",
    )
    renewed = client.request_and_return(
        url, AccessTokenResponse, "POST", body, "json", state="trang-thai", http_args=http_args
    )
    assert renewed["access_token"] != token["access_token"]
    about = client.do_user_info_request(state="trang-thai")
    assert about["sub"] == province.an.id
    assert renewed["refresh_token"] != token["refresh_token"]
