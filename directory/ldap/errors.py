"""What the LDAP server answers, and why it is not there."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

_NOT_DONE = Words(
    "Danh mục người dùng không thực hiện được yêu cầu này.",
    "The user catalogue could not do what was asked.",
)
_TELL = Words(
    "Vui lòng báo cho đơn vị vận hành kèm mã hỗ trợ dưới đây.",
    "Please tell the operating unit, with the support code below.",
)

LDAP_UNAVAILABLE = ErrorCode(
    "ldap.unavailable",
    Words(
        "Danh mục người dùng hiện chưa trả lời.",
        "The user catalogue does not answer at the moment.",
    ),
    advice=Words("Vui lòng đợi giây lát rồi thử lại.", "Please wait a moment and try again."),
    operators=Words(
        "Danh mục (LDAP) không trả lời. Hãy khởi động Danh Mục bằng ./deploy/run hoặc chạy "
        "`danhmuc doctor`.",
        "The catalogue (LDAP) does not answer. Start Danh Mục with ./deploy/run, "
        "or run `danhmuc doctor`.",
    ),
    in_log=Words("danh mục không trả lời", "the catalogue did not answer"),
)
LDAP_VALUE_TAKEN = ErrorCode(
    "ldap.value_taken",
    Words(
        "Giá trị này đã được dùng cho một hồ sơ khác.",
        "This value is already used by another entry.",
    ),
    operators=Words(
        "Một giá trị của bản ghi này đã thuộc về bản ghi khác.",
        "A value of this entry belongs to another entry already.",
    ),
    in_log=Words("giá trị đã có người dùng", "the value is taken"),
)
LDAP_TOO_MANY_ENTRIES = ErrorCode(
    "ldap.too_many_entries",
    _NOT_DONE,
    advice=_TELL,
    operators=Words(
        "Danh mục (LDAP) trả về không đủ bản ghi: hãy xem các giới hạn của máy chủ LDAP.",
        "The catalogue (LDAP) gives too few entries: look at its limits.",
    ),
    in_log=Words("có quá nhiều bản ghi", "there are too many entries"),
)
LDAP_REFUSED = ErrorCode(
    "ldap.refused",
    _NOT_DONE,
    advice=_TELL,
    operators=Words(
        "Danh mục (LDAP) từ chối. Hãy chạy `danhmuc doctor` để kiểm tra.",
        "The catalogue (LDAP) refused. `danhmuc doctor` looks at it.",
    ),
    in_log=Words("máy chủ LDAP từ chối", "the LDAP server refused"),
)
LDAP_FORBIDDEN = ErrorCode(
    "ldap.forbidden",
    operators=Words(
        "Danh mục (LDAP) không cho tài khoản của hệ thống làm việc này. `danhmuc init` cấp cho "
        "các tài khoản quyền của phiên bản này.",
        "The catalogue (LDAP) does not let our account do this. `danhmuc init` gives its accounts "
        "the rights of this version.",
    ),
    in_log=Words("máy chủ LDAP không cho phép", "the LDAP server did not allow it"),
)
LDAP_NO_SUCH_VALUE = ErrorCode(
    "ldap.no_such_value",
    operators=Words(
        "Danh mục không còn giá trị đó. Hãy xem lại bản ghi.",
        "The catalogue no longer holds that value. Look at the entry again.",
    ),
    in_log=Words("giá trị cũ không còn", "the old value is gone"),
)
LDAP_VALUE_EXISTS = ErrorCode(
    "ldap.value_exists",
    operators=Words(
        "Danh mục đã có giá trị đó. Hãy xem lại bản ghi.",
        "The catalogue holds that value already. Look at the entry again.",
    ),
    in_log=Words("giá trị đã có", "the value is there already"),
)
LDAP_NO_SUCH_ENTRY = ErrorCode(
    "ldap.no_such_entry",
    operators=Words(
        "Danh mục không còn bản ghi này.",
        "The catalogue has no such entry any more.",
    ),
    in_log=Words("bản ghi không còn", "the entry is gone"),
)
LDAP_ALREADY_EXISTS = ErrorCode(
    "ldap.already_exists",
    operators=Words(
        "Danh mục đã có bản ghi này.",
        "The catalogue has that entry already.",
    ),
    in_log=Words("bản ghi đã có", "the entry is there already"),
)
LDAP_ASSERTION_FAILED = ErrorCode(
    "ldap.assertion_failed",
    operators=Words(
        "Người khác vừa thay đổi bản ghi này. Hãy xem lại.",
        "Somebody else changed the entry meanwhile. Look at it again.",
    ),
    in_log=Words(
        "dữ liệu đã được người khác thay đổi",
        "somebody else changed it meanwhile",
    ),
)
LDAP_CONSTRAINT = ErrorCode(
    "ldap.constraint",
    Words(
        "Danh mục không nhận một trong các giá trị đã nhập.",
        "The catalogue does not accept one of the values entered.",
    ),
    advice=Words(
        "Hãy kiểm tra lại thông tin đã nhập rồi thử lại.",
        "Check what you entered and try again.",
    ),
    operators=Words(
        "Danh mục không nhận một giá trị của bản ghi này.",
        "The catalogue does not accept a value of this entry.",
    ),
    in_log=Words("máy chủ LDAP không nhận giá trị này", "the LDAP server refused a value"),
)
LDAP_NO_PASSWORD = ErrorCode(
    "ldap.no_password",
    operators=Words(
        "Thiếu mật khẩu của tài khoản LDAP “{account}” trong secrets/. Hãy khôi phục từ bản sao "
        "lưu; nếu slapd là của hệ thống, `danhmuc init` sẽ tạo mật khẩu mới.",
        "The password of our LDAP account “{account}” is missing in secrets/. Restore it from a "
        "backup; where slapd is ours, `danhmuc init` makes a new one.",
    ),
)
LDAP_NO_SLAPD = ErrorCode(
    "ldap.no_slapd",
    operators=Words(
        "Máy này chưa có slapd: chạy apt-get install slapd rồi thử lại.",
        "There is no slapd on this machine: apt-get install slapd, then try again.",
    ),
)
LDAP_CANNOT_BUILD = ErrorCode(
    "ldap.cannot_build",
    operators=Words(
        "Không lập được danh mục của slapd: {why}",
        "slapd's catalogue cannot be made: {why}",
    ),
)
LDAP_RUNNING = ErrorCode(
    "ldap.running",
    operators=Words(
        "slapd của danh mục vẫn đang chạy. Hãy dừng Danh Mục trước.",
        "The catalogue's own slapd still runs. Stop Danh Mục first.",
    ),
)
LDAP_UNSAFE_SOCKET_FOLDER = ErrorCode(
    "ldap.unsafe_socket_folder",
    operators=Words(
        "{folder} phải là thư mục của chính người chạy chương trình, quyền 0700: socket của slapd "
        "nằm ở đó. Hãy xóa thư mục nếu không ai dùng, hoặc đặt XDG_RUNTIME_DIR trỏ đến thư "
        "mục của mình.",
        "{folder} must be a folder of this user with mode 0700: slapd's socket lies there. Remove "
        "it if it is nobody's, or set XDG_RUNTIME_DIR to a folder of yours.",
    ),
)
SIGNIN_BUSY = ErrorCode(
    "signin.busy",
    Words(
        "Hiện có rất nhiều người cùng đăng nhập.",
        "Very many people are signing in at the moment.",
    ),
    advice=Words("Vui lòng đợi giây lát rồi thử lại.", "Please wait a moment and try again."),
    in_log=Words("quá nhiều người đăng nhập cùng lúc", "too many signed in at once"),
)

ERRORS = (
    LDAP_UNAVAILABLE,
    LDAP_VALUE_TAKEN,
    LDAP_TOO_MANY_ENTRIES,
    LDAP_REFUSED,
    LDAP_FORBIDDEN,
    LDAP_NO_SUCH_VALUE,
    LDAP_VALUE_EXISTS,
    LDAP_NO_SUCH_ENTRY,
    LDAP_ALREADY_EXISTS,
    LDAP_ASSERTION_FAILED,
    LDAP_CONSTRAINT,
    LDAP_NO_PASSWORD,
    LDAP_NO_SLAPD,
    LDAP_CANNOT_BUILD,
    LDAP_RUNNING,
    LDAP_UNSAFE_SOCKET_FOLDER,
    SIGNIN_BUSY,
)
