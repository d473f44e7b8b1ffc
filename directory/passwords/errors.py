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
PASSWORD_LEAKED = ErrorCode(
    "password.leaked",
    Words(
        "Mật khẩu này đã bị lộ ở nơi khác, nên kẻ gian có sẵn nó trong danh sách. Hãy chọn mật "
        "khẩu khác.",
        "This password has leaked somewhere, so whoever attacks has it in a list. Choose another "
        "one.",
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

PASSWORD_FORMER = ErrorCode(
    "password.former",
    Words(
        "Đây là mật khẩu đang dùng hoặc một trong {count} mật khẩu gần nhất. Hãy chọn mật khẩu "
        "khác.",
        "That is the present password or one of the last {count}. Choose another one.",
    ),
)
PASSWORD_CHANGING = ErrorCode(
    "password.changing",
    Words(
        "Mật khẩu của tài khoản này đang được đổi ở một nơi khác.",
        "The password of this account is just being changed elsewhere.",
    ),
    advice=Words("Vui lòng thử lại sau ít giây.", "Please try again in a few seconds."),
)
PASSWORD_CHANGED_MEANWHILE = ErrorCode(
    "password.changed_meanwhile",
    Words(
        "Mật khẩu vừa được đổi ở một nơi khác; lần đổi này không được thực hiện.",
        "The password has just been changed elsewhere; this change was not made.",
    ),
)

ERRORS = (
    PASSWORD_COMMON,
    PASSWORD_LEAKED,
    PASSWORD_PERSONAL,
    PASSWORD_CLASSES,
    PASSWORD_FORMER,
    PASSWORD_CHANGING,
    PASSWORD_CHANGED_MEANWHILE,
)
