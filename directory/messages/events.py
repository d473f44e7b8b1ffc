"""The kinds of audit events of `directory.messages`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList
from directory.message_kinds import WHAT

FAILURES = WordList(
    {
        "refused": ("máy chủ thư từ chối", "the mail server refused it"),
        "address": ("địa chỉ thư không dùng được", "the address cannot be used"),
        "sms_refused": ("cổng tin nhắn từ chối", "the SMS gateway refused it"),
        "sms_no_id": (
            "cổng tin nhắn không cho biết đã nhận",
            "the SMS gateway did not say that it took it",
        ),
        "mail_unanswered": (
            "máy chủ thư hai lần không cho biết đã nhận",
            "the mail server did not say twice whether it took it",
        ),
        "sms_unanswered": (
            "cổng tin nhắn nhiều lần không trả lời",
            "the SMS gateway did not answer several times",
        ),
        "sms_hour": (
            "quá số tin nhắn một người nhận trong một giờ; đang chờ",
            "more texts to one person than an hour may have; it waits",
        ),
        "sms_day": (
            "quá số tin nhắn của tỉnh trong một ngày; đang chờ",
            "more texts of the province than a day may have; it waits",
        ),
        "number": ("số điện thoại không dùng được", "the telephone number cannot be used"),
        "expired": ("quá thời hạn gửi", "it came too late"),
        "unreadable": ("nội dung không mở được nữa", "its content cannot be opened any more"),
        "fault": ("hệ thống gặp lỗi", "a fault of the system"),
    }
)

MESSAGE_SENT = Kind(
    "message.sent",
    {"message": "technical", "what": WHAT},
    vi="Đã gửi cho {subject} {what}",
    en="{subject} was sent {what}",
    groups=("system",),
    counted=("tin nhắn đã gửi", "messages sent"),
)

MESSAGE_TEXTED = Kind(
    "message.texted",
    {"message": "technical", "what": WHAT, "gateway_id": "technical", "parts": "count"},
    vi="Đã nhắn đến điện thoại của {subject} {what}",
    en="{subject} was sent {what} by telephone",
    groups=("system",),
    counted=("tin nhắn đã gửi đến điện thoại", "texts sent"),
)

MESSAGE_FAILED = Kind(
    "message.failed",
    {"message": "technical", "what": WHAT, "reason": FAILURES, "tries": "count"},
    vi="Không gửi được cho {subject} {what}: {reason}[ (đã thử {tries} lần)]",
    en="{subject} could not be sent {what}: {reason}[ ({tries} tries)]",
    groups=("system",),
    is_refusal=True,
    counted=("tin nhắn không gửi được", "messages that could not be sent"),
)

MESSAGE_RETRIED = Kind(
    "message.retried",
    {"message": "technical", "what": WHAT},
    vi="{actor} cho gửi lại cho {subject} {what}",
    en="{actor} had {what} sent to {subject} again",
    groups=("system",),
)

KINDS = (MESSAGE_SENT, MESSAGE_TEXTED, MESSAGE_FAILED, MESSAGE_RETRIED)
