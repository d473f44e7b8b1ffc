"""Why no recovery codes are made."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

RECOVERY_CODES_ALONE = ErrorCode(
    "recovery_codes.alone",
    Words(
        "Mã khôi phục chỉ dùng thay cho điện thoại khi không có điện thoại bên mình.",
        "Recovery codes stand in for a telephone that is not at hand.",
    ),
    advice=Words("Hãy thêm ứng dụng xác thực trước.", "Add an authenticator application first."),
)

ERRORS = (RECOVERY_CODES_ALONE,)
