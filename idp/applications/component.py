"""What `idp.applications` declares."""

from __future__ import annotations

from directory.component import Component
from idp.applications.errors import ERRORS
from idp.applications.events import KINDS

COMPONENT = Component("idp.applications", kinds=KINDS, errors=ERRORS)
