"""What people are told of an application they may not see or change."""

from __future__ import annotations

from directory.errors import ErrorCode, Sentence, Words

_BY_THE_PROVINCE = Words(
    "Cần thay đổi, hãy liên hệ đơn vị vận hành của tỉnh.",
    "For a change, ask the operating unit of the province.",
)

APPLICATION_NOT_FOUND = ErrorCode(
    "application.not_found",
    Words("Không có ứng dụng này.", "There is no such application."),
)
APPLICATION_READ_ONLY = ErrorCode(
    "application.read_only",
    Words(
        "Anh/Chị chỉ được xem, không được sửa ứng dụng này.",
        "You may look at this application, but not change it.",
    ),
    by_reason={
        "province_only": Sentence(
            Words(
                "Chỉ xem: ứng dụng dùng chung do quản trị viên cấp tỉnh quản lý.",
                "You may look only: shared applications are kept by the province.",
            ),
            advice=_BY_THE_PROVINCE,
        ),
        "built_in": Sentence(
            Words(
                "Đây là ứng dụng của chính hệ thống, được thiết lập khi cài đặt.",
                "This application belongs to the system itself and is set up by the installation.",
            ),
        ),
    },
)
APPLICATION_NO_CONNECTION = ErrorCode(
    "application.no_connection",
    Words(
        "Ứng dụng này không đăng nhập qua hệ thống nên không có địa chỉ và khóa bí mật.",
        "This application does not sign in here, so it has no addresses and no secret.",
    ),
)
APPLICATION_NOT_SIGNED_IN_TO = ErrorCode(
    "application.not_signed_in_to",
    operators=Words(
        "Không ai đăng nhập vào ứng dụng này bằng mã ủy quyền (authorization_code).",
        "People do not sign in to this application (authorization_code).",
    ),
)
APPLICATION_OPEN_ALREADY = ErrorCode(
    "application.open_already",
    Words(
        "Ứng dụng đã mở như vậy.",
        "The application is open in this way already.",
    ),
)
APPLICATION_OPEN_TO_WHOM = ErrorCode(
    "application.open_to_whom",
    Words(
        "Không có cơ quan mã {value}. Nhập mã cơ quan, mỗi dòng một mã.",
        "There is no agency {value}. Enter codes of agencies, one a line.",
    ),
)
APPLICATION_REASON = ErrorCode(
    "application.reason",
    Words("Hãy nhập lý do của việc này.", "Enter the reason for this."),
)

ERRORS = (
    APPLICATION_NOT_FOUND,
    APPLICATION_READ_ONLY,
    APPLICATION_NO_CONNECTION,
    APPLICATION_NOT_SIGNED_IN_TO,
    APPLICATION_OPEN_ALREADY,
    APPLICATION_OPEN_TO_WHOM,
    APPLICATION_REASON,
)
