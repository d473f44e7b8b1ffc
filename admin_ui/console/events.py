"""The kinds of audit events of `admin_ui.console`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList
from directory.authz.permissions import ADMIN_ROLES

_JOBS = WordList(
    {role.name: (role.title.vi, role.title.en) for role in ADMIN_ROLES.values()},
    other=("một vai trò", "a job"),
)
_ENDS = WordList(
    {
        "left": ("tự thôi", "they left it"),
        "session_over": ("phiên đã kết thúc", "the session ended"),
    },
    other=("lý do khác", "another reason"),
)

VIEWING_BEGAN = Kind(
    "viewing.began",
    {"job": _JOBS, "place": "place"},
    vi="{actor} bắt đầu xem trang quản trị như vai trò {job}[ tại {place}], chỉ xem",
    en="{actor} began to look at the administration as {job}[ in {place}], changing nothing",
    groups=("people",),
)
VIEWING_ENDED = Kind(
    "viewing.ended",
    {"job": _JOBS, "place": "place", "reason": _ENDS},
    vi="{actor} thôi xem trang quản trị như vai trò {job}[ tại {place}]: {reason}",
    en="{actor} stopped looking at the administration as {job}[ in {place}]: {reason}",
    groups=("people",),
)

KINDS = (VIEWING_BEGAN, VIEWING_ENDED)
