"""What can be asked for here."""

from __future__ import annotations

from directory.component import RequestKind
from directory.release.permissions import ReleasePermission

RELEASE = RequestKind(
    "release",
    told=("cung cấp thêm thông tin cho ứng dụng", "more information for an application"),
    permission=ReleasePermission.APPROVE,
    about="directory.release.service:about",
    describe="directory.release.service:describe",
    carry_out="directory.release.service:carry_out",
    foresee="directory.release.service:foresee",
)
