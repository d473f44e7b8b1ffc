"""The link for whoever has forgotten the password."""

from __future__ import annotations

from directory.message_kinds import Letter, MessageKind
from idp.recovery.links import LIFE_MS

RECOVERY_LINK = MessageKind(
    "recovery_link",
    ("đường dẫn đặt lại mật khẩu", "a link to set a new password"),
    vi=Letter(
        "Đặt lại mật khẩu tài khoản của Anh/Chị",
        "Có người đề nghị đặt lại mật khẩu của tài khoản {username}. Nếu đó là Anh/Chị, hãy mở "
        "đường dẫn sau, trên máy hay trình duyệt nào cũng được, trước {until}:\n\n  {link}\n\n"
        "Nếu trang không tự điền mã, hãy gõ mã này vào trang đó: {code}\n\n"
        "Mã dùng được một lần. Không ai, kể cả quản trị viên, được hỏi Anh/Chị mã này; đừng đọc "
        "cho ai. Nếu Anh/Chị không đề nghị, xin bỏ qua thư này: mật khẩu vẫn như cũ.",
    ),
    en=Letter(
        "Set a new password for your account",
        "Somebody has asked to set a new password for the account {username}. If that was you, "
        "open this link, on whatever computer or browser, before {until}:\n\n  {link}\n\n"
        "Should the page not fill the code in, type it there: {code}\n\n"
        "It can be used once. Nobody, no administrator either, may ask you for this code; read it "
        "to nobody. If you have not asked, ignore this message: your password stays as it is.",
    ),
    sample={
        "until": 1_795_000_000_000,
        "link": "https://dang-nhap.binhduong.gov.vn/quen-mat-khau?buoc=link_code#7K3M-Q9ZD-2XWH-V5TA",
        "code": "7K3M-Q9ZD-2XWH-V5TA",
    },
    life_ms=LIFE_MS,
)

MESSAGES = (RECOVERY_LINK,)
