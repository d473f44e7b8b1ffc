"""What `directory.agencies` declares."""

from __future__ import annotations

from directory.agencies.errors import ERRORS
from directory.agencies.events import KINDS
from directory.agencies.permissions import AgencyPermission
from directory.agencies.subjects import AGENCY
from directory.component import Component

COMPONENT = Component(
    "directory.agencies",
    kinds=KINDS,
    errors=ERRORS,
    permissions=(AgencyPermission,),
    subjects=(AGENCY,),
)
