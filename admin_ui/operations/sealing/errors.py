"""Why the sealing key is not changed."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

INSTALLATION_SEALING_KEY_MISSING = ErrorCode(
    "installation.sealing_key_missing",
    operators=Words(
        "Dữ liệu lưu trữ được niêm phong bằng khóa không có trong {folder}: {keys}. Hãy đặt lại "
        "tệp sealing-….key từ nơi `danhmuc backup keys` đã chép ra.",
        "What is stored is sealed with a key that is not in {folder}: {keys}. Put its file "
        "sealing-….key back from where `danhmuc backup keys` copied it.",
    ),
)
KEY_SEALING_UNDER_WAY = ErrorCode(
    "key.sealing_under_way",
    operators=Words(
        "Một lần đổi khóa niêm phong khác đang chạy; hãy đợi xong. Chưa có gì bị thay đổi.",
        "Another rotation of the sealing key is at work; wait until it ends. Nothing was changed.",
    ),
)

ERRORS = (INSTALLATION_SEALING_KEY_MISSING, KEY_SEALING_UNDER_WAY)
