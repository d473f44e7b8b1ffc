"""The kinds of audit events of `idp.sessions`."""

from __future__ import annotations

from directory.audit.kinds import Kind

SESSION_ENDED = Kind(
    "session.ended",
    {"session": "technical", "reason": "word"},
    vi="Phiên đăng nhập của {subject} kết thúc[: {reason}][ (đã báo cho {told})]",
    en="The session of {subject} ended[: {reason}][ (told: {told})]",
    parts={"told": "logout.notified"},
    counted=("phiên kết thúc", "sessions ended"),
)

SESSIONS_ENDED = Kind(
    "sessions.ended",
    {"sessions": "technical", "count": "count", "reason": "word"},
    vi="{count} phiên đăng nhập của {subject} kết thúc[: {reason}][ (đã báo cho {told})]",
    en="{count} sessions of {subject} ended[: {reason}][ (told: {told})]",
    parts={"told": "logout.notified"},
)

KINDS = (
    SESSION_ENDED,
    SESSIONS_ENDED,
)
