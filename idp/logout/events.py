"""The kinds of audit events of `idp.logout`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList
from directory.errors import in_log
from directory.outbound import errors as outbound

# Why nobody was sent back.
_RETURNS = WordList(
    {
        "return_unregistered": (
            "địa chỉ này không được đăng ký cho ứng dụng",
            "the address is not registered for the application",
        ),
        "return_unproven": (
            "ứng dụng không gửi kèm mã định danh hợp lệ",
            "the application sent no genuine token with it",
        ),
    },
)


# Why an application could not be told. What it answered instead is told by its number.
UNREACHED = WordList(
    {"timeout": ("quá thời gian chờ", "it took too long"), **in_log(outbound.ERRORS)}
)


LOGOUT_NOTIFIED = Kind(
    "logout.notified",
    {"session": "technical"},
    vi="Đã báo đăng xuất cho {subject}",
    en="{subject} was told of a sign-out",
    groups=("sign-in",),
    counted=("lần báo đăng xuất", "sign-out notices"),
)

LOGOUT_NOT_NOTIFIED = Kind(
    "logout.not_notified",
    {"session": "technical", "reason": UNREACHED, "tries": "count"},
    vi="Không báo được đăng xuất cho {subject}: {reason}[ (đã thử {tries} lần)]",
    en="{subject} could not be told of a sign-out: {reason}[ ({tries} tries)]",
    groups=("sign-in",),
    is_refusal=True,
    counted=("lần không báo được đăng xuất", "failed sign-out notices"),
)

LOGOUT_RETURN_REFUSED = Kind(
    "logout.return_refused",
    {"received": "text", "reason": _RETURNS},
    vi="Không chuyển về {received} sau khi đăng xuất[ khỏi {subject}]: {reason}",
    en="After a sign-out[ from {subject}] nobody was sent back to {received}: {reason}",
    groups=("sign-in",),
)

_WHOSE = WordList(
    {
        "person": ("của", "of"),
        "agency": ("của mọi người thuộc", "of everybody of"),
        "application": ("của mọi người đang dùng", "of everybody in"),
    }
)

SESSIONS_FORCED = Kind(
    "sessions.forced",
    {
        "whose": _WHOSE,
        "people": "count",
        "sessions": "count",
        "spared": "count",
        "reason": "text",
    },
    vi=(
        "{actor} buộc kết thúc mọi phiên đăng nhập {whose} {subject}: {sessions} phiên, "
        "{people} người[, trừ {spared} người có quyền cao hơn][: {reason}]"
    ),
    en=(
        "{actor} ended all sessions {whose} {subject}: {sessions} sessions, {people} people"
        "[, all but {spared} with more power][: {reason}]"
    ),
    groups=("sign-in", "people"),
)

KINDS = (
    SESSIONS_FORCED,
    LOGOUT_NOTIFIED,
    LOGOUT_NOT_NOTIFIED,
    LOGOUT_RETURN_REFUSED,
)
