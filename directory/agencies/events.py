"""The kinds of audit events of `directory.agencies`."""

from __future__ import annotations

from directory.audit.kinds import Kind

AGENCY_ADD_REQUESTED = Kind(
    "agency.add.requested",
    {"intent": "technical", "code": "text", "name": "text"},
    vi="{actor} thêm {name}[ ({code})]",
    en="{actor} added {name}[ ({code})]",
    groups=("people",),
    awaits_outcome=True,
)

AGENCY_CHANGE_REQUESTED = Kind(
    "agency.change.requested",
    {"intent": "technical", "changes": "changes", "before": "technical"},
    vi="{actor} sửa {subject}: {changes}",
    en="{actor} changed {subject}: {changes}",
    groups=("people",),
    awaits_outcome=True,
)

KINDS = (
    AGENCY_ADD_REQUESTED,
    AGENCY_CHANGE_REQUESTED,
)
