"""The client exists, is enabled and may use this endpoint."""

from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError

from idp.clients.registry import find_registered
from idp.oidc.request_under_check import AuthorizationRequest


class DisabledClientError(InvalidClientError):
    """The client is registered and switched off: its request is as it should be."""


def check_client(asked: AuthorizationRequest) -> None:
    """Before anything else, so that nobody is asked to sign in for an application unknown to us."""
    client_id = asked.parameters.get("client_id")
    if not client_id:
        raise InvalidRequestError("The client_id is missing.")
    client = find_registered(asked.installation, asked.tx, client_id)
    if client is None:
        raise InvalidClientError("The client is not registered.")
    asked.client = client
    if client.disabled_at is not None:
        raise DisabledClientError("The client is disabled.")
