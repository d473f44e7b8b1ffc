"""The resource servers the access token is for (RFC 8707)."""

from idp.clients.resources import unknown_resources
from idp.oidc.oauth_errors import InvalidTargetError
from idp.oidc.request_under_check import AuthorizationRequest


def check_resource(asked: AuthorizationRequest) -> None:
    """A client names only resource servers it is registered for, and that there are."""
    wanted = tuple(dict.fromkeys(asked.parameters.get("resource", "").split()))
    if set(wanted) - asked.client.resources or unknown_resources(asked.tx, wanted):
        raise InvalidTargetError("This client may not ask for tokens for that resource.")
    asked.resources = wanted
