"""What `directory.export_requests` declares."""

from __future__ import annotations

from directory.component import Component
from directory.export_requests.permissions import ExportPermission
from directory.export_requests.request_kinds import EXPORT

COMPONENT = Component(
    "directory.export_requests",
    permissions=(ExportPermission,),
    requests=(EXPORT,),
)
