"""What people and those who look after them are told of a leaked password."""

from __future__ import annotations

from directory.message_kinds import Letter, MessageKind, ShortText

_AT = 1_795_000_000_000

PASSWORD_LEAKED = MessageKind(
    "password_leaked",
    ("thông báo mật khẩu bị lộ", "a notice that the password was leaked"),
    vi=Letter(
        "Mật khẩu của Anh/Chị đã bị lộ",
        "Mật khẩu đang dùng của tài khoản {username} nằm trong một danh sách mật khẩu bị lộ. Lúc "
        "{at} mọi nơi đang đăng nhập bằng tài khoản này đã thoát.\n\n"
        "Lần đăng nhập tới hệ thống sẽ yêu cầu đặt mật khẩu mới. Nếu Anh/Chị dùng mật khẩu này ở "
        "nơi khác, hãy đổi cả ở đó.",
    ),
    en=Letter(
        "Your password was leaked",
        "The present password of the account {username} stands on a list of leaked passwords. At "
        "{at} everything that was signed in with this account was signed out.\n\n"
        "The next sign-in asks for a new password. If you use this password elsewhere, change it "
        "there as well.",
    ),
    sample={"at": _AT},
    sms=ShortText(
        "Danh Mục: mật khẩu của {username} đã bị lộ. Lần đăng nhập tới phải đặt mật khẩu "
        "mới. Hỏi: {phone}.",
        "Danh Mục: the password of {username} was leaked. The next sign-in asks for a "
        "new one. Help: {phone}.",
        is_security=True,
    ),
)

LEAKED_OF_OTHERS = MessageKind(
    "password_leaked_of_others",
    ("thông báo mật khẩu bị lộ của người khác", "a notice that somebody's password was leaked"),
    vi=Letter(
        "Mật khẩu của {login} đã bị lộ",
        "Mật khẩu đang dùng của tài khoản {login} nằm trong một danh sách mật khẩu bị lộ. Lúc {at} "
        "mọi nơi đang đăng nhập bằng tài khoản này đã thoát; lần đăng nhập tới phải đặt mật khẩu "
        "mới.\n\n"
        "Người có danh sách cũng có thể làm việc đó trước. Nếu tài khoản chưa có lớp xác thực thứ "
        "hai, hãy gặp người này và cấp phiếu.",
    ),
    en=Letter(
        "The password of {login} was leaked",
        "The present password of the account {login} stands on a list of leaked passwords. At {at} "
        "everything that was signed in with this account was signed out; the next sign-in asks for "
        "a new password.\n\n"
        "Whoever has the list could do that first. If the account has no second factor, see the "
        "person and give them a slip.",
    ),
    sample={"login": "nguyen.an", "at": _AT},
)

MESSAGES = (PASSWORD_LEAKED, LEAKED_OF_OTHERS)
