"""What people are told of their second factors: of all kinds alike."""

from __future__ import annotations

from sqlalchemy import Connection

from directory.clock import now_ms
from directory.installation import Installation
from directory.message_kinds import Letter, MessageKind, ShortText
from directory.messages.sending import send

AUTHENTICATOR = ("ứng dụng xác thực", "authenticator application")
PASSKEY = ("khóa truy cập", "passkey")
CERTIFICATE = ("chứng thư số", "certificate")
_AT = 1_795_000_000_000

_NOT_ME_VI = (
    "Nếu không phải Anh/Chị làm, hãy báo ngay cho quản trị viên của cơ quan hoặc gọi số ở cuối thư."
)
_NOT_ME_EN = (
    "If that was not you, tell the administrator of your agency at once, or call the number below."
)

FACTOR_ADDED = MessageKind(
    "factor_added",
    ("thông báo đã thêm cách xác thực", "a notice of a second factor that was added"),
    vi=Letter(
        "Tài khoản của Anh/Chị có thêm cách xác thực",
        "Tài khoản {username} vừa có thêm {what} “{factor}” lúc {at}. Từ nay có thể dùng cách này "
        "để đăng nhập.\n\nAnh/Chị xem mọi cách xác thực của mình ở trang Bảo mật. " + _NOT_ME_VI,
    ),
    en=Letter(
        "Your account has another second factor",
        "The account {username} has got another {what}, “{factor}”, at {at}. It can be used to "
        "sign in from now on.\n\nThe page Security shows all that you have. " + _NOT_ME_EN,
    ),
    sample={"what": PASSKEY, "factor": "Máy tính của tôi", "at": _AT},
    sms=ShortText(
        "Danh Mục: {username} vừa có thêm {what} lúc {at}. Nếu không phải Anh/Chị làm, "
        "gọi {phone}.",
        "Danh Mục: {username} has got another {what} at {at}. If that was not you, call {phone}.",
        is_security=True,
    ),
)

FACTOR_REMOVED = MessageKind(
    "factor_removed",
    ("thông báo đã xóa cách xác thực", "a notice of a second factor that was removed"),
    vi=Letter(
        "Tài khoản của Anh/Chị bớt một cách xác thực",
        "Tài khoản {username} vừa bị xóa {what} “{factor}” lúc {at}.\n\n" + _NOT_ME_VI,
    ),
    en=Letter(
        "A second factor of your account was removed",
        "The account {username} has lost the {what} “{factor}” at {at}.\n\n" + _NOT_ME_EN,
    ),
    sample={"what": AUTHENTICATOR, "factor": "Điện thoại của tôi", "at": _AT},
    sms=ShortText(
        "Danh Mục: {username} vừa bị xóa {what} lúc {at}. Nếu không phải Anh/Chị làm, gọi {phone}.",
        "Danh Mục: {username} has lost its {what} at {at}. If that was not you, call {phone}.",
        is_security=True,
    ),
)

FACTORS_TAKEN = MessageKind(
    "factors_taken",
    ("thông báo mọi cách xác thực đã bị gỡ", "a notice that all second factors were taken away"),
    vi=Letter(
        "Mọi cách xác thực của Anh/Chị đã được gỡ",
        "Mọi cách xác thực của tài khoản {username} đã được gỡ lúc {at}, để giúp Anh/Chị đăng nhập "
        "lại; mọi nơi đang đăng nhập đều đã thoát. Lần đăng nhập tới Anh/Chị thiết lập lại.\n\n"
        "Nếu Anh/Chị không nhờ việc này, hãy gọi ngay số ở cuối thư.",
    ),
    en=Letter(
        "All your second factors were taken away",
        "All second factors of the account {username} were taken away at {at}, to help you back "
        "in, and whoever was signed in is signed out. You set one up when you next sign in.\n\n"
        "If you did not ask for it, call the number below at once.",
    ),
    sample={"at": _AT},
    sms=ShortText(
        "Danh Mục: mọi cách xác thực của {username} đã được gỡ lúc {at}. Nếu Anh/Chị "
        "không nhờ, gọi {phone}.",
        "Danh Mục: all second factors of {username} were taken away at {at}. Not asked "
        "for? Call {phone}.",
        is_security=True,
    ),
)

RECOVERY_CODES_NEW = MessageKind(
    "recovery_codes_new",
    ("thông báo đã tạo mã khôi phục mới", "a notice of new recovery codes"),
    vi=Letter(
        "Tài khoản của Anh/Chị có mã khôi phục mới",
        "Mã khôi phục mới của tài khoản {username} được tạo lúc {at}; các mã cũ hết hiệu lực.\n\n"
        + _NOT_ME_VI,
    ),
    en=Letter(
        "Your account has new recovery codes",
        "New recovery codes of the account {username} were made at {at}; earlier ones count no "
        "more.\n\n" + _NOT_ME_EN,
    ),
    sample={"at": _AT},
    sms=ShortText(
        "Danh Mục: {username} có mã khôi phục mới lúc {at}, mã cũ hết hiệu lực. Nếu "
        "không phải Anh/Chị làm, gọi {phone}.",
        "Danh Mục: new recovery codes of {username} were made at {at}. If that was not "
        "you, call {phone}.",
        is_security=True,
    ),
)

PASSKEY_STOPPED = MessageKind(
    "passkey_stopped",
    ("thông báo một khóa truy cập bị ngừng", "a notice of a passkey that was stopped"),
    vi=Letter(
        "Một khóa truy cập của Anh/Chị đã bị ngừng",
        "Khóa truy cập “{factor}” của tài khoản {username} bị ngừng lúc {at}, vì có dấu hiệu khóa "
        "đã bị sao chép: số lần dùng mà khóa báo bị lùi lại.\n\nXin xóa khóa này ở trang Bảo mật, "
        "thêm khóa mới, và gọi số ở cuối thư nếu không phải chính Anh/Chị vừa dùng khóa.",
    ),
    en=Letter(
        "A passkey of yours was stopped",
        "The passkey “{factor}” of the account {username} was stopped at {at}, since there may be "
        "a copy of it: how often it says it was used went back.\n\nRemove it on the page Security, "
        "add another, and call the number below if it was not you who has just used it.",
    ),
    sample={"factor": "Máy tính của tôi", "at": _AT},
    sms=ShortText(
        "Danh Mục: một khóa truy cập của {username} bị ngừng lúc {at}, có thể đã bị sao "
        "chép. Gọi {phone}.",
        "Danh Mục: a passkey of {username} was stopped at {at}; there may be a copy of "
        "it. Call {phone}.",
        is_security=True,
    ),
)

MESSAGES = (FACTOR_ADDED, FACTOR_REMOVED, FACTORS_TAKEN, RECOVERY_CODES_NEW, PASSKEY_STOPPED)


def tell(
    tx: Connection,
    installation: Installation,
    kind: MessageKind,
    person_id: str,
    what: tuple[str, str],
    factor: str,
) -> None:
    """Tell a person what became of one of their second factors: of which sort (`what`, as above),
    and what it is called."""
    send(tx, installation, kind, person_id, what=what, factor=factor, at=now_ms())
