"""Why a notice cannot be put up or changed."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

NOTICE_UNKNOWN = ErrorCode(
    "notice.unknown",
    Words("Không có thông báo này.", "There is no such notice."),
    operators=Words(
        "Không có thông báo {value}. `danhmuc notice show` liệt kê các thông báo.",
        "There is no notice {value}. `danhmuc notice show` shows them.",
    ),
)
NOTICE_TEXT = ErrorCode(
    "notice.text",
    Words(
        "Hãy nhập nội dung bằng tiếng Việt, không quá {most} ký tự.",
        "Enter the text in Vietnamese, {most} characters at most.",
    ),
)
NOTICE_TEXT_EN = ErrorCode(
    "notice.text_en",
    Words(
        "Nội dung tiếng Anh không quá {most} ký tự.",
        "The English text has {most} characters at most.",
    ),
)
NOTICE_KIND = ErrorCode(
    "notice.kind",
    Words("Hãy chọn loại thông báo.", "Choose the kind of notice."),
)
NOTICE_PLACES = ErrorCode(
    "notice.places",
    Words("Hãy chọn ít nhất một nơi hiển thị.", "Choose at least one place to show it."),
)
NOTICE_TIME = ErrorCode(
    "notice.time",
    Words(
        "Hãy nhập ngày và giờ như 28/11/2026 20:00.",
        "Enter day and time like 28/11/2026 20:00.",
    ),
    operators=Words(
        "--{field}: cần ngày và giờ như 2026-11-28 20:00.",
        "--{field}: a day and a time are needed, like 2026-11-28 20:00.",
    ),
)
NOTICE_WORK = ErrorCode(
    "notice.work",
    Words(
        "Thông báo loại này cần giờ bắt đầu và giờ kết thúc.",
        "A notice of this kind needs the time it begins and the time it ends.",
    ),
)
NOTICE_ORDER = ErrorCode(
    "notice.order",
    Words("Giờ kết thúc phải sau giờ bắt đầu.", "It must end after it begins."),
)
NOTICE_OVER = ErrorCode(
    "notice.over",
    Words(
        "Giờ này đã qua: sẽ không ai nhìn thấy thông báo.",
        "This time is over: nobody would see the notice.",
    ),
)
NOTICE_TOO_MANY = ErrorCode(
    "notice.too_many",
    Words(
        "Đang có {most} thông báo. Hãy gỡ bớt: nhiều hơn thì không ai đọc.",
        "There are {most} notices. Take some down: more than that nobody reads.",
    ),
)
NOTICE_CHANGED_MEANWHILE = ErrorCode(
    "notice.changed_meanwhile",
    Words(
        "Trong lúc Anh/Chị nhập, người khác đã sửa thông báo này. Hãy xem lại rồi lưu lần nữa.",
        "Somebody else changed this notice while you were typing. Look again and save once more.",
    ),
)
NOTICE_ENDED = ErrorCode(
    "notice.ended",
    Words(
        "Thông báo này đã hết hạn hoặc đã được gỡ; không sửa được nữa.",
        "This notice has ended or was taken down; it cannot be changed any more.",
    ),
)

ERRORS = (
    NOTICE_UNKNOWN,
    NOTICE_TEXT,
    NOTICE_TEXT_EN,
    NOTICE_KIND,
    NOTICE_PLACES,
    NOTICE_TIME,
    NOTICE_WORK,
    NOTICE_ORDER,
    NOTICE_OVER,
    NOTICE_TOO_MANY,
    NOTICE_CHANGED_MEANWHILE,
    NOTICE_ENDED,
)
