"""Why a request cannot be made or decided."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

REQUEST_UNKNOWN = ErrorCode(
    "request.unknown",
    Words("Không tìm thấy yêu cầu này.", "There is no such request."),
    operators=Words(
        "Không có yêu cầu {value}. `danhmuc request list` liệt kê các yêu cầu.",
        "There is no request {value}. `danhmuc request list` shows them.",
    ),
)
REQUEST_REASON = ErrorCode(
    "request.reason",
    Words("Hãy nhập lý do của việc này.", "Enter the reason for this."),
    operators=Words('Cần có lý do: --reason "…".', 'A reason is needed: --reason "…".'),
)
REQUEST_OWN = ErrorCode(
    "request.own",
    Words(
        "Không ai tự phê duyệt yêu cầu của mình, hoặc yêu cầu cấp quyền cho chính mình.",
        "Nobody decides a request of their own, or one that gives something to themselves.",
    ),
    advice=Words(
        "Hãy nhờ một người khác có thẩm quyền xem xét.",
        "Ask somebody else who may decide it.",
    ),
)
REQUEST_DECIDED = ErrorCode(
    "request.decided",
    Words(
        "Yêu cầu này đã được giải quyết, đã rút hoặc đã hết hạn.",
        "This request was decided or withdrawn already, or has lapsed.",
    ),
)
REQUEST_OPEN_ALREADY = ErrorCode(
    "request.open_already",
    Words(
        "Đã có một yêu cầu như thế đang chờ phê duyệt.",
        "A request for the same is waiting to be decided already.",
    ),
)
REQUEST_TOO_MANY_OPEN = ErrorCode(
    "request.too_many_open",
    Words(
        "Anh/Chị đang có {most} yêu cầu chờ phê duyệt: hãy chờ hoặc rút bớt.",
        "You have {most} requests waiting to be decided: wait, or withdraw some.",
    ),
)

ERRORS = (
    REQUEST_UNKNOWN,
    REQUEST_REASON,
    REQUEST_OWN,
    REQUEST_DECIDED,
    REQUEST_OPEN_ALREADY,
    REQUEST_TOO_MANY_OPEN,
)
