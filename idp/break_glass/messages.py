"""What those who keep the province are told of it."""

from __future__ import annotations

from directory.message_kinds import Letter, MessageKind, ShortText

BREAK_GLASS_USED = MessageKind(
    "break_glass_used",
    ("cảnh báo tài khoản khẩn cấp được mở", "the alarm that a break-glass account was opened"),
    vi=Letter(
        "Cảnh báo: tài khoản khẩn cấp {account} vừa được mở",
        "Tài khoản khẩn cấp {account} đã đăng nhập lúc {at} từ địa chỉ {address}, với toàn quyền "
        "vận hành cấp tỉnh trong một giờ.\n\n"
        "Hãy hỏi ngay hai người giữ mã. Nếu không ai trong số họ mở, hãy buộc đăng xuất tài khoản "
        "này ở trang “Phiên đăng nhập” và khóa tài khoản. Dùng xong phải niêm phong lại.",
    ),
    en=Letter(
        "Alarm: the break-glass account {account} was opened",
        "The break-glass account {account} signed in at {at} from {address}, with every power of "
        "an operator of the province for an hour.\n\n"
        "Ask the two who keep its code at once. If neither has opened it, sign it out on the page "
        "“Sessions” and suspend it. After use it is to be sealed again.",
    ),
    sample={"account": "khan-cap", "at": 1_795_000_000_000, "address": "10.12.3.45"},
    sms=ShortText(
        "Danh Mục: tài khoản khẩn cấp {account} vừa được mở lúc {at}. Hãy hỏi ngay hai "
        "người giữ mã.",
        "Danh Mục: break-glass account {account} was opened at {at}. Ask the two who "
        "keep its code at once.",
        is_security=True,
    ),
)

MESSAGES = (BREAK_GLASS_USED,)
