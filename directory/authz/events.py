"""The kinds of audit events of `directory.authz`."""

from __future__ import annotations

from directory.audit.kinds import Kind

APPLICATION_PUT = Kind(
    "application.put",
    {"name": "text", "access": "access"},
    vi="{actor} khai báo ứng dụng {name} (ai được vào: {access})",
    en="{actor} declared application {name} (open to: {access})",
)

ROLE_PUT = Kind(
    "role.put",
    {"application": "application", "role": "role", "title": "text", "given_by": "technical"},
    vi="{actor} khai báo vai trò {title} của {application}",
    en="{actor} declared role {title} of {application}",
)

GRANT_ADDED = Kind(
    "grant.added",
    {
        "grant": "technical",
        "application": "application",
        "role": "role",
        "holder": "technical",
        "scope": "place",
        "until": "last_day",
        "reason": "text",
    },
    vi=(
        "{actor} giao vai trò {role} của {application} cho {subject} tại {scope}, {until}"
        "[: {reason}]"
    ),
    en="{actor} granted role {role} of {application} to {subject} in {scope}, {until}[: {reason}]",
)

GRANT_REVOKED = Kind(
    "grant.revoked",
    {"grant": "technical", "application": "application", "role": "role", "reason": "text"},
    vi="{actor} thu hồi vai trò {role} của {application} đã giao cho {subject}[: {reason}]",
    en="{actor} took role {role} of {application} from {subject}[: {reason}]",
)

GRANT_ENDS = Kind(
    "grant.ends",
    {
        "grant": "technical",
        "application": "application",
        "role": "role",
        "until": "last_day",
        "reason": "text",
    },
    vi=(
        "{actor} giới hạn vai trò {role} của {application} đã giao cho {subject} {until}"
        "[: {reason}]"
    ),
    en="{actor} limited role {role} of {application} given to {subject} {until}[: {reason}]",
)

POSITION_ADDED = Kind(
    "position.added",
    {"name": "text"},
    vi="{actor} thêm vị trí việc làm {name} vào {agency}",
    en="{actor} added the position {name} to {agency}",
)

POSITION_RENAMED = Kind(
    "position.renamed",
    {"before": "text", "name": "text"},
    vi="{actor} đổi tên vị trí việc làm {before} thành {name}",
    en="{actor} renamed the position {before} to {name}",
)

POSITION_CLOSED = Kind(
    "position.closed",
    {"name": "text", "reason": "text"},
    vi="{actor} đóng vị trí việc làm {name}[: {reason}]",
    en="{actor} closed the position {name}[: {reason}]",
)

POSITIONS_MIGRATED = Kind(
    "positions.migrated",
    {"count": "count", "positions": "technical"},
    vi=(
        "Khi nâng cấp, {count} vị trí việc làm được lập từ các chức danh đã có vai trò; không ai "
        "được thêm hay mất vai trò"
    ),
    en=(
        "While upgrading, {count} positions were made of the titles that roles hung on; nobody "
        "gained or lost a role"
    ),
)

AUTHZ_DENIED = Kind(
    "authz.denied",
    {"action": "action", "object": "object", "reason": "denial"},
    vi="{actor} bị từ chối {action} {object}{reason}",
    en="{actor} was refused to {action} {object}{reason}",
    is_refusal=True,
    counted=("lần bị từ chối", "refused actions"),
)

KINDS = (
    APPLICATION_PUT,
    ROLE_PUT,
    GRANT_ADDED,
    GRANT_REVOKED,
    GRANT_ENDS,
    POSITION_ADDED,
    POSITION_RENAMED,
    POSITION_CLOSED,
    POSITIONS_MIGRATED,
    AUTHZ_DENIED,
)
