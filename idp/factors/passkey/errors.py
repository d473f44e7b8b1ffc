"""Why a passkey is not added, renamed or removed."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

PASSKEY_TOO_MANY = ErrorCode(
    "passkey.too_many",
    Words(
        "Mỗi người có tối đa {most} khóa truy cập.",
        "Nobody may have more than {most} passkeys.",
    ),
    advice=Words(
        "Hãy xóa một khóa không còn dùng trước khi thêm.",
        "Remove one that is not used any more first.",
    ),
)

PASSKEY_UNKNOWN = ErrorCode(
    "passkey.unknown",
    Words(
        "Không có khóa truy cập này trong tài khoản.",
        "The account has no such passkey.",
    ),
)

PASSKEY_NO_NAME = ErrorCode(
    "passkey.no_name",
    Words(
        "Địa chỉ của hệ thống là một dãy số nên trình duyệt không tạo được khóa truy cập.",
        "The address of this system is a number, for which no browser makes a passkey.",
    ),
    advice=Words(
        "Hãy dùng ứng dụng xác thực trên điện thoại.",
        "Use an authenticator application on your telephone.",
    ),
)

ERRORS = (PASSKEY_TOO_MANY, PASSKEY_UNKNOWN, PASSKEY_NO_NAME)
