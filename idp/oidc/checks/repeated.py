"""No parameter more than once (RFC 6749 section 3.1)."""

from authlib.oauth2.rfc6749.errors import InvalidRequestError

from idp.oidc.request_under_check import AuthorizationRequest


def reject_repeated(asked: AuthorizationRequest) -> None:
    """Two values for one name are read differently by different software: refuse, do not choose."""
    if asked.parameters.repeated:
        raise InvalidRequestError("A parameter is included more than once.")
