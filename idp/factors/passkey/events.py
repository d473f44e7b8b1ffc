"""The kinds of audit events of `idp.factors.passkey`."""

from __future__ import annotations

from directory.audit.kinds import Kind

PASSKEY_ADDED = Kind(
    "passkey.added",
    {"passkey": "technical", "name": "text"},
    vi="{actor} thêm khóa truy cập “{name}” cho {subject}",
    en="{actor} added the passkey “{name}” of {subject}",
    groups=("sign-in",),
)

PASSKEY_RENAMED = Kind(
    "passkey.renamed",
    {"passkey": "technical", "name": "text", "before": "text"},
    vi="{actor} đổi tên khóa truy cập “{before}” của {subject} thành “{name}”",
    en="{actor} renamed the passkey “{before}” of {subject} to “{name}”",
    groups=("sign-in",),
)

PASSKEY_REMOVED = Kind(
    "passkey.removed",
    {"passkey": "technical", "name": "text"},
    vi="{actor} xóa khóa truy cập “{name}” của {subject}",
    en="{actor} removed the passkey “{name}” of {subject}",
    groups=("sign-in",),
)

PASSKEY_STOPPED = Kind(
    "passkey.stopped",
    {"passkey": "technical", "name": "text"},
    vi=(
        "Khóa truy cập “{name}” của {subject} bị ngừng vì bộ đếm của nó lùi lại: có thể đã bị "
        "sao chép[ (từ {address})]"
    ),
    en=(
        "The passkey “{name}” of {subject} was stopped since its count went back: there may be a "
        "copy[ (from {address})]"
    ),
    groups=("sign-in",),
)

KINDS = (PASSKEY_ADDED, PASSKEY_RENAMED, PASSKEY_REMOVED, PASSKEY_STOPPED)
