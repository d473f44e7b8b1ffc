"""Why a release cannot be asked for or decided."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

RELEASE_ATTRIBUTE = ErrorCode(
    "release.attribute",
    Words("Không có loại thông tin {value}.", "There is no attribute {value}."),
)
RELEASE_PURPOSE = ErrorCode(
    "release.purpose",
    Words(
        "Hãy ghi mục đích và căn cứ của {value}.",
        "Enter purpose and legal basis of {value}.",
    ),
    operators=Words(
        "Cần có mục đích và căn cứ của {value}: --purpose, --basis.",
        "Purpose and legal basis of {value} are needed: --purpose, --basis.",
    ),
)
RELEASE_SAME = ErrorCode(
    "release.same",
    Words("Ứng dụng đã được biết đúng như vậy.", "The application learns exactly this already."),
)
RELEASE_CHANGED_SINCE = ErrorCode(
    "release.changed_since",
    Words(
        "Thông tin cung cấp cho ứng dụng đã thay đổi sau khi yêu cầu được lập.",
        "What the application learns was changed after this was asked.",
    ),
    advice=Words("Hãy từ chối và đề nghị lại.", "Refuse it, and let it be asked again."),
)
RELEASE_ASKER = ErrorCode(
    "release.asker",
    Words(
        "Người đề nghị không còn được sửa ứng dụng này.",
        "Whoever asked may not change this application any more.",
    ),
)

ERRORS = (
    RELEASE_ATTRIBUTE,
    RELEASE_PURPOSE,
    RELEASE_SAME,
    RELEASE_CHANGED_SINCE,
    RELEASE_ASKER,
)
