"""Why a list of leaked passwords is not taken."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

LEAKED_NOTHING = ErrorCode(
    "leaked.nothing",
    Words(
        "Không dòng nào trong tệp có dạng TÊN{separator}MẬT KHẨU.",
        "No line of the file reads LOGIN{separator}PASSWORD.",
    ),
)
LEAKED_TOO_LONG = ErrorCode(
    "leaked.too_long",
    Words(
        "Tệp có hơn {most} dòng: hãy chia nhỏ.",
        "The file has more than {most} lines: split it.",
    ),
)

ERRORS = (LEAKED_NOTHING, LEAKED_TOO_LONG)
