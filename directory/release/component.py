"""What `directory.release` declares."""

from __future__ import annotations

from directory.component import Component, TableRule
from directory.release.errors import ERRORS
from directory.release.events import KINDS
from directory.release.permissions import ReleasePermission
from directory.release.request_kinds import RELEASE

COMPONENT = Component(
    "directory.release",
    tables_in=("directory.release.tables",),
    tables={
        "release": TableRule(
            "always: who approved which version when",
            "put back; what was taken away since stays away",
        ),
    },
    kinds=KINDS,
    errors=ERRORS,
    permissions=(ReleasePermission,),
    requests=(RELEASE,),
)
