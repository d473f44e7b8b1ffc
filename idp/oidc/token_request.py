"""A request to one of the endpoints where clients authenticate, as Authlib wants to see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from sqlalchemy import Connection
from werkzeug.datastructures import Headers

from directory.actor import Actor
from directory.installation import Installation
from idp import paths
from idp.oidc.parameters import Parameters


class NeedsWriting(Exception):
    """The request was given a transaction for reading and must write: run it again in another."""


class TokenRequest(OAuth2Request):
    """One request to an endpoint that authenticates clients, with its transaction.

    Authlib sets `client`, `authorization_code` and `refresh_token` as its steps find them.
    """

    client: Any
    payload: Any
    authorization_code: Any
    refresh_token: Any

    def __init__(
        self,
        installation: Installation,
        tx: Connection,
        actor: Actor,
        parameters: Parameters,
        headers: Headers,
        *,
        may_write: bool = True,
    ) -> None:
        # The URI is ours by configuration: what a proxy made of it says nothing about transport.
        super().__init__("POST", installation.settings.issuer + paths.TOKEN, headers=headers)
        self.installation = installation
        self.tx = tx
        self.actor = actor
        self.may_write = may_write
        self.parameters = parameters
        self.payload = BasicOAuth2Payload(dict(parameters))

    @property
    def form(self) -> Mapping[str, str]:
        return self.parameters

    @property
    def args(self) -> Mapping[str, str]:
        return {}
