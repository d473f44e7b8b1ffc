"""What can be asked for here."""

from __future__ import annotations

from directory.authz.permissions import ADMIN_APPLICATION, GrantPermission
from directory.component import RequestKind

GRANT = RequestKind(
    "grant",
    told=("cấp vai trò", "the role"),
    permission=GrantPermission.WRITE,
    about="directory.access.asking:about",
    describe="directory.access.asking:describe",
    carry_out="directory.access.asking:carry_out",
    foresee="directory.access.asking:foresee",
    is_privileged=lambda payload: payload.get("application_id") == ADMIN_APPLICATION,
)
ENTER = RequestKind(
    "enter",
    told=("vào ứng dụng", "entry"),
    permission=GrantPermission.WRITE,
    about="directory.access.entering:about",
    describe="directory.access.entering:describe",
    carry_out="directory.access.entering:carry_out",
    foresee="directory.access.entering:foresee",
    choices="directory.access.entering:choices",
    is_privileged=lambda _payload: False,  # into an application, where the day's work is
)
