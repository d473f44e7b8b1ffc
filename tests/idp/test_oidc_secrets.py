"""No secret in a log: the whole flow at DEBUG, then every secret it issued is looked for."""

from __future__ import annotations

import logging

import pytest

from tests.support.oidc_installation import OidcInstallation, Province
from tests.support.relying_party import VERIFIER, as_client

pytestmark = pytest.mark.both_engines


def test_a_flow_at_debug_logs_no_secret(
    served: OidcInstallation, province: Province, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
    agent = served.browser(province.an)
    cookie = agent.cookie
    code = served.code(agent, province.client.client.id)
    tokens = served.redeem(province.client, code).json()
    again = served.token(
        province.client, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    ).json()
    served.introspect(province.client, again["access_token"])
    served.userinfo(again["access_token"])
    served.redeem(province.client, code)  # a replay
    served.post("/token", **as_client(province.client, {"grant_type": "x"}))
    served.post("/revoke", **as_client(province.client, {"token": again["refresh_token"]}))
    secrets = [
        cookie,
        code,
        VERIFIER,
        province.client.secret or "",
        *(t[n] for t in (tokens, again) for n in ("access_token", "refresh_token", "id_token")),
    ]
    assert all(len(secret) > 20 for secret in secrets)
    for secret in secrets:
        assert secret not in caplog.text
    with served.installation.database.read() as tx:
        from sqlalchemy import select

        from directory.audit.tables import audit_event

        bodies = b"\n".join(tx.execute(select(audit_event.c.body)).scalars())
    for secret in secrets:
        assert secret.encode() not in bodies


def test_authlib_is_capped_at_info_even_when_everything_logs_at_debug(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("authlib", "authlib.oauth2.rfc6749.grants.authorization_code"):
        assert not logging.getLogger(name).isEnabledFor(logging.DEBUG)
