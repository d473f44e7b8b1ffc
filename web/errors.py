"""Why a request is not taken, whatever it asks for."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

CSRF_PAGE_TOO_OLD = ErrorCode(
    "csrf.page_too_old",
    Words(
        "Trang đã mở quá lâu nên chưa có gì được gửi đi.",
        "This page had been open for too long, so nothing was sent.",
    ),
    advice=Words(
        "Hãy mở lại trang và làm lại bước vừa rồi.",
        "Open the page again and repeat the last step.",
    ),
    title=Words("Vui lòng mở lại trang", "Please open the page again"),
)
CSRF_NO_COOKIE = ErrorCode(
    "csrf.no_cookie",
    Words(
        "Trình duyệt không lưu cookie mà trang này cần nên chưa có gì được gửi đi.",
        "The browser did not keep the cookie this page needs, so nothing was sent.",
    ),
    advice=Words(
        "Hãy cho phép cookie đối với địa chỉ này rồi mở lại trang.",
        "Allow cookies for this address, then open the page again.",
    ),
    title=Words("Vui lòng cho phép cookie", "Please allow cookies"),
)
CSRF_OTHER_SITE = ErrorCode(
    "csrf.other_site",
    Words(
        "Yêu cầu được gửi từ một trang web khác nên đã bị từ chối.",
        "The request came from another website, so it was refused.",
    ),
    advice=Words(
        "Nếu đó là thao tác của Anh/Chị, hãy mở trang tại đây và làm lại.",
        "Open the page here and repeat the step if it was yours.",
    ),
)

ERRORS = (CSRF_PAGE_TOO_OLD, CSRF_NO_COOKIE, CSRF_OTHER_SITE)
