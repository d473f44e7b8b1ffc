"""Errors of the endpoints: OAuth errors are Authlib's own classes, and the few it does not have;
what a person reads instead is declared as everywhere."""

from __future__ import annotations

from authlib.oauth2 import OAuth2Error

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


class InvalidTargetError(OAuth2Error):
    """A resource that may not be asked for (RFC 8707 section 2)."""

    error = "invalid_target"
