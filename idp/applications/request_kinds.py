"""What can be asked for of applications."""

from __future__ import annotations

from directory.authz.permissions import ApplicationPermission
from directory.component import RequestKind

OPEN_APPLICATION = RequestKind(
    "open_application",
    told=("mở ứng dụng", "to open an application"),
    permission=ApplicationPermission.WRITE,
    about="idp.applications.opening:about",
    describe="idp.applications.opening:describe",
    carry_out="idp.applications.opening:carry_out",
    foresee="idp.applications.opening:foresee",
)
