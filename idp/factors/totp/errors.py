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

TOTP_NAME = ErrorCode(
    "totp.name",
    operators=Words(
        "Tên của ứng dụng xác thực có từ 1 đến {most} ký tự.",
        "The name of an authenticator application has 1 to {most} characters.",
    ),
)

TOTP_NONE = ErrorCode(
    "totp.none",
    operators=Words(
        "Tài khoản chưa có ứng dụng xác thực nào.",
        "The account has no authenticator application.",
    ),
)

TOTP_DEMO_ONLY = ErrorCode(
    "totp.demo_only",
    operators=Words(
        "Chỉ hệ thống trình diễn mới cho xem mã; mã của người thật chỉ có trên điện thoại của họ.",
        "Only a demo shows codes; those of real people are on their telephones alone.",
    ),
)

ERRORS = (TOTP_TOO_MANY, TOTP_UNKNOWN, TOTP_NAME, TOTP_NONE, TOTP_DEMO_ONLY)
