"""What the front page does not have."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

APPLICATION_NO_LOGO = ErrorCode(
    "application.no_logo",
    Words("Ứng dụng này không có hình đại diện.", "This application has no picture."),
)

ERRORS = (APPLICATION_NO_LOGO,)
