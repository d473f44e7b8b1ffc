"""Why another server was not asked, or did not answer."""

from __future__ import annotations

from directory.errors import ErrorCode, Unavailable, Words

OUTBOUND_FORBIDDEN = ErrorCode(
    "outbound.forbidden",
    operators=Words(
        "Địa chỉ này không nằm trong danh sách máy chủ được phép kết nối ra "
        "(DANHMUC_OUTBOUND_ALLOW).",
        "This address is not among those our servers may connect to (DANHMUC_OUTBOUND_ALLOW).",
    ),
    in_log=Words(
        "địa chỉ không nằm trong danh sách được phép gọi ra",
        "its address is not among those that may be called",
    ),
)
OUTBOUND_BAD_URL = ErrorCode(
    "outbound.bad_url",
    operators=Words(
        "Đây không phải là địa chỉ mà máy chủ kết nối được.",
        "This is not an address our servers can connect to.",
    ),
    in_log=Words("địa chỉ không hợp lệ", "its address is not valid"),
)
OUTBOUND_TIMEOUT = ErrorCode(
    "outbound.timeout",
    operators=Words(
        "Máy chủ bên kia không trả lời kịp.",
        "The other server did not answer in time.",
    ),
    in_log=Words("quá thời gian chờ", "it took too long"),
)
OUTBOUND_UNAVAILABLE = ErrorCode(
    "outbound.unavailable",
    operators=Words(
        "Máy chủ bên kia không trả lời.",
        "The other server does not answer.",
    ),
    in_log=Words("không kết nối được", "no connection"),
)
OUTBOUND_TOO_LARGE = ErrorCode(
    "outbound.too_large",
    operators=Words(
        "Câu trả lời của máy chủ bên kia quá dài.",
        "The other server's answer is too long.",
    ),
    in_log=Words("câu trả lời quá dài", "its answer was too long"),
)


class Unreached(Unavailable):
    """There was no connection: nothing was sent, so that it may be sent again."""


ERRORS = (
    OUTBOUND_FORBIDDEN,
    OUTBOUND_BAD_URL,
    OUTBOUND_TIMEOUT,
    OUTBOUND_UNAVAILABLE,
    OUTBOUND_TOO_LARGE,
)
