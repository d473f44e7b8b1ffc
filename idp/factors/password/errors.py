"""Why a password was not looked at."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

SIGNIN_FAULT = ErrorCode(
    "signin.fault",
    Words(
        "Chưa kiểm tra được mật khẩu do trục trặc ở phía hệ thống. Sự việc đã được ghi nhận.",
        "A fault on our side kept the password from being checked; it has been recorded.",
    ),
    advice=Words(
        "Vui lòng thử lại. Nếu vẫn gặp, hãy báo mã hỗ trợ dưới đây cho đơn vị vận hành.",
        "Please try again. If it happens again, report the support code below.",
    ),
)

ERRORS = (SIGNIN_FAULT,)
