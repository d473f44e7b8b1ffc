"""The kinds of audit events of `idp.applications`: of applications without a connection, whose own
events would tell the same."""

from __future__ import annotations

from directory.audit.kinds import Kind

APPLICATION_DISABLED = Kind(
    "application.disabled",
    {"reason": "text"},
    vi="{actor} ngừng ứng dụng {subject}[: {reason}]",
    en="{actor} disabled application {subject}[: {reason}]",
    groups=("applications",),
)

APPLICATION_ENABLED = Kind(
    "application.enabled",
    {"reason": "text"},
    vi="{actor} mở lại ứng dụng {subject}[: {reason}]",
    en="{actor} enabled application {subject} again[: {reason}]",
    groups=("applications",),
)

KINDS = (APPLICATION_DISABLED, APPLICATION_ENABLED)
