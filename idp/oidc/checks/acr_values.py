"""acr_values: how sure the application wants to be who it is (OIDC Core section 3.1.2.1)."""

from idp.levels import least_of
from idp.oidc.request_under_check import AuthorizationRequest


def check_acr_values(asked: AuthorizationRequest) -> None:
    """The least level that will do. Never less than what the client has registered: a parameter
    passes through the browser of whoever would like to be asked for less."""
    asked_for = least_of(asked.parameters.get("acr_values", "").split())
    asked.least_acr = max(asked_for, least_of(asked.client.default_acr_values))
