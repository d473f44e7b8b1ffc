"""Why the feed does not go on."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

FEED_MASS_DELETION = ErrorCode(
    "feed.mass_deletion",
    operators=Words(
        "{gone} trên {of} tài khoản đang hoạt động biến mất khỏi danh mục hoặc bị khóa cùng lúc. "
        "Chưa thay đổi nào được tiếp nhận. `danhmuc catalogue brake` cho biết cách xử lý.",
        "{gone} of {of} active accounts are gone from the catalogue, or suspended, at once. "
        "Nothing of it was taken over. `danhmuc catalogue brake` says what to do.",
    ),
)
FEED_MOVED_ON = ErrorCode(
    "feed.moved_on",
    operators=Words(
        "Một tiến trình khác đã đọc tiếp các thay đổi của danh mục; không mất gì.",
        "Another process went on with the feed meanwhile; nothing was lost.",
    ),
)

ERRORS = (FEED_MASS_DELETION, FEED_MOVED_ON)
