"""The kinds of audit events of `directory.messages`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList
from directory.message_kinds import WHAT

FAILURES = WordList(
    {
        "refused": ("máy chủ thư từ chối", "the mail server refused it"),
        "address": ("địa chỉ thư không dùng được", "the address cannot be used"),
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

KINDS = (MESSAGE_SENT, MESSAGE_FAILED, MESSAGE_RETRIED)
