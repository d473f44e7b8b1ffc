"""The scope, narrowed to what the client is registered for."""

from authlib.oauth2.rfc6749.errors import InvalidScopeError

from idp.oidc.request_under_check import AuthorizationRequest
from idp.oidc.text import order_scopes


def check_scope(asked: AuthorizationRequest) -> None:
    """`openid` is needed; scopes we do not know are ignored (OIDC Core section 3.1.2.1)."""
    wanted = set(asked.parameters.get("scope", "").split())
    if "openid" not in wanted:
        raise InvalidScopeError("The scope must contain openid.")
    granted = wanted & asked.client.scopes
    if "openid" not in granted:
        raise InvalidScopeError("This client is not registered for the scope openid.")
    if "refresh_token" not in asked.client.grant_types:
        granted -= {"offline_access"}
    asked.scope = order_scopes(granted)
