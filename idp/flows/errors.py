"""Why a sign-in is not begun."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

FLOW_TOO_LARGE = ErrorCode(
    "flow.too_large",
    Words(
        "Ứng dụng gửi kèm yêu cầu đăng nhập nhiều dữ liệu hơn mức hệ thống nhận.",
        "The application sent more with the sign-in than this system accepts.",
    ),
    advice=Words(
        "Hãy mở lại ứng dụng và đăng nhập. Nếu vẫn gặp, vui lòng báo cho đơn vị quản lý ứng dụng.",
        "Open the application again and sign in. If it happens again, tell whoever runs the "
        "application.",
    ),
)

ERRORS = (FLOW_TOO_LARGE,)
