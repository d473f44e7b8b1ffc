"""What was given and cannot be read, whatever it was meant for."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

INPUT_UNKNOWN_FIELD = ErrorCode(
    "input.unknown_field",
    Words("Không có trường “{field}”.", "There is no field “{field}”."),
)
INPUT_DATE = ErrorCode(
    "input.date",
    Words(
        "“{value}” không phải là ngày hợp lệ. Hãy ghi theo dạng 2026-12-31.",
        "“{value}” is not a date. Write it as 2026-12-31.",
    ),
)
INPUT_ID = ErrorCode(
    "input.id",
    Words("Mã định danh không hợp lệ.", "There is no id like that."),
)
INPUT_ENCODING = ErrorCode(
    "input.encoding",
    Words(
        "{source} không phải là văn bản UTF-8. Hãy lưu hoặc gửi lại dưới dạng UTF-8.",
        "{source} is not UTF-8 text. Save or send it as UTF-8, then try again.",
    ),
)
INPUT_LONG_LINE = ErrorCode(
    "input.long_line",
    Words(
        "{source} có một dòng dài quá mức cho phép.",
        "{source} is longer than any line may be.",
    ),
)

ERRORS = (
    INPUT_UNKNOWN_FIELD,
    INPUT_DATE,
    INPUT_ID,
    INPUT_ENCODING,
    INPUT_LONG_LINE,
)
