"""What `directory.ldap` declares."""

from __future__ import annotations

from directory.component import Component
from directory.ldap.errors import ERRORS

COMPONENT = Component("directory.ldap", errors=ERRORS)
