"""What security officers are told of guessing."""

from __future__ import annotations

from directory.message_kinds import Letter, MessageKind, ShortText
from idp.spray.signs import SIGNS

SPRAY_ALARM = MessageKind(
    "spray_alarm",
    ("cảnh báo dò mật khẩu", "the alarm that passwords are being guessed"),
    vi=Letter(
        "Cảnh báo: có dấu hiệu dò mật khẩu",
        "Từ {at} có dấu hiệu dò mật khẩu: {sign}. Số tên đăng nhập bị thử sai trong 15 phút: "
        "{names}. Địa chỉ mạng: {network}.\n\n"
        "Các tài khoản bị thử nhiều lần đã tự tạm dừng ở trình duyệt lạ; người dùng trên thiết bị "
        "quen không bị ảnh hưởng. Hãy xem mục “Hôm nay” và nhật ký, và chặn địa chỉ ở tường lửa "
        "nếu cần.",
    ),
    en=Letter(
        "Alarm: passwords are being guessed",
        "Since {at} somebody seems to be guessing passwords: {sign}. Names tried wrong within 15 "
        "minutes: {names}. Network address: {network}.\n\n"
        "Accounts that were tried often are paused in new browsers by themselves; people on known "
        "devices are not touched. See “Today” and the audit log, and block the address at the "
        "firewall where that helps.",
    ),
    sample={
        "at": 1_795_000_000_000,
        "sign": SIGNS["password"],
        "names": 37,
        "network": "10.12.3.45",
    },
    sms=ShortText(
        "Danh Mục: từ {at} có dấu hiệu dò mật khẩu, {names} tên bị thử sai. Xem mục Hôm nay.",
        "Danh Mục: since {at} somebody seems to be guessing passwords, {names} names. See Today.",
        is_security=True,
    ),
)

MESSAGES = (SPRAY_ALARM,)
