"""Why a connector cannot be made, found or run."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

CONNECTOR_UNKNOWN = ErrorCode(
    "connector.unknown",
    operators=Words("Không có kết nối nào tên {name}.", "There is no connector {name}."),
)
CONNECTOR_READ_ONLY = ErrorCode(
    "connector.read_only",
    Words(
        "Anh/Chị chỉ xem được kết nối này.",
        "You may only look at this connector.",
    ),
    advice=Words(
        "Kết nối của ứng dụng dùng chung do quản trị viên cấp tỉnh phụ trách; của ứng dụng nội bộ "
        "do quản trị viên của đơn vị chủ quản.",
        "The administrators of the province look after connectors of shared applications; the "
        "administrators of the owner after those of internal ones.",
    ),
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
    Words(
        "Định nghĩa chưa đúng ở dòng {line}: {says}.",
        "The definition is wrong in line {line}: {says}.",
    ),
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
    Words("Không có cơ quan nào mang mã {name}.", "There is no agency {name}."),
    operators=Words("Không có cơ quan nào mang mã {name}.", "There is no agency {name}."),
)
CONNECTOR_ROLE = ErrorCode(
    "connector.role",
    Words("Ứng dụng không có vai trò {name}.", "The application has no role {name}."),
    operators=Words("Ứng dụng không có vai trò {name}.", "The application has no role {name}."),
)
CONNECTOR_NOT_RELEASED = ErrorCode(
    "connector.not_released",
    Words(
        "Ứng dụng chưa được cung cấp: {labels}.",
        "The application may not learn {labels} yet.",
    ),
    advice=Words(
        "Hãy đề nghị trước, ở trang của ứng dụng, mục “Dữ liệu được biết”.",
        "Ask for it first, on the page of the application, under “Data it learns”.",
    ),
    operators=Words(
        "Ứng dụng {application} chưa được cung cấp: {labels}. Hãy đề nghị trước: danhmuc client "
        "release {application} --add …",
        "The application {application} may not learn {labels} yet. Ask for it first: danhmuc "
        "client release {application} --add …",
    ),
)
CONNECTOR_TOKEN_ANEW = ErrorCode(
    "connector.token_anew",
    Words(
        "Địa chỉ mới ở máy chủ khác ({host}), nên phải nhập lại mã truy cập.",
        "The new address is on another host ({host}), so the token has to be entered anew.",
    ),
    operators=Words(
        "Địa chỉ mới ở máy chủ khác ({host}): hãy nhập lại mã truy cập bằng --token-stdin.",
        "The new address is on another host ({host}): enter the token anew with --token-stdin.",
    ),
)
CONNECTOR_CHANGED_MEANWHILE = ErrorCode(
    "connector.changed_meanwhile",
    Words(
        "Người khác vừa đổi định nghĩa của kết nối này.",
        "Somebody else changed the definition of this connector meanwhile.",
    ),
)
CONNECTOR_EXPRESSION = ErrorCode(
    "connector.expression",
    Words(
        "{field}: {says} (ở ký tự thứ {at}).",
        "{field}: {says} (at character {at}).",
    ),
)
CONNECTOR_LOGIN_MISSING = ErrorCode(
    "connector.login_missing",
    Words(
        "Ứng dụng nào cũng cần tên đăng nhập (userName).",
        "Every application needs a user name (userName).",
    ),
)
CONNECTOR_ADDRESS = ErrorCode(
    "connector.address",
    Words(
        "Hãy nhập địa chỉ bắt đầu bằng https://, không có phần sau dấu ?.",
        "Enter an address that begins with https:// and has nothing after a ?.",
    ),
)
CONNECTOR_NUMBER = ErrorCode(
    "connector.number",
    Words("Hãy nhập một số từ {least} đến {most}.", "Enter a number from {least} to {most}."),
)
CONNECTOR_NOT_STOPPED = ErrorCode(
    "connector.not_stopped",
    Words(
        "Kết nối này không còn tự dừng, nên không có gì phải phê duyệt.",
        "This connector is not stopped any more, so there is nothing to approve.",
    ),
)
CONNECTOR_MORE_LOSSES = ErrorCode(
    "connector.more_losses",
    Words(
        "Bây giờ {losses} tài khoản sẽ bị khóa, nhiều hơn {approved} đã đề nghị.",
        "By now {losses} accounts would be disabled, more than the {approved} that were asked for.",
    ),
    advice=Words(
        "Hãy xem lại danh sách rồi gửi yêu cầu mới.",
        "Look at the list again, and ask anew.",
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
CONNECTOR_RUN_UNKNOWN = ErrorCode(
    "connector.run_unknown",
    operators=Words(
        "Kết nối {name} không có lần chạy này.", "The connector {name} has no such run."
    ),
)
CONNECTOR_PAIR_REFUSED = ErrorCode(
    "connector.pair_refused",
    operators=Words(
        "Đã có người nói tài khoản này không phải của người này; hãy rút lại lời đó trước "
        "(--take-back).",
        "Somebody said that this account is not this person's; take that back first (--take-back).",
    ),
)
CONNECTOR_REFUSAL_REASON = ErrorCode(
    "connector.refusal_reason",
    Words("Hãy nêu lý do.", "Say why you are doing it."),
    operators=Words(
        "Cần nêu lý do vì sao không phải (--reason).", "Say why it is not theirs (--reason)."
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
    CONNECTOR_READ_ONLY,
    CONNECTOR_NAME_TAKEN,
    CONNECTOR_DEFINITION,
    CONNECTOR_APPLICATION,
    CONNECTOR_AGENCY,
    CONNECTOR_ROLE,
    CONNECTOR_NOT_RELEASED,
    CONNECTOR_TOKEN_ANEW,
    CONNECTOR_CHANGED_MEANWHILE,
    CONNECTOR_EXPRESSION,
    CONNECTOR_LOGIN_MISSING,
    CONNECTOR_ADDRESS,
    CONNECTOR_NUMBER,
    CONNECTOR_NOT_STOPPED,
    CONNECTOR_MORE_LOSSES,
    CONNECTOR_PERSON,
    CONNECTOR_ACCOUNT_UNKNOWN,
    CONNECTOR_PERSON_HAS_ACCOUNT,
    CONNECTOR_PERSON_NOT_WANTED,
    CONNECTOR_RUN_UNKNOWN,
    CONNECTOR_PAIR_REFUSED,
    CONNECTOR_REFUSAL_REASON,
    CONNECTOR_NO_LIST,
    CONNECTOR_NOT_STUCK,
    CONNECTOR_REASON,
    TARGET_UNREACHABLE,
)
