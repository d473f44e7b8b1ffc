"""The OpenID provider as this application sees it: Authlib's client and the checks it leaves to us.

Discovery is lazy: the application starts, and says what is wrong, while the provider is down.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from authlib.integrations.flask_client import FlaskOAuth2App, OAuth, OAuthError
from flask import Flask, current_app
from joserfc.errors import JoseError
from requests import RequestException

from relying_party.errors import ProviderUnreachable, SignInRefused
from relying_party.settings import Settings

WELL_KNOWN = "/.well-known/openid-configuration"
SCOPE = "openid profile email org roles"
SIGNING_ALGORITHMS = ["ES256"]
CLOCK_LEEWAY = 60
ANSWER_WITHIN_S = 5
KEYS_LAST_S = 600
KEYS_ASKED_AT_MOST_EVERY_S = 10

log = logging.getLogger(__name__)


class ProvinceProvider(FlaskOAuth2App):  # type: ignore[misc]
    """Authlib's client with three things more.

    The issuer of the metadata is compared (OpenID Connect Discovery 1.0 section 4.3); only ES256
    is believed, whatever the metadata offers; keys are read again after ten minutes, so that a
    revoked one is forgotten, and never more than every ten seconds, whoever sends unknown kids.
    """

    _keys_read_at = float("-inf")

    def load_server_metadata(self) -> dict[str, Any]:
        """The provider's metadata, kept once read."""
        if "_loaded_at" in self.server_metadata:
            return dict(self.server_metadata)
        metadata: dict[str, Any] = super().load_server_metadata()
        expected = self._server_metadata_url.removesuffix(WELL_KNOWN)
        if metadata.get("issuer") != expected:
            self.server_metadata.clear()
            raise ValueError(f"metadata of another issuer: {metadata.get('issuer')!r}")
        metadata["id_token_signing_alg_values_supported"] = SIGNING_ALGORITHMS
        return metadata

    def make_sure_it_answers(self) -> None:
        """Read the metadata anew, before the browser is sent there.

        Known metadata would send people to a provider that is down, and all they would see is
        their browser's own error page.
        """
        self.server_metadata.pop("_loaded_at", None)
        self.load_server_metadata()

    def fetch_jwk_set(self, force: bool = False) -> dict[str, Any]:
        """The provider's public keys; `force` after a token named an unknown one."""
        age = time.monotonic() - self._keys_read_at
        is_due = age > KEYS_LAST_S or (force and age > KEYS_ASKED_AT_MOST_EVERY_S)
        keys: dict[str, Any] = super().fetch_jwk_set(force=is_due)
        if is_due:
            self._keys_read_at = time.monotonic()
        return keys


def register_provider(app: Flask, settings: Settings) -> None:
    """Make `provider()` work in this application."""
    # Authlib writes code verifiers and tokens to its DEBUG log.
    logging.getLogger("authlib").setLevel(logging.INFO)
    client_kwargs: dict[str, Any] = {
        "scope": SCOPE,
        "code_challenge_method": "S256",
        "default_timeout": ANSWER_WITHIN_S,
        "trust_env": False,  # the provider is a neighbour, never behind the PC's proxy
        "max_redirects": 0,
    }
    if settings.ca_file:
        client_kwargs["verify"] = str(settings.ca_file)
    OAuth(app).register(
        "province",
        client_cls=ProvinceProvider,
        server_metadata_url=settings.issuer + WELL_KNOWN,
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        client_kwargs=client_kwargs,
    )


def provider() -> ProvinceProvider:
    """The provider of the current application."""
    oauth: OAuth = current_app.extensions["authlib.integrations.flask_client"]
    client: ProvinceProvider = oauth.province
    return client


@contextmanager
def reaching_provider() -> Iterator[None]:
    """Turn whatever a call to the provider raises into our two errors."""
    try:
        yield
    except OAuthError as error:
        raise SignInRefused(str(error.error)) from error
    except JoseError as error:
        raise SignInRefused(f"id_token: {error.error}") from error
    except (RequestException, ValueError, TypeError, KeyError, RuntimeError) as error:
        # Not reached, not JSON, or not what OpenID Connect asks of an answer.
        log.warning("provider not usable: %s", type(error).__name__)
        raise ProviderUnreachable from error


def fetch_claims(settings: Settings) -> tuple[dict[str, Any], str]:
    """Exchange the code of this request; return the verified claims and the ID token as sent.

    Raises `SignInRefused` or `ProviderUnreachable`.
    """
    client = provider()
    with reaching_provider():
        # Checks the signature, iss, exp, iat, nonce and at_hash of the ID token.
        token = client.authorize_access_token(leeway=CLOCK_LEEWAY)
        # Authlib skips all checks of an ID token that is not there.
        id_claims = token.get("userinfo")
        if not id_claims:
            raise SignInRefused("id_token: missing")
        _check_audience(id_claims, settings.client_id)
        # Asked each time: roles too many for a token stand there alone (`roles_at` says so).
        userinfo = client.userinfo(token=token)
    # OpenID Connect Core section 5.3.2: else one person's userinfo could dress up another.
    if userinfo.get("sub") != id_claims["sub"]:
        raise SignInRefused("userinfo: other sub")
    return {**userinfo, **id_claims}, token["id_token"]


def _check_audience(id_claims: Mapping[str, Any], client_id: str) -> None:
    # Core section 3.1.3.7 step 3, which Authlib leaves out: neither for somebody else (whatever
    # its azp) nor for us and somebody we do not know.
    if id_claims["aud"] not in (client_id, [client_id]):
        raise SignInRefused("id_token: other audiences")
