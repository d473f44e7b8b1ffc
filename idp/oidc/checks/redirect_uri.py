"""The redirect URI is registered, byte for byte (RFC 9700 section 2.1)."""

from authlib.oauth2.rfc6749.errors import InvalidRequestError

from idp.oidc.request_under_check import AuthorizationRequest


def check_redirect_uri(asked: AuthorizationRequest) -> None:
    """Only from here on may an answer, even an error, be sent to the application."""
    presented = asked.parameters.get("redirect_uri")
    if not presented:
        raise InvalidRequestError("The redirect_uri is missing.")  # OIDC Core section 3.1.2.1
    found = asked.client.find_redirect_uri(presented)
    if found is None:
        raise InvalidRequestError("The redirect_uri is not registered for this client.")
    asked.redirect_uri = found
