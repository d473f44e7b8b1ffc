"""The kinds of audit events of `idp.sessions`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList

# Why a session ended.
ENDINGS = WordList(
    {
        "signed_out": ("đã đăng xuất", "signed out"),
        "too_many": (
            "quá nhiều phiên đăng nhập cùng lúc",
            "too many sessions at once",
        ),
        "other_person": ("người khác đăng nhập trên cùng trình duyệt", "somebody else signed in"),
        "idle": ("lâu không sử dụng", "unused for too long"),
        "expired": ("đã hết hạn", "expired"),
        "invalidated": (
            "tài khoản bị khóa, thay mật khẩu hoặc bị buộc đăng xuất",
            "the account or its password changed, or it was signed out by an administrator",
        ),
        "person_not_active": ("tài khoản không còn hoạt động", "the account is not active"),
        "sessions_ended": ("mọi phiên trước đó bị kết thúc", "all earlier sessions were ended"),
        "restored": ("hệ thống được khôi phục từ bản sao lưu", "the system was restored"),
    },
)


SESSION_ENDED = Kind(
    "session.ended",
    {"session": "technical", "reason": ENDINGS},
    vi="Phiên đăng nhập của {subject} kết thúc[: {reason}][ (đã báo cho {told})]",
    en="The session of {subject} ended[: {reason}][ (told: {told})]",
    groups=("sign-in",),
    parts={"told": "logout.notified"},
    counted=("phiên kết thúc", "sessions ended"),
)

SESSIONS_ENDED = Kind(
    "sessions.ended",
    {"sessions": "technical", "count": "count", "reason": ENDINGS},
    vi="{count} phiên đăng nhập của {subject} kết thúc[: {reason}][ (đã báo cho {told})]",
    en="{count} sessions of {subject} ended[: {reason}][ (told: {told})]",
    groups=("sign-in",),
    parts={"told": "logout.notified"},
)

KINDS = (
    SESSION_ENDED,
    SESSIONS_ENDED,
)
