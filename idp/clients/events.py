"""The kinds of audit events of `idp.clients`."""

from __future__ import annotations

from directory.audit.kinds import Kind

CLIENT_ADDED = Kind(
    "client.added",
    {"name": "text", "auth_method": "auth_method", "pkce_exempt": "text"},
    vi=(
        "{actor} đăng ký kết nối cho {name} (xác thực: {auth_method})"
        "[, không bắt buộc PKCE: {pkce_exempt}]"
    ),
    en=(
        "{actor} registered a connection for {name} (authentication: {auth_method})"
        "[, PKCE not required: {pkce_exempt}]"
    ),
)

CLIENT_CHANGED = Kind(
    "client.changed",
    {"fields_changed": "members", "pkce_exempt": "text"},
    vi=(
        "{actor} sửa kết nối của {subject}[: {fields_changed}]"
        "[; không bắt buộc PKCE: {pkce_exempt}]"
    ),
    en=(
        "{actor} changed the connection of {subject}[: {fields_changed}]"
        "[; PKCE not required: {pkce_exempt}]"
    ),
)

CLIENT_SECRET_ROTATED = Kind(
    "client.secret_rotated",
    {"previous_until": "instant"},
    vi="{actor} đổi khóa bí mật của {subject}[, khóa cũ còn dùng được đến {previous_until}]",
    en="{actor} rotated the secret of {subject}[, the old one works until {previous_until}]",
)

CLIENT_DISABLED = Kind(
    "client.disabled",
    {"reason": "text"},
    vi="{actor} ngừng kết nối của {subject}[: {reason}]",
    en="{actor} disabled the connection of {subject}[: {reason}]",
)

CLIENT_ENABLED = Kind(
    "client.enabled",
    {"reason": "text"},
    vi="{actor} mở lại kết nối của {subject}[: {reason}]",
    en="{actor} enabled the connection of {subject} again[: {reason}]",
)

CLIENT_REMOVED = Kind(
    "client.removed",
    {"reason": "text"},
    vi="{actor} gỡ hẳn kết nối của {subject}[: {reason}]",
    en="{actor} removed the connection of {subject} for good[: {reason}]",
)

CLIENT_LOGO_CHANGED = Kind(
    "client.logo_changed",
    {},
    vi="{actor} đổi biểu tượng của {subject}",
    en="{actor} changed the logo of {subject}",
)

RESOURCE_ADDED = Kind(
    "resource.added",
    {"uri": "text"},
    vi="{actor} đăng ký giao diện lập trình {uri} của {subject}",
    en="{actor} registered the API {uri} of {subject}",
)

RESOURCE_REMOVED = Kind(
    "resource.removed",
    {"uri": "text"},
    vi="{actor} gỡ giao diện lập trình {uri} của {subject}",
    en="{actor} removed the API {uri} of {subject}",
)

KINDS = (
    CLIENT_ADDED,
    CLIENT_CHANGED,
    CLIENT_SECRET_ROTATED,
    CLIENT_DISABLED,
    CLIENT_ENABLED,
    CLIENT_REMOVED,
    CLIENT_LOGO_CHANGED,
    RESOURCE_ADDED,
    RESOURCE_REMOVED,
)
