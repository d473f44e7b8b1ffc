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
        "removed": Sentence(
            Words(
                "Ứng dụng đã bị xóa hẳn; ở đây chỉ còn tên và lịch sử của ứng dụng.",
                "The application was removed for good; its name and history are all that is left.",
            ),
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

APPLICATION_NOT_DISABLED_YET = ErrorCode(
    "application.not_disabled_yet",
    Words(
        "Chỉ xóa hẳn được ứng dụng đã ngừng được {days} ngày. Hãy ngừng ứng dụng trước.",
        "Only an application that was disabled {days} days ago can be removed for good. Disable it "
        "first.",
    ),
    operators=Words(
        "chỉ xóa được ứng dụng đã ngừng được {days} ngày: danhmuc client disable {client_id} "
        "--reason …",
        "only an application that was disabled {days} days ago can be removed: "
        "danhmuc client disable {client_id} --reason …",
    ),
)
APPLICATION_DISABLED_LATELY = ErrorCode(
    "application.disabled_lately",
    Words(
        "Ứng dụng mới ngừng chưa đủ {days} ngày; từ ngày {ready_on} mới xóa hẳn được.",
        "The application was disabled less than {days} days ago; it can be removed for good from "
        "{ready_on} on.",
    ),
)
APPLICATION_FED = ErrorCode(
    "application.fed",
    Words(
        "Kết nối đồng bộ {names} còn chạy cho ứng dụng này. Hãy tạm dừng hoặc gỡ kết nối trước.",
        "The connectors {names} still work for this application. Pause or remove them first.",
    ),
    operators=Words(
        "kết nối đồng bộ {names} còn chạy cho ứng dụng này; hãy dừng hoặc gỡ trước: "
        "danhmuc connector pause TÊN, danhmuc connector remove TÊN",
        "the connectors {names} still work for this application; pause or remove them first: "
        "danhmuc connector pause NAME, danhmuc connector remove NAME",
    ),
)
APPLICATION_STANDS_FOR = ErrorCode(
    "application.stands_for",
    Words(
        "Ứng dụng còn đại diện cho {uris}, mà ứng dụng khác xin mã truy cập tới. Đơn vị vận hành "
        "của tỉnh gỡ các địa chỉ này trước.",
        "The application still stands for {uris}, which others ask tokens for. The operating unit "
        "of the province removes these first.",
    ),
    operators=Words(
        "ứng dụng còn đại diện cho {uris}; hãy gỡ trước: danhmuc resource remove ĐỊA-CHỈ",
        "the application stands for {uris}; remove them first: danhmuc resource remove URI",
    ),
)
APPLICATION_NAME_TYPED = ErrorCode(
    "application.name_typed",
    Words(
        "Hãy gõ đúng tên ứng dụng: {name}",
        "Type the name of the application exactly: {name}",
    ),
)

ERRORS = (
    APPLICATION_NOT_FOUND,
    APPLICATION_READ_ONLY,
    APPLICATION_NO_CONNECTION,
    APPLICATION_NOT_SIGNED_IN_TO,
    APPLICATION_OPEN_ALREADY,
    APPLICATION_OPEN_TO_WHOM,
    APPLICATION_REASON,
    APPLICATION_NOT_DISABLED_YET,
    APPLICATION_DISABLED_LATELY,
    APPLICATION_FED,
    APPLICATION_STANDS_FOR,
    APPLICATION_NAME_TYPED,
)
