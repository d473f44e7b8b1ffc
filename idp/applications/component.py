"""What `idp.applications` declares."""

from __future__ import annotations

from directory.component import Component
from idp.applications.errors import ERRORS
from idp.applications.events import KINDS
from idp.applications.request_kinds import OPEN_APPLICATION

COMPONENT = Component("idp.applications", kinds=KINDS, errors=ERRORS, requests=(OPEN_APPLICATION,))
