"""Request objects are not taken, and above all never fetched."""

from authlib.oidc.core.errors import (
    RegistrationNotSupportedError,
    RequestNotSupportedError,
    RequestURINotSupportedError,
)

from idp.oidc.request_under_check import AuthorizationRequest


def refuse_request_object(asked: AuthorizationRequest) -> None:
    """OIDC Core sections 6.1, 6.2 and 7.2.1 have an error for each."""
    if "request" in asked.parameters:
        raise RequestNotSupportedError("Request objects are not supported.")
    if "request_uri" in asked.parameters:
        raise RequestURINotSupportedError("Request URIs are not supported.")
    if "registration" in asked.parameters:
        raise RegistrationNotSupportedError("The registration parameter is not supported.")
