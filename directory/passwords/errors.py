"""Why a password is not taken, for what it is made of."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

PASSWORD_COMMON = ErrorCode(
    "password.common",
    Words(
        "Nhiều người dùng mật khẩu này hoặc một phần chính của nó, nên kẻ gian thử nó đầu tiên. "
        "Hãy chọn mật khẩu khác.",
        "Many people use this password, or what it mostly is, so it is tried first. Choose "
        "another one.",
    ),
)
PASSWORD_PERSONAL = ErrorCode(
    "password.personal",
    Words(
        "Mật khẩu chủ yếu gồm tên, cơ quan, tỉnh, năm hoặc dãy phím liền nhau: người quen đoán "
        "được ngay. Hãy thêm những từ khác.",
        "The password is mostly a name, an agency, the province, a year or keys in a row, which "
        "others guess at once. Add other words.",
    ),
)
PASSWORD_CLASSES = ErrorCode(
    "password.classes",
    Words(
        "Mật khẩu phải có chữ hoa, chữ thường, chữ số và ký hiệu.",
        "The password must have capitals, small letters, digits and signs.",
    ),
)

ERRORS = (PASSWORD_COMMON, PASSWORD_PERSONAL, PASSWORD_CLASSES)
