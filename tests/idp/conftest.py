"""Fixtures for the tests of sign-in and OpenID Connect."""

from __future__ import annotations

from tests.support.idp_app import idp_app
from tests.support.oidc_installation import province, served

__all__ = ["idp_app", "province", "served"]
