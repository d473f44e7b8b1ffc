"""The authorization code flow, and no other (RFC 9700 section 2.1.2)."""

from authlib.oauth2.rfc6749.errors import (
    InvalidRequestError,
    UnauthorizedClientError,
    UnsupportedResponseTypeError,
)

from idp.oidc.request_under_check import AuthorizationRequest


def check_response_type(asked: AuthorizationRequest) -> None:
    """`code`; tokens never travel through the browser's address (RFC 9700 section 2.1.2)."""
    response_type = asked.parameters.get("response_type")
    if response_type is None:
        raise InvalidRequestError("The response_type is missing.")
    if response_type != "code":
        raise UnsupportedResponseTypeError("other than code")
    if "authorization_code" not in asked.client.grant_types:
        raise UnauthorizedClientError("This client is not registered for authorization_code.")
