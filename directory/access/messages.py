"""What people are told of roles that end."""

from __future__ import annotations

from directory.message_kinds import Letter, MessageKind, ShortText

ROLES_ENDING = MessageKind(
    "roles_ending",
    ("lời nhắc vai trò sắp hết hạn", "a reminder of roles that end"),
    vi=Letter(
        "Vai trò của Anh/Chị sắp hết hạn: {count}",
        "Tài khoản {username} có vai trò sắp hết hạn:\n\n{roles}\n\n"
        "Nếu công việc còn cần đến, xin đề nghị quản trị viên của cơ quan gia hạn trước ngày đó. "
        "Nếu không, Anh/Chị không cần làm gì.",
    ),
    en=Letter(
        "Roles of yours that end soon: {count}",
        "The account {username} has roles that end soon:\n\n{roles}\n\n"
        "If your work still needs one, ask the administrator of your agency to renew it before "
        "that day. If not, there is nothing to do.",
    ),
    sample={
        "count": "1",
        "roles": (
            "  - “Văn thư” của Quản lý văn bản tại Sở Tài chính: đến hết ngày 31/12/2026",
            "  - “Registry clerk” of Documents in Sở Tài chính: until 31/12/2026",
        ),
    },
    sms=ShortText(
        "Danh Mục: {username} có vai trò sắp hết hạn: {count}. Còn cần thì đề nghị quản "
        "trị viên cơ quan gia hạn.",
        "Danh Mục: roles of {username} that end soon: {count}. Ask the admin of your "
        "agency to renew them.",
    ),
)

ROLES_TO_RENEW = MessageKind(
    "roles_to_renew",
    ("danh sách vai trò sắp hết hạn cần xem xét", "a list of roles to renew or let end"),
    vi=Letter(
        "Vai trò sắp hết hạn trong 30 ngày tới: {count}",
        "Có {count} vai trò mà Anh/Chị có thể gia hạn sẽ hết hạn trong 30 ngày tới:\n\n{roles}\n\n"
        "Vai trò còn cần thì gia hạn ở mục Vai trò của trang quản trị; vai trò không còn cần sẽ tự "
        "hết hạn. Thư này được gửi mỗi tuần một lần.",
    ),
    en=Letter(
        "Roles that end within 30 days: {count}",
        "{count} roles that you can renew end within 30 days:\n\n{roles}\n\n"
        "Renew what is still needed under Roles in the console; what is not ends by itself. This "
        "message comes once a week.",
    ),
    sample={
        "count": "1",
        "roles": (
            "  - “Văn thư” của Quản lý văn bản, Trần Thị Bình (binh.tt), Sở Tài chính: đến hết "
            "ngày 31/12/2026",
            "  - “Registry clerk” of Documents, Trần Thị Bình (binh.tt), Sở Tài chính: until "
            "31/12/2026",
        ),
    },
)

MESSAGES = (ROLES_ENDING, ROLES_TO_RENEW)
