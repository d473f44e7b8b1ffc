"""Why a signing key is not used, rotated or revoked."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

KEYS_MISSING = ErrorCode(
    "keys.missing",
    operators=Words(
        "Chưa có khóa ký nào. `danhmuc init` sẽ tạo khóa.",
        "There is no signing key. `danhmuc init` makes one.",
    ),
)
KEY_UNKNOWN = ErrorCode(
    "key.unknown",
    operators=Words("Không có khóa ký {kid}.", "There is no signing key {kid}."),
)
KEY_NEXT_TOO_YOUNG = ErrorCode(
    "key.next_too_young",
    operators=Words(
        "Khóa ký kế tiếp {kid} mới được công bố từ {since}; ứng dụng có thể giữ bộ khóa cũ đến một "
        "giờ và sẽ từ chối chữ ký của khóa này. Hãy chuyển khóa sau {ready_at}, hoặc chuyển ngay "
        "bằng --force. Nếu khóa bị lộ thì dùng `key revoke`",
        "the next key {kid} is published only since {since}; applications may keep the key set for "
        "an hour and would refuse what it signs. Rotate after {ready_at}, or at once with --force. "
        "For a stolen key there is `key revoke`",
    ),
)
KEY_REVOKED_ALREADY = ErrorCode(
    "key.revoked_already",
    operators=Words("Khóa ký {kid} đã bị thu hồi.", "Signing key {kid} is revoked already."),
)

ERRORS = (KEYS_MISSING, KEY_UNKNOWN, KEY_NEXT_TOO_YOUNG, KEY_REVOKED_ALREADY)
