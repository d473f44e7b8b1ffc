"""What can be asked for here."""

from __future__ import annotations

from directory.authz.permissions import GrantPermission
from directory.component import RequestKind

GRANT = RequestKind(
    "grant",
    told=("cấp vai trò", "the role"),
    permission=GrantPermission.WRITE,
    about="directory.access.asking:about",
    describe="directory.access.asking:describe",
    carry_out="directory.access.asking:carry_out",
)
ENTER = RequestKind(
    "enter",
    told=("vào ứng dụng", "entry"),
    permission=GrantPermission.WRITE,
    about="directory.access.entering:about",
    describe="directory.access.entering:describe",
    carry_out="directory.access.entering:carry_out",
    choices="directory.access.entering:choices",
)
