"""The checks of /authorize, in their order.

Read `CHECKS` from top to bottom: that is the security review of this endpoint. Until the client and
its redirect URI are known to be good, an error is a page and no answer leaves this server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from idp.oidc.checks.acr_values import check_acr_values
from idp.oidc.checks.client import check_client
from idp.oidc.checks.id_token_hint import check_id_token_hint
from idp.oidc.checks.lengths import check_lengths
from idp.oidc.checks.max_age import check_max_age
from idp.oidc.checks.pkce import check_pkce
from idp.oidc.checks.prompt import check_prompt
from idp.oidc.checks.redirect_uri import check_redirect_uri
from idp.oidc.checks.repeated import reject_repeated
from idp.oidc.checks.request_object import refuse_request_object
from idp.oidc.checks.resource import check_resource
from idp.oidc.checks.response_mode import check_response_mode
from idp.oidc.checks.response_type import check_response_type
from idp.oidc.checks.scope import check_scope
from idp.oidc.request_under_check import AuthorizationRequest


@dataclass(frozen=True, slots=True)
class Check:
    """One row of the table. `tells_application`: its error goes back to the redirect URI."""

    run: Callable[[AuthorizationRequest], None]
    parameter: str
    tells_application: bool


# fmt: off
CHECKS = (
    #     check                   parameter at fault    its error goes to the application
    Check(reject_repeated,        "",                   False),
    Check(check_client,           "client_id",          False),
    Check(check_redirect_uri,     "redirect_uri",       False),
    # --- from here on the answer has an address ---
    Check(check_response_mode,    "response_mode",      True),
    Check(check_lengths,          "",                   True),
    Check(refuse_request_object,  "request",            True),
    Check(check_response_type,    "response_type",      True),
    Check(check_scope,            "scope",              True),
    Check(check_resource,         "resource",           True),
    Check(check_pkce,             "code_challenge",     True),
    Check(check_prompt,           "prompt",             True),
    Check(check_max_age,          "max_age",            True),
    Check(check_id_token_hint,    "id_token_hint",      True),
    Check(check_acr_values,       "acr_values",         True),
)
# fmt: on
