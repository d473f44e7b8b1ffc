"""What is wrong with a file of declarations. Every sentence says the line it is about."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

DECLARED_SIZE = ErrorCode(
    "declared.size",
    operators=Words(
        "Tệp lớn hơn {most} MB. Hãy chia nhỏ tệp: phần không nêu trong tệp được giữ nguyên.",
        "The file is larger than {most} MB. Divide it: what a file does not name stays as it is.",
    ),
)
DECLARED_YAML = ErrorCode(
    "declared.yaml",
    operators=Words(
        "Dòng {line}: không đọc được YAML ({detail}). Thường là do thụt dòng bằng phím Tab hoặc "
        "thiếu dấu nháy quanh chữ có dấu hai chấm.",
        "Line {line}: this is no YAML ({detail}). Often a tab indents a line, or a text with a "
        "colon has no quotes.",
    ),
)
DECLARED_ALIAS = ErrorCode(
    "declared.alias",
    operators=Words(
        "Dòng {line}: tệp không được dùng neo và bí danh của YAML (&, *). Hãy ghi lại đầy đủ.",
        "Line {line}: anchors and aliases of YAML (&, *) are not taken. Write it out.",
    ),
)
DECLARED_DEEP = ErrorCode(
    "declared.deep",
    operators=Words(
        "Dòng {line}: lồng nhau quá sâu.",
        "Line {line}: nested too deeply.",
    ),
)
DECLARED_VERSION = ErrorCode(
    "declared.version",
    operators=Words(
        "Dòng {line}: tệp phải bắt đầu bằng “danhmuc: 1”. Xem mẫu: `danhmuc export`.",
        "Line {line}: the file must begin with “danhmuc: 1”. For an example: `danhmuc export`.",
    ),
)
DECLARED_SHAPE = ErrorCode(
    "declared.shape",
    operators=Words(
        "Dòng {line}: “{name}” phải là {wanted}.",
        "Line {line}: “{name}” must be {wanted}.",
    ),
)
DECLARED_FIELD = ErrorCode(
    "declared.field",
    operators=Words(
        "Dòng {line}: không có mục “{name}” ở đây. Các mục có thể dùng: {known}.",
        "Line {line}: there is no “{name}” here. What can be said: {known}.",
    ),
)
DECLARED_TWICE = ErrorCode(
    "declared.twice",
    operators=Words(
        "Dòng {line}: “{name}” đã được nêu ở dòng {first}.",
        "Line {line}: “{name}” stands in line {first} already.",
    ),
)
DECLARED_MISSING = ErrorCode(
    "declared.missing",
    operators=Words("Dòng {line}: còn thiếu mục “{name}”.", "Line {line}: “{name}” is missing."),
)
DECLARED_CHOICE = ErrorCode(
    "declared.choice",
    operators=Words(
        "Dòng {line}: “{name}” chỉ có thể là: {known}.",
        "Line {line}: “{name}” is one of: {known}.",
    ),
)
DECLARED_UNKNOWN = ErrorCode(
    "declared.unknown",
    operators=Words(
        "Dòng {line}: không có {what} “{value}”, cả trong hệ thống lẫn trong tệp này.",
        "Line {line}: there is no {what} “{value}”, neither here nor in this file.",
    ),
)
DECLARED_HOLDER = ErrorCode(
    "declared.holder",
    operators=Words(
        "Dòng {line}: hãy nêu đúng một trong các mục: person, post, position.",
        "Line {line}: name exactly one of person, post and position.",
    ),
)
DECLARED_POST = ErrorCode(
    "declared.post",
    operators=Words(
        "Dòng {line}: “{value}” có {count} vị trí công tác ở nơi đó; hãy nêu thêm title.",
        "Line {line}: “{value}” has {count} posts there; name its title too.",
    ),
)
DECLARED_STAYS = ErrorCode(
    "declared.stays",
    operators=Words(
        "Dòng {line}: {what} “{name}” không thể bỏ bằng tệp khai báo.",
        "Line {line}: the {what} “{name}” cannot be removed by a file.",
    ),
)
DECLARED_OURS = ErrorCode(
    "declared.ours",
    operators=Words(
        "Dòng {line}: “{name}” là của chính hệ thống, không khai báo bằng tệp.",
        "Line {line}: “{name}” is our own; the program says what it is, not a file.",
    ),
)
DECLARED_REASON = ErrorCode(
    "declared.reason",
    operators=Words(
        "Dòng {line}: hãy nêu lý do (reason).",
        "Line {line}: say the reason.",
    ),
)
DECLARED_CONNECTED = ErrorCode(
    "declared.connected",
    operators=Words(
        "Dòng {line}: ứng dụng có kết nối thì nêu “{name}” trong connection.",
        "Line {line}: of an application with a connection, “{name}” is said in the connection.",
    ),
)
DECLARED_UNCONNECTED = ErrorCode(
    "declared.unconnected",
    operators=Words(
        "Dòng {line}: ứng dụng “{name}” đăng ký không có kết nối; tệp không thêm được.",
        "Line {line}: the application “{name}” was registered without a connection; a file cannot "
        "add one.",
    ),
)
DECLARED_LDAP = ErrorCode(
    "declared.ldap",
    operators=Words(
        "Dòng {line}: ứng dụng “{name}” có tài khoản LDAP; tệp không bỏ được (absent: true ngừng "
        "ứng dụng).",
        "Line {line}: the application “{name}” has an LDAP account, which a file does not take "
        "away (absent: true disables the application).",
    ),
)
DECLARED_BEGINS = ErrorCode(
    "declared.begins",
    operators=Words(
        "Dòng {line}: tệp không cho kết nối “{name}” chạy lại. Hãy xem `danhmuc connector plan "
        "{name}`, rồi chạy `danhmuc connector resume {name}`.",
        "Line {line}: no file lets the connector “{name}” go on. Look at `danhmuc connector plan "
        "{name}`, then `danhmuc connector resume {name}`.",
    ),
)
DECLARED_POLICY = ErrorCode(
    "declared.policy",
    operators=Words(
        "Dòng {line}: hãy nêu đúng một trong hai mục: rule, network.",
        "Line {line}: name exactly one of rule and network.",
    ),
)
DECLARED_RULE = ErrorCode(
    "declared.rule",
    operators=Words(
        "Dòng {line}: không có quy định “{value}”. Hãy viết everybody, role:ỨNG-DỤNG:VAI-TRÒ, "
        "network:TÊN, network:outside hoặc device:ỨNG-DỤNG.",
        "Line {line}: “{value}” is no rule. Write everybody, role:APPLICATION:ROLE, "
        "network:NAME, network:outside or device:APPLICATION.",
    ),
)
DECLARED_REFUSED = ErrorCode(
    "declared.refused",
    operators=Words("Không được ở dòng {line}: {why}", "Refused in line {line}: {why}"),
)
DECLARED_STOPPED = ErrorCode(
    "declared.stopped",
    operators=Words(
        "Dòng {line}: {why} Đã dừng: trước đó đã thực hiện {done} mục; phần còn lại chưa thay đổi. "
        "Hãy sửa tệp rồi chạy lại.",
        "Line {line}: {why} Stopped: {done} things were done before; the rest is as it was. Mend "
        "the file and run it again.",
    ),
)

ERRORS = (
    DECLARED_SIZE,
    DECLARED_YAML,
    DECLARED_ALIAS,
    DECLARED_DEEP,
    DECLARED_VERSION,
    DECLARED_SHAPE,
    DECLARED_FIELD,
    DECLARED_TWICE,
    DECLARED_MISSING,
    DECLARED_CHOICE,
    DECLARED_UNKNOWN,
    DECLARED_HOLDER,
    DECLARED_POST,
    DECLARED_STAYS,
    DECLARED_OURS,
    DECLARED_REASON,
    DECLARED_CONNECTED,
    DECLARED_UNCONNECTED,
    DECLARED_LDAP,
    DECLARED_BEGINS,
    DECLARED_POLICY,
    DECLARED_RULE,
    DECLARED_REFUSED,
    DECLARED_STOPPED,
)
