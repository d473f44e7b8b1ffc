from __future__ import annotations

from directory.component import Component
from idp.home.errors import ERRORS

COMPONENT = Component(package="idp.home", errors=ERRORS)
