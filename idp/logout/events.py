"""The kinds of audit events of `idp.logout`."""

from __future__ import annotations

from directory.audit.kinds import Kind

LOGOUT_NOTIFIED = Kind(
    "logout.notified",
    {"session": "technical"},
    vi="Đã báo đăng xuất cho {subject}",
    en="{subject} was told of a sign-out",
    counted=("lần báo đăng xuất", "sign-out notices"),
)

LOGOUT_NOT_NOTIFIED = Kind(
    "logout.not_notified",
    {"session": "technical", "reason": "word", "tries": "count"},
    vi="Không báo được đăng xuất cho {subject}: {reason}[ (đã thử {tries} lần)]",
    en="{subject} could not be told of a sign-out: {reason}[ ({tries} tries)]",
    is_refusal=True,
    counted=("lần không báo được đăng xuất", "failed sign-out notices"),
)

LOGOUT_RETURN_REFUSED = Kind(
    "logout.return_refused",
    {"received": "text", "reason": "word"},
    vi="Không chuyển về {received} sau khi đăng xuất[ khỏi {subject}]: {reason}",
    en="After a sign-out[ from {subject}] nobody was sent back to {received}: {reason}",
)

KINDS = (
    LOGOUT_NOTIFIED,
    LOGOUT_NOT_NOTIFIED,
    LOGOUT_RETURN_REFUSED,
)
