"""What people are told of where they sign in."""

from __future__ import annotations

import re

from directory.audit.kinds import Pair
from directory.message_kinds import Letter, MessageKind, ShortText

NEW_DEVICE = MessageKind(
    "new_device",
    ("thông báo đăng nhập trên thiết bị mới", "a notice of a sign-in on a new device"),
    vi=Letter(
        "Tài khoản của Anh/Chị vừa đăng nhập trên một thiết bị mới",
        "Tài khoản {username} đã đăng nhập lúc {at} trên một trình duyệt mà hệ thống chưa biết, "
        "hoặc không còn nhớ từ khi đổi mật khẩu:\n\n"
        "  Trình duyệt: {browser}\n  Địa chỉ mạng: {address}\n\n"
        "Nếu đó là Anh/Chị, không cần làm gì thêm. Nếu không phải, hãy đổi mật khẩu ngay và báo "
        "cho quản trị viên của cơ quan hoặc gọi số ở cuối thư.",
    ),
    en=Letter(
        "Your account was used on a new device",
        "The account {username} has signed in at {at} with a browser that is not known, or not "
        "remembered since the password was changed:\n\n"
        "  Browser: {browser}\n  Network address: {address}\n\n"
        "If that was you, there is nothing to do. If not, change your password at once and tell "
        "the administrator of your agency, or call the number below.",
    ),
    sample={
        "at": 1_795_000_000_000,
        "browser": ("Firefox trên Windows", "Firefox on Windows"),
        "address": "10.12.3.45",
    },
    sms=ShortText(
        "Danh Mục: tài khoản {username} vừa đăng nhập trên thiết bị mới lúc {at}. Nếu "
        "không phải Anh/Chị, gọi {phone}.",
        "Danh Mục: account {username} was used on a new device at {at}. If that was not "
        "you, call {phone}.",
        is_security=True,
    ),
)

MESSAGES = (NEW_DEVICE,)

# The first that is found counts: most browsers name others too.
_BROWSERS = (
    ("coc_coc_browser", "Cốc Cốc"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox|FxiOS", "Firefox"),
    ("Chrom|CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone|iPad", "iOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux|CrOS", "Linux"),
)


def browser_words(user_agent: str) -> Pair:
    """What a browser says of itself, as far as a person needs it; anybody may say anything."""
    browser = _first(_BROWSERS, user_agent)
    system = _first(_SYSTEMS, user_agent)
    if not browser:
        return ("không rõ", "not known")
    if not system:
        return (browser, browser)
    return (f"{browser} trên {system}", f"{browser} on {system}")


def _first(table: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for sign, name in table if re.search(sign, user_agent)), "")
