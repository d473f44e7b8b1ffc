"""Why nothing can be sent at all: what `danhmuc doctor` says of the mail server."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

MESSAGE_SERVER_UNREACHABLE = ErrorCode(
    "message.server_unreachable",
    operators=Words(
        "Không kết nối được máy chủ thư {server}; thư đang chờ và sẽ được gửi khi máy chủ trở lại.",
        "The mail server {server} cannot be reached; messages wait and are sent once it is back.",
    ),
)
MESSAGE_SERVER_TLS = ErrorCode(
    "message.server_tls",
    operators=Words(
        "Máy chủ thư {server} không cho kết nối mã hóa đáng tin cậy; hãy xem DANHMUC_SMTP_URL và "
        "DANHMUC_SMTP_CA_FILE.",
        "The mail server {server} gives no encrypted connection that can be trusted; see "
        "DANHMUC_SMTP_URL and DANHMUC_SMTP_CA_FILE.",
    ),
)
MESSAGE_SERVER_LOGIN = ErrorCode(
    "message.server_login",
    operators=Words(
        "Máy chủ thư {server} không chấp nhận DANHMUC_SMTP_USER và DANHMUC_SMTP_PASSWORD.",
        "The mail server {server} does not take DANHMUC_SMTP_USER and DANHMUC_SMTP_PASSWORD.",
    ),
)
MESSAGE_SERVER_SENDER = ErrorCode(
    "message.server_sender",
    operators=Words(
        "Máy chủ thư {server} không nhận thư của {sender}; hãy xem DANHMUC_SMTP_FROM.",
        "The mail server {server} takes no messages of {sender}; see DANHMUC_SMTP_FROM.",
    ),
)
MESSAGE_UNKNOWN = ErrorCode(
    "message.unknown",
    Words("Không có tin nhắn nào như vậy mà chưa gửi được.", "No such message has failed."),
    operators=Words(
        "Không có tin nhắn {value} chưa gửi được. `danhmuc message list` liệt kê các tin nhắn.",
        "No message {value} has failed. `danhmuc message list` lists them.",
    ),
)

ERRORS = (
    MESSAGE_UNKNOWN,
    MESSAGE_SERVER_UNREACHABLE,
    MESSAGE_SERVER_TLS,
    MESSAGE_SERVER_LOGIN,
    MESSAGE_SERVER_SENDER,
)
