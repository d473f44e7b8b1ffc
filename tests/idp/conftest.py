"""Fixtures for the tests of sign-in and OpenID Connect."""

from __future__ import annotations

from tests.support.idp_app import idp_app
from tests.support.oidc_house import province, served
from tests.support.postgres import postgres_url

__all__ = ["idp_app", "postgres_url", "province", "served"]
