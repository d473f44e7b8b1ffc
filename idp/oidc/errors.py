"""What a person reads when an endpoint refuses; an application reads Authlib's classes, and the few
that it does not have (`oauth_errors`)."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

REQUEST_TOO_MANY = ErrorCode(
    "request.too_many",
    Words(
        "Mạng của Anh/Chị vừa gửi quá nhiều yêu cầu cùng lúc nên yêu cầu này chưa được xử lý.",
        "Very many requests came from your network at once, so this one was not answered.",
    ),
    advice=Words("Vui lòng đợi giây lát rồi thử lại.", "Please wait a moment and try again."),
)

TRIAL_TOO_LONG = ErrorCode(
    "trial.too_long",
    Words(
        "Yêu cầu đăng nhập này quá dài để thử.",
        "This request is too long to be tried.",
    ),
    advice=Words(
        "Hãy bỏ bớt tham số không cần, hoặc thử theo thông tin đã đăng ký.",
        "Leave out what it does not need, or try it as it is registered.",
    ),
)

ERRORS = (REQUEST_TOO_MANY, TRIAL_TOO_LONG)
