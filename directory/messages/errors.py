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
MESSAGE_GATEWAY_FILE = ErrorCode(
    "message.gateway_file",
    operators=Words(
        "Tệp DANHMUC_SMS_FILE chưa đúng: {problem}. Tin nhắn SMS đang chờ.",
        "The file DANHMUC_SMS_FILE is not right: {problem}. Texts wait.",
    ),
)
MESSAGE_GATEWAY_UNREACHABLE = ErrorCode(
    "message.gateway_unreachable",
    operators=Words(
        "Không kết nối được cổng tin nhắn {server}; tin nhắn đang chờ và sẽ được gửi khi cổng trở "
        "lại. Cổng phải nằm trong DANHMUC_OUTBOUND_ALLOW.",
        "The SMS gateway {server} cannot be reached; texts wait and are sent once it is back. "
        "DANHMUC_OUTBOUND_ALLOW must list it.",
    ),
)
MESSAGE_GATEWAY_REFUSES = ErrorCode(
    "message.gateway_refuses",
    operators=Words(
        "Cổng tin nhắn {server} không nhận yêu cầu của ta (HTTP {status}); hãy xem địa chỉ và khóa "
        "bí mật trong DANHMUC_SMS_FILE. Tin nhắn đang chờ.",
        "The SMS gateway {server} takes no requests of ours (HTTP {status}); see the address and "
        "the secret in DANHMUC_SMS_FILE. Texts wait.",
    ),
)
MESSAGE_GATEWAY_TOKEN = ErrorCode(
    "message.gateway_token",
    operators=Words(
        "Cổng tin nhắn {server} không nhận khóa bí mật của ta (HTTP {status}): khóa đã hết hạn, bị "
        "thu hồi hoặc sai. Ghi khóa mới vào tệp nêu ở `secrets` của DANHMUC_SMS_FILE; lần gửi sau "
        "đọc lại tệp. Tin nhắn đang chờ.",
        "The SMS gateway {server} does not take our secret (HTTP {status}): it has ended, was "
        "revoked or is wrong. Write the new one into the file that `secrets` of DANHMUC_SMS_FILE "
        "names; it is read anew at the next run. Texts wait.",
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
    MESSAGE_GATEWAY_FILE,
    MESSAGE_GATEWAY_UNREACHABLE,
    MESSAGE_GATEWAY_REFUSES,
    MESSAGE_GATEWAY_TOKEN,
)
