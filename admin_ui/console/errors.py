"""Why the console stays closed to somebody."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

_SIGN_IN_AGAIN = Words("Vui lòng đăng nhập lại.", "Please sign in again.")

CONSOLE_NO_PERMISSION = ErrorCode(
    "console.no_permission",
    Words(
        "Vai trò quản trị của Anh/Chị không gồm trang này.",
        "Your role in the administration does not include this page.",
    ),
    advice=Words(
        "Nếu cần cho công việc, hãy đề nghị người đã cấp vai trò quản trị cho Anh/Chị.",
        "If you need it for your work, ask the administrator who gave you your role.",
    ),
)
CONSOLE_VIEWING = ErrorCode(
    "console.viewing",
    Words(
        "Anh/Chị đang xem như một vai trò khác nên không thay đổi được gì.",
        "You are looking as another job sees it, so nothing can be changed.",
    ),
    advice=Words(
        "Bấm “Thôi xem” ở đầu trang để trở lại vai trò của mình.",
        "Press “Stop looking” at the head of the page to be yourself again.",
    ),
)
CONSOLE_JOB = ErrorCode(
    "console.job", Words("Hãy chọn vai trò trong danh sách.", "Choose the job in the list.")
)
CONSOLE_PLACE = ErrorCode("console.place", Words("Hãy chọn nơi để xem.", "Choose where to look."))
CONSOLE_SIGN_IN_FAILED = ErrorCode(
    "console.sign_in_failed",
    Words(
        "Chưa hoàn tất được việc đăng nhập.",
        "The sign-in could not be completed.",
    ),
    advice=_SIGN_IN_AGAIN,
)
CONSOLE_SIGN_IN_STALE = ErrorCode(
    "console.sign_in_stale",
    Words(
        "Lần đăng nhập này đã bắt đầu quá lâu hoặc ở một trình duyệt khác.",
        "This sign-in was begun too long ago or in another browser.",
    ),
    advice=_SIGN_IN_AGAIN,
)
CONSOLE_SIGN_IN_REFUSED = ErrorCode(
    "console.sign_in_refused",
    Words(
        "Việc đăng nhập không được chấp nhận nên trang quản trị chưa mở.",
        "The sign-in was not granted, so the administration stays closed.",
    ),
    advice=Words(
        "Nếu Anh/Chị phụ trách người dùng của một đơn vị, hãy đề nghị được cấp vai trò quản trị.",
        "If you look after the people of an agency, ask for a role in the administration.",
    ),
)
CONSOLE_SIGN_IN_DOWN = ErrorCode(
    "console.sign_in_down",
    Words(
        "Hệ thống đăng nhập hiện chưa trả lời.",
        "The sign-in does not answer at the moment.",
    ),
    advice=Words("Vui lòng đợi giây lát rồi thử lại.", "Please wait a moment and try again."),
)
CONSOLE_NO_SECRET = ErrorCode(
    "console.no_secret",
    Words(
        "Trang quản trị chưa được cài đặt đầy đủ.",
        "The administration is not set up completely.",
    ),
    advice=Words(
        "Vui lòng báo cho đơn vị vận hành kèm mã hỗ trợ dưới đây.",
        "Please tell the operating unit, with the support code below.",
    ),
)
CONSOLE_LOGOUT_TOKEN_REFUSED = ErrorCode(
    "console.logout_token_refused",
    Words(
        "Thông báo đăng xuất gửi đến trang quản trị không hợp lệ nên không phiên nào bị kết thúc.",
        "The logout token sent to the administration is not valid, so no session was ended.",
    ),
)

ERRORS = (
    CONSOLE_NO_PERMISSION,
    CONSOLE_VIEWING,
    CONSOLE_JOB,
    CONSOLE_PLACE,
    CONSOLE_SIGN_IN_FAILED,
    CONSOLE_SIGN_IN_STALE,
    CONSOLE_SIGN_IN_REFUSED,
    CONSOLE_SIGN_IN_DOWN,
    CONSOLE_NO_SECRET,
    CONSOLE_LOGOUT_TOKEN_REFUSED,
)
