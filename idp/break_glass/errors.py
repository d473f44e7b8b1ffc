"""Why an account for emergencies is not made or sealed."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

BREAK_GLASS_HOLDERS = ErrorCode(
    "break_glass.holders",
    Words(
        "Cần hai người khác nhau đang làm việc, mỗi người giữ một nửa mã bằng tài khoản của chính "
        "mình.",
        "Two different people who work here are needed, each with an own account, for each half "
        "of the code.",
    ),
)
BREAK_GLASS_UNKNOWN = ErrorCode(
    "break_glass.unknown",
    Words("Không có tài khoản khẩn cấp này.", "There is no such break-glass account."),
)
BREAK_GLASS_SEAL_NOT_WHOLE = ErrorCode(
    "break_glass.seal_not_whole",
    Words(
        "Chưa niêm phong được vì tài khoản vừa có thay đổi. Hãy thử lại.",
        "It could not be sealed, since the account was changed meanwhile. Try again.",
    ),
)

ERRORS = (BREAK_GLASS_HOLDERS, BREAK_GLASS_UNKNOWN, BREAK_GLASS_SEAL_NOT_WHOLE)
