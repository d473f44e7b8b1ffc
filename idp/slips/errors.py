"""Why no slip is given."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

SLIP_STANDING = ErrorCode(
    "slip.standing",
    Words(
        "Không cấp phiếu cho người {status}.",
        "Nobody gets a slip whose account is {status}.",
    ),
    advice=Words(
        "Hãy mở khóa tài khoản trước, rồi cấp phiếu.",
        "Resume the account first, then give the slip.",
    ),
)
SLIP_REASON = ErrorCode(
    "slip.reason",
    Words(
        "Hãy ghi đã xác minh người nhận phiếu như thế nào.",
        "Say how it was made sure who gets the slip.",
    ),
)
SLIP_TWO_PERSONS = ErrorCode(
    "slip.two_persons",
    Words(
        "Đây là tài khoản đặc quyền: phiếu chỉ được cấp sau khi một người thứ hai đồng ý.",
        "This is a privileged account: a second person has to agree to its slip.",
    ),
    advice=Words(
        "Hãy gửi yêu cầu; khi được phê duyệt, mở lại trang này để in phiếu.",
        "Send the request; once it is approved, open this page again to print the slip.",
    ),
)

ERRORS = (SLIP_STANDING, SLIP_REASON, SLIP_TWO_PERSONS)
