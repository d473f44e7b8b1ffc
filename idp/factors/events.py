"""The kinds of audit events of `idp.factors`: of all second factors alike."""

from __future__ import annotations

from directory.audit.kinds import Kind

FACTORS_RESET = Kind(
    "factors.reset",
    {"count": "count", "reason": "text"},
    vi="{actor} gỡ {count} yếu tố xác thực của {subject}[: {reason}]",
    en="{actor} took {count} second factors of {subject} away[: {reason}]",
    groups=("sign-in", "people"),
)

KINDS = (FACTORS_RESET,)
