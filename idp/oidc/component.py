"""What `idp.oidc` declares."""

from __future__ import annotations

from directory.component import Component, Route, TableRule
from idp import paths
from idp.feature import Endpoint, Grant, OidcFeature, Rate
from idp.oidc.errors import ERRORS
from idp.oidc.events import KINDS

COMPONENT = Component(
    "idp.oidc",
    tables_in=("idp.oidc.tables",),
    tables={
        "token_family": TableRule("until expired", "all are revoked"),
        "posted_request": TableRule("minutes", "emptied"),
    },
    forget=("idp.oidc.token_families:purge",),
    # A server's back end asks for many people, a browser for one; behind the address of one browser
    # there may be an agency.
    routes=(
        Endpoint(
            "oidc.authorize",
            paths.AUTHORIZE,
            "idp.oidc.authorize:authorization_endpoint",
            ("GET", "POST"),
            is_posted_from_elsewhere=True,
            discovery="authorization_endpoint",
            rate=Rate(1_000, 50.0),
        ),
        Route("oidc.continue", paths.CONTINUE, "idp.oidc.authorize:continue_endpoint"),
        Route("oidc.try", paths.TRY_SIGN_IN, "idp.oidc.trials.views:begin_trial"),
        Endpoint(
            "oidc.token",
            paths.TOKEN,
            "idp.oidc.token_endpoint:token_endpoint",
            ("POST",),
            answers_json=True,
            is_posted_from_elsewhere=True,
            discovery="token_endpoint",
            rate=Rate(10_000, 400.0),
            is_read_by_pages=True,
        ),
        Endpoint(
            "oidc.userinfo",
            paths.USERINFO,
            "idp.oidc.userinfo:userinfo_endpoint",
            ("GET", "POST"),
            answers_json=True,
            is_posted_from_elsewhere=True,
            discovery="userinfo_endpoint",
            is_read_by_pages=True,
        ),
        Endpoint(
            "oidc.jwks",
            "/jwks",
            "idp.oidc.discovery:jwks_endpoint",
            answers_json=True,
            discovery="jwks_uri",
        ),
        Endpoint(
            "oidc.revoke",
            "/revoke",
            "idp.oidc.revoke:revocation_endpoint",
            ("POST",),
            answers_json=True,
            is_posted_from_elsewhere=True,
            discovery="revocation_endpoint",
            is_read_by_pages=True,
        ),
        Endpoint(
            "oidc.introspect",
            "/introspect",
            "idp.oidc.introspect:introspection_endpoint",
            ("POST",),
            answers_json=True,
            is_posted_from_elsewhere=True,
            discovery="introspection_endpoint",
            rate=Rate(20_000, 2_000.0),
        ),
        Route(
            "oidc.discovery",
            "/.well-known/openid-configuration",
            "idp.oidc.discovery:discovery_endpoint",
            answers_json=True,
        ),
    ),
    features=(
        OidcFeature(
            grants=(
                Grant(
                    "authorization_code",
                    "idp.oidc.grants.authorization_code:AuthorizationCodeGrant",
                ),
                Grant("refresh_token", "idp.oidc.grants.refresh_token:RefreshTokenGrant"),
                Grant(
                    "client_credentials",
                    "idp.oidc.grants.client_credentials:ClientCredentialsGrant",
                    confidential_only=True,
                ),
            ),
        ),
    ),
    kinds=KINDS,
    errors=ERRORS,
)
