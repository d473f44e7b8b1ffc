"""Why a request to log out is not understood."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

_FROM_HERE = Words(
    "Nếu Anh/Chị vẫn đang đăng nhập, hãy mở trang chủ và đăng xuất tại đó.",
    "If you are still signed in, open the front page and log out there.",
)

REQUEST_DOUBLED_PARAMETER = ErrorCode(
    "request.doubled_parameter",
    Words(
        "Yêu cầu đăng xuất của ứng dụng không đọc được: có điều được nêu hai lần.",
        "The application's request to log out cannot be read: something is said twice in it.",
    ),
    advice=_FROM_HERE,
)
REQUEST_MALFORMED = ErrorCode(
    "request.malformed",
    Words(
        "Yêu cầu đăng xuất của ứng dụng không đọc được.",
        "The application's request to log out cannot be read.",
    ),
    advice=_FROM_HERE,
)

SESSION_REASON = ErrorCode(
    "session.reason",
    Words("Hãy nhập lý do buộc đăng xuất.", "Enter why they are to be signed out."),
    operators=Words('Cần có lý do: --reason "…".', 'A reason is needed: --reason "…".'),
)
SESSION_NONE = ErrorCode(
    "session.none",
    Words(
        "Không có gì thay đổi: không còn phiên đăng nhập nào để kết thúc.",
        "Nothing was changed: there is no session that could be ended.",
    ),
)

ERRORS = (REQUEST_DOUBLED_PARAMETER, REQUEST_MALFORMED, SESSION_REASON, SESSION_NONE)
