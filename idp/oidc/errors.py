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

ERRORS = (REQUEST_TOO_MANY,)
