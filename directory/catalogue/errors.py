"""What is said when a fact of a person cannot be accepted."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

USERNAME = ErrorCode(
    "person.username",
    Words(
        "Tên đăng nhập gồm 2 đến 63 ký tự: a–z, 0–9, dấu chấm, gạch ngang, gạch dưới; "
        "bắt đầu bằng chữ cái hoặc chữ số.",
        "The username must have 2 to 63 characters: a–z, 0–9, dot, dash, underscore; "
        "it begins with a letter or digit.",
    ),
)
FULL_NAME = ErrorCode(
    "person.full_name",
    Words(
        "Nhập họ và tên, tối đa 200 ký tự, không có dấu < và >.",
        "The full name must have 1 to 200 characters, without < and >.",
    ),
)
MAIL = ErrorCode(
    "person.mail", Words("Địa chỉ thư không hợp lệ.", "The e-mail address is not valid.")
)
STAFF_NO = ErrorCode(
    "person.staff_no",
    Words("Mã cán bộ dài tối đa 64 ký tự.", "The staff number may have at most 64 characters."),
)
PHONE = ErrorCode(
    "person.phone",
    Words(
        "Số điện thoại chỉ gồm chữ số (ít nhất 3 chữ số), dấu cách và các dấu + ( ) . -, "
        "tối đa 32 ký tự.",
        "Write the phone number with at least 3 digits; "
        "blanks and + ( ) . - may stand between them.",
    ),
)
STAFF_CATEGORY = ErrorCode(
    "person.staff_category",
    Words("Không có loại cán bộ này.", "The staff category is not one of the known ones."),
)
PRECEDENCE = ErrorCode(
    "person.precedence",
    Words("Thứ tự là một số từ 0 đến 99999.", "The precedence must be a number from 0 to 99999."),
)
LANGUAGE = ErrorCode(
    "person.language", Words("Ngôn ngữ là vi hoặc en.", "The language is vi or en.")
)
