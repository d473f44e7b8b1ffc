"""What `directory.expiries` declares."""

from __future__ import annotations

from directory.component import Component
from directory.expiries.permissions import ExpiryPermission

COMPONENT = Component("directory.expiries", permissions=(ExpiryPermission,))
