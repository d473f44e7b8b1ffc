"""What people are told of certificates that end."""

from __future__ import annotations

from directory.message_kinds import Letter, MessageKind, ShortText

CERTIFICATE_ENDING = MessageKind(
    "certificate_ending",
    ("lời nhắc chứng thư số sắp hết hạn", "a reminder of a certificate that ends"),
    vi=Letter(
        "Chứng thư số của Anh/Chị hết hạn ngày {until}",
        "Chứng thư số “{name}” ({issuer} cấp), gắn với tài khoản {username}, hết hạn ngày {until}. "
        "Từ đó không đăng nhập bằng chứng thư này được nữa.\n\n"
        "Xin đề nghị cơ quan gia hạn hoặc cấp chứng thư mới trước ngày đó, rồi gắn chứng thư mới "
        "ở trang Bảo mật.",
    ),
    en=Letter(
        "Your certificate ends on {until}",
        "The certificate “{name}” (of {issuer}), bound to the account {username}, ends on {until}. "
        "From then on it signs you in no more.\n\n"
        "Ask your agency to have it renewed, or for a new one, before that day, and bind the new "
        "one on the page Security.",
    ),
    sample={
        "name": "Trần Thị Bình",
        "issuer": "Chứng thư số chuyên dùng công vụ",
        "until": "31/12/2026",
    },
    sms=ShortText(
        "Danh Mục: chứng thư số của {username} hết hạn ngày {until}. Đề nghị cơ quan cấp mới.",
        "Danh Mục: the certificate of {username} ends on {until}. Ask your agency for a new one.",
    ),
)

CERTIFICATES_ENDING = MessageKind(
    "certificates_ending",
    ("danh sách chứng thư số sắp hết hạn", "a list of certificates that end"),
    vi=Letter(
        "Chứng thư số sắp hết hạn trong 30 ngày tới: {count}",
        "Chứng thư số của người trong cơ quan Anh/Chị sắp hết hạn:\n\n{certificates}\n\n"
        "Xin đề nghị cấp mới trước ngày đó. Danh sách đầy đủ ở trang Hôm nay của trang quản trị, "
        "mục Chứng thư số sắp hết hạn. Mỗi chứng thư được báo một lần.",
    ),
    en=Letter(
        "Certificates that end within 30 days: {count}",
        "These certificates of people of your agency end soon:\n\n{certificates}\n\n"
        "Ask for new ones before that day. The whole list is on the page Today of the console, "
        "under Certificates that end soon. You are told of each once.",
    ),
    sample={
        "count": "1",
        "certificates": (
            "  - Trần Thị Bình (Sở Tài chính): đến ngày 31/12/2026",
            "  - Trần Thị Bình (Sở Tài chính): until 31/12/2026",
        ),
    },
)

MESSAGES = (CERTIFICATE_ENDING, CERTIFICATES_ENDING)
