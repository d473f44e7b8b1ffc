"""What people are told of what they asked for, and of what waits for them to decide."""

from __future__ import annotations

from directory.message_kinds import Letter, MessageKind, ShortText

DECISIONS = {
    "approved": ("đã được chấp thuận", "was approved"),
    "refused": ("bị từ chối", "was refused"),
    "lapsed": (
        "đã hết hạn vì chưa có ai quyết định",
        "has lapsed, since nobody decided it in time",
    ),
}

REQUEST_DECIDED = MessageKind(
    "request_decided",
    ("thông báo kết quả một yêu cầu", "a notice of what became of a request"),
    vi=Letter(
        "Yêu cầu của Anh/Chị {decision}",
        "Yêu cầu Anh/Chị gửi lúc {asked_at} {decision}:\n\n  {what}\n\n{more}"
        "Anh/Chị xem lại mọi yêu cầu của mình ở mục Yêu cầu phê duyệt.",
    ),
    en=Letter(
        "Your request {decision}",
        "What you asked for at {asked_at} {decision}:\n\n  {what}\n\n{more}"
        "All that you have asked for is listed under Requests.",
    ),
    sample={
        "asked_at": 1_795_000_000_000,
        "decision": DECISIONS["refused"],
        "what": (
            "Cấp vai trò “Văn thư” của Quản lý văn bản cho Trần Thị Bình (binh.tt) tại Sở Tài "
            "chính, đến hết ngày 31/12/2026.",
            "Give the role “Registry clerk” of Documents to Trần Thị Bình (binh.tt) in Sở Tài "
            "chính, until 31/12/2026.",
        ),
        "more": (
            "Người quyết định: Lê Văn Cường (cuong.lv)\nLý do: đã có người khác phụ trách\n\n",
            "Decided by: Lê Văn Cường (cuong.lv)\nReason: đã có người khác phụ trách\n\n",
        ),
    },
    sms=ShortText(
        "Danh Mục: yêu cầu Anh/Chị gửi lúc {asked_at} {decision}. Xem ở mục Yêu cầu phê duyệt.",
        "Danh Mục: what you asked for at {asked_at} {decision}. See Requests.",
    ),
)

REQUESTS_WAITING = MessageKind(
    "requests_waiting",
    ("danh sách yêu cầu chờ phê duyệt", "a list of requests that wait"),
    vi=Letter(
        "Yêu cầu đang chờ Anh/Chị phê duyệt: {count}",
        "Có {count} yêu cầu đang chờ Anh/Chị quyết định:\n\n{requests}\n\n"
        "Anh/Chị quyết định ở mục Yêu cầu phê duyệt của trang quản trị.",
    ),
    en=Letter(
        "Requests that wait for you: {count}",
        "{count} requests wait for you to decide:\n\n{requests}\n\n"
        "You decide them under Requests in the console.",
    ),
    sample={
        "count": "2",
        "requests": (
            "  - Cấp vai trò “Văn thư” của Quản lý văn bản cho Trần Thị Bình (binh.tt).\n"
            "  - Cấp vai trò “Kế toán” của Tài chính cho Lê Văn Cường (cuong.lv).",
            "  - Give the role “Registry clerk” of Documents to Trần Thị Bình (binh.tt).\n"
            "  - Give the role “Accountant” of Finance to Lê Văn Cường (cuong.lv).",
        ),
    },
)

MESSAGES = (REQUEST_DECIDED, REQUESTS_WAITING)
