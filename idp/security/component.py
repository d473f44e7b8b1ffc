"""What `idp.security` declares."""

from __future__ import annotations

from directory.component import Component, Route
from idp import paths

COMPONENT = Component(
    "idp.security",
    routes=(Route("security.show", paths.SECURITY, "idp.security.views:show"),),
)
