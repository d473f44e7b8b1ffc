"""What people are told of their password, and of an account that they do not use."""

from __future__ import annotations

from directory.message_kinds import Letter, MessageKind, ShortText

_SAMPLE = {"at": 1_795_000_000_000}

PASSWORD_CHANGED = MessageKind(
    "password_changed",
    ("thông báo đã đổi mật khẩu", "a notice that the password was changed"),
    vi=Letter(
        "Mật khẩu của Anh/Chị vừa được đổi",
        "Mật khẩu của tài khoản {username} đã được đổi lúc {at}. Mọi nơi khác đang đăng nhập bằng "
        "tài khoản này đều đã thoát.\n\n"
        "Nếu chính Anh/Chị đã đổi, Anh/Chị không cần làm gì thêm. Nếu không phải, hãy báo ngay cho "
        "quản trị viên của cơ quan hoặc gọi số ở cuối thư để khóa tài khoản.",
    ),
    en=Letter(
        "Your password was changed",
        "The password of the account {username} was changed at {at}. Every other browser that was "
        "signed in with this account is signed out.\n\n"
        "If that was you, there is nothing more to do. If not, tell the administrator of your "
        "agency at once, or call the number below, to have the account locked.",
    ),
    sample=_SAMPLE,
    sms=ShortText(
        "Danh Mục: mật khẩu của {username} đã đổi lúc {at}. Nếu không phải Anh/Chị đổi, "
        "gọi {phone}.",
        "Danh Mục: the password of {username} was changed at {at}. If that was not you, "
        "call {phone}.",
        is_security=True,
    ),
)

PASSWORD_RESET = MessageKind(
    "password_reset",
    ("thông báo mật khẩu được người khác đặt lại", "a notice that the password was set by others"),
    vi=Letter(
        "Quản trị viên vừa đặt mật khẩu mới cho Anh/Chị",
        "Quản trị viên đã đặt mật khẩu mới cho tài khoản {username} lúc {at}. Mọi nơi đang đăng "
        "nhập bằng tài khoản này đều đã thoát.\n\n"
        "Nếu Anh/Chị không nhờ việc này, hãy báo ngay cho quản trị viên của cơ quan hoặc gọi số ở "
        "cuối thư.",
    ),
    en=Letter(
        "An administrator has set a new password for you",
        "An administrator has set a new password for the account {username} at {at}. Whoever was "
        "signed in with this account is signed out.\n\n"
        "If you did not ask for it, tell the administrator of your agency at once, or call the "
        "number below.",
    ),
    sample=_SAMPLE,
    sms=ShortText(
        "Danh Mục: quản trị viên đặt mật khẩu mới cho {username} lúc {at}. Nếu Anh/Chị "
        "không nhờ, gọi {phone}.",
        "Danh Mục: an administrator set a new password for {username} at {at}. Not asked "
        "for? Call {phone}.",
        is_security=True,
    ),
)

ACCOUNT_UNUSED = MessageKind(
    "account_unused",
    ("lời nhắc tài khoản không sử dụng", "a warning that the account is not used"),
    vi=Letter(
        "Tài khoản của Anh/Chị sẽ bị khóa vì không sử dụng",
        "Tài khoản {username} không đăng nhập từ ngày {since}. Nếu đến ngày {until} vẫn không đăng "
        "nhập, tài khoản sẽ bị khóa.\n\n"
        "Anh/Chị chỉ cần đăng nhập một lần trước ngày đó. Nếu không thể đăng nhập, xin báo quản "
        "trị viên của cơ quan. Tài khoản đã bị khóa thì quản trị viên mở lại được; không dữ liệu "
        "nào mất.",
    ),
    en=Letter(
        "Your account will be suspended because it is not used",
        "Nobody has signed in to the account {username} since {since}. If nobody does until "
        "{until}, it will be suspended.\n\n"
        "Signing in once before that day is enough. If you cannot, tell the administrator of your "
        "agency. An administrator can resume a suspended account; nothing in it is lost.",
    ),
    sample={"since": "01/11/2026", "until": "16/12/2026"},
    sms=ShortText(
        "Danh Mục: {username} không đăng nhập từ {since}, sẽ bị khóa ngày {until}. Hãy đăng nhập "
        "một lần trước ngày đó.",
        "Danh Mục: {username} not used since {since}, suspended on {until} unless somebody signs "
        "in before.",
    ),
)

ACCOUNTS_UNUSED = MessageKind(
    "accounts_unused",
    ("danh sách tài khoản không sử dụng", "a list of accounts that are not used"),
    vi=Letter(
        "Tài khoản sắp bị khóa vì không sử dụng: {count}",
        "Có {count} tài khoản trong phạm vi của Anh/Chị lâu không đăng nhập và sẽ bị khóa sau hai "
        "lần nhắc nếu vẫn không đăng nhập:\n\n{people}\n\n"
        "Ai đã nghỉ thì cho thôi sử dụng. Ai còn làm việc thì xin nhắc họ đăng nhập một lần. "
        "Thư này được gửi mỗi tuần một lần.",
    ),
    en=Letter(
        "Accounts about to be suspended because they are not used: {count}",
        "Nobody has signed in for long to {count} accounts in your scope, which will be suspended "
        "after two warnings if nobody does:\n\n{people}\n\n"
        "Retire whoever has left. Ask whoever works on to sign in once. This message comes once a "
        "week.",
    ),
    sample={
        "count": "1",
        "people": (
            "  - Trần Thị Bình (binh.tt): từ ngày 01/11/2026",
            "  - Trần Thị Bình (binh.tt): since 01/11/2026",
        ),
    },
)

MESSAGES = (PASSWORD_CHANGED, PASSWORD_RESET, ACCOUNT_UNUSED, ACCOUNTS_UNUSED)
