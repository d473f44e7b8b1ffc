"""Why an authenticator application is not added or removed."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

TOTP_TOO_MANY = ErrorCode(
    "totp.too_many",
    Words(
        "Mỗi người có tối đa {most} ứng dụng xác thực.",
        "Nobody may have more than {most} authenticator applications.",
    ),
    advice=Words(
        "Hãy xóa một ứng dụng không còn dùng trước khi thêm.",
        "Remove one that is not used any more first.",
    ),
)

TOTP_UNKNOWN = ErrorCode(
    "totp.unknown",
    Words(
        "Không có ứng dụng xác thực này trong tài khoản.",
        "The account has no such authenticator application.",
    ),
)

ERRORS = (TOTP_TOO_MANY, TOTP_UNKNOWN)
