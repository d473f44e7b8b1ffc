"""The kinds of audit events of `idp.factors.totp`."""

from __future__ import annotations

from directory.audit.kinds import Kind

TOTP_ADDED = Kind(
    "totp.added",
    {"authenticator": "technical", "name": "text"},
    vi="{actor} thêm ứng dụng xác thực “{name}” cho {subject}",
    en="{actor} added the authenticator application “{name}” of {subject}",
    groups=("sign-in",),
)

TOTP_REMOVED = Kind(
    "totp.removed",
    {"authenticator": "technical", "name": "text"},
    vi="{actor} xóa ứng dụng xác thực “{name}” của {subject}",
    en="{actor} removed the authenticator application “{name}” of {subject}",
    groups=("sign-in",),
)

KINDS = (TOTP_ADDED, TOTP_REMOVED)
