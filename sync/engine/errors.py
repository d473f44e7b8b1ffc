"""Why a connector cannot be made, found or run."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

CONNECTOR_UNKNOWN = ErrorCode(
    "connector.unknown",
    operators=Words("Không có kết nối nào tên {name}.", "There is no connector {name}."),
)
CONNECTOR_NAME_TAKEN = ErrorCode(
    "connector.name_taken",
    operators=Words(
        "Đã có kết nối tên {name}; dùng --replace để thay định nghĩa của nó.",
        "There is a connector {name} already; --replace puts another definition in its place.",
    ),
)
CONNECTOR_DEFINITION = ErrorCode(
    "connector.definition",
    operators=Words(
        "Định nghĩa sai ở dòng {line}, cột {column}: {says}.",
        "The definition is wrong in line {line}, column {column}: {says}.",
    ),
)
CONNECTOR_APPLICATION = ErrorCode(
    "connector.application",
    operators=Words(
        "Không có ứng dụng nào mang mã {name}.", "There is no application with the id {name}."
    ),
)
CONNECTOR_AGENCY = ErrorCode(
    "connector.agency",
    operators=Words("Không có cơ quan nào mang mã {name}.", "There is no agency {name}."),
)
CONNECTOR_ROLE = ErrorCode(
    "connector.role",
    operators=Words("Ứng dụng không có vai trò {name}.", "The application has no role {name}."),
)
CONNECTOR_NOT_RELEASED = ErrorCode(
    "connector.not_released",
    operators=Words(
        "Ứng dụng {application} chưa được cung cấp: {labels}. Hãy đề nghị trước: danhmuc client "
        "release {application} --add …",
        "The application {application} may not learn {labels} yet. Ask for it first: danhmuc "
        "client release {application} --add …",
    ),
)
CONNECTOR_PERSON = ErrorCode(
    "connector.person",
    operators=Words(
        "Kết nối {name} chưa từng phải lo tài khoản cho người này.",
        "The connector {name} never had anything to do for this person.",
    ),
)
CONNECTOR_ACCOUNT_UNKNOWN = ErrorCode(
    "connector.account_unknown",
    operators=Words(
        "Lần đối chiếu gần nhất không thấy tài khoản vô chủ {account}.",
        "The last reading found no account {account} that is nobody's.",
    ),
)
CONNECTOR_PERSON_HAS_ACCOUNT = ErrorCode(
    "connector.person_has_account",
    operators=Words(
        "Người này đã có tài khoản khác trong ứng dụng.",
        "This person has another account in the application.",
    ),
)
CONNECTOR_PERSON_NOT_WANTED = ErrorCode(
    "connector.person_not_wanted",
    operators=Words(
        "Người này không được vào ứng dụng, nên không nhận tài khoản nào.",
        "This person may not enter the application, and takes no account.",
    ),
)
CONNECTOR_NO_LIST = ErrorCode(
    "connector.no_list",
    operators=Words(
        "Ứng dụng của kết nối {name} không liệt kê được tài khoản, nên không đối chiếu được.",
        "The application of {name} cannot list its accounts: there is nothing to compare with.",
    ),
)
CONNECTOR_NOT_STUCK = ErrorCode(
    "connector.not_stuck",
    operators=Words(
        "Tài khoản của người này không bị vướng, nên không có gì để bỏ qua.",
        "The account of this person is not stuck: there is nothing to skip.",
    ),
)
CONNECTOR_REASON = ErrorCode(
    "connector.reason",
    operators=Words("Cần nêu lý do bỏ qua.", "Say why it is skipped."),
)
TARGET_UNREACHABLE = ErrorCode(
    "target.unreachable",
    operators=Words(
        "Ứng dụng nhận không trả lời: {why}.", "The application does not answer: {why}."
    ),
)

ERRORS = (
    CONNECTOR_UNKNOWN,
    CONNECTOR_NAME_TAKEN,
    CONNECTOR_DEFINITION,
    CONNECTOR_APPLICATION,
    CONNECTOR_AGENCY,
    CONNECTOR_ROLE,
    CONNECTOR_NOT_RELEASED,
    CONNECTOR_PERSON,
    CONNECTOR_ACCOUNT_UNKNOWN,
    CONNECTOR_PERSON_HAS_ACCOUNT,
    CONNECTOR_PERSON_NOT_WANTED,
    CONNECTOR_NO_LIST,
    CONNECTOR_NOT_STUCK,
    CONNECTOR_REASON,
    TARGET_UNREACHABLE,
)
