"""Why a sign-in does not go on here."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

SIGNIN_OTHER_BROWSER = ErrorCode(
    "signin.other_browser",
    Words(
        "Lần đăng nhập này được bắt đầu trên trình duyệt hoặc thiết bị khác.",
        "This sign-in was begun in another browser or on another device.",
    ),
    advice=Words(
        "Hãy mở ứng dụng trên trình duyệt này và đăng nhập tại đây.",
        "Open the application in this browser and sign in here.",
    ),
    title=Words(
        "Vui lòng bắt đầu lại trên trình duyệt này",
        "Please begin again in this browser",
    ),
)

JOURNEY_OTHER_BROWSER = ErrorCode(
    "journey.other_browser",
    Words(
        "Việc này được bắt đầu trên trình duyệt hoặc thiết bị khác.",
        "This was begun in another browser or on another device.",
    ),
    advice=Words(
        "Hãy làm tiếp ở đó, hoặc mở địa chỉ trên phiếu tại đây để bắt đầu lại.",
        "Go on there, or open the address on the slip here to begin again.",
    ),
    title=Words(
        "Vui lòng bắt đầu lại trên trình duyệt này",
        "Please begin again in this browser",
    ),
)

ERRORS = (SIGNIN_OTHER_BROWSER, JOURNEY_OTHER_BROWSER)
