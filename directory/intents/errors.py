"""Why a change of the catalogue is not made, or not known to be made."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

CHANGE_PENDING = ErrorCode(
    "change.pending",
    Words(
        "Danh mục chưa trả lời kịp. Thay đổi đã được ghi nhận và sẽ được thực hiện.",
        "The catalogue did not answer in time. Your change is noted and will be made.",
    ),
    advice=Words(
        "Vui lòng xem lại trang sau một phút trước khi sửa lần nữa.",
        "Please look at the page again in a minute before you change it once more.",
    ),
    operators=Words(
        "Danh mục hoặc kho dữ liệu chưa trả lời kịp. Thay đổi đã được ghi nhận và sẽ được thực "
        "hiện ngay khi có trả lời; hãy xem lại bản ghi sau một phút.",
        "A store did not answer in time. The change is noted and is made as soon as it answers; "
        "look at the entry again in a minute.",
    ),
)
CHANGE_SETTLED_OTHERWISE = ErrorCode(
    "change.settled_otherwise",
    Words(
        "Thay đổi này vừa được xử lý theo cách khác.",
        "The change was settled otherwise meanwhile.",
    ),
    advice=Words(
        "Hãy tải lại trang để xem dữ liệu hiện tại.",
        "Reload the page to see the current data.",
    ),
    operators=Words(
        "Thay đổi này vừa được xử lý theo cách khác; hãy xem lại bản ghi.",
        "The change was settled otherwise meanwhile; look at the entry.",
    ),
)
CHANGE_IN_PROGRESS = ErrorCode(
    "change.in_progress",
    Words(
        "Người khác đang cập nhật hồ sơ này.",
        "Another change of this entry is under way.",
    ),
    advice=Words("Vui lòng đợi giây lát rồi thử lại.", "Please wait a moment and try again."),
    operators=Words(
        "Một thay đổi khác của cùng bản ghi này đang được thực hiện. Hãy thử lại sau giây lát.",
        "Another change of the same entry is under way. Try again in a moment.",
    ),
    in_log=Words("người khác đang cập nhật", "somebody else was just changing it"),
)

ERRORS = (
    CHANGE_PENDING,
    CHANGE_SETTLED_OTHERWISE,
    CHANGE_IN_PROGRESS,
)
