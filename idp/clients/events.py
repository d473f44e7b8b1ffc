"""The kinds of audit events of `idp.clients`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList
from directory.audit.vocabulary import SOMETHING_ELSE

# How a client proves itself.
AUTH_METHODS = WordList(
    {
        "none": ("không có, ứng dụng công khai", "none, a public client"),
        "client_secret_basic": ("khóa bí mật trong phần đầu", "secret in the header"),
        "client_secret_post": ("khóa bí mật trong biểu mẫu", "secret in the form"),
        "private_key_jwt": ("chữ ký bằng khóa riêng", "signature of its private key"),
    },
    other=("cách khác", "another way"),
)

# Metadata that an administrator may change (RFC 7591 and the OpenID Connect specifications).
MEMBERS = WordList(
    {
        "application_type": ("loại ứng dụng", "type"),
        "backchannel_logout_session_required": ("cách báo đăng xuất", "sign-out notice"),
        "backchannel_logout_uri": ("địa chỉ báo đăng xuất", "address of the sign-out notice"),
        "client_name": ("tên", "name"),
        "client_uri": ("địa chỉ ứng dụng", "home address"),
        "contacts": ("người liên hệ", "contacts"),
        "default_acr_values": ("mức xác thực tối thiểu", "least level of authentication"),
        "default_max_age": ("thời hạn đăng nhập", "longest age of a sign-in"),
        "grant_types": ("loại yêu cầu", "grant types"),
        "id_token_signed_response_alg": ("thuật toán ký", "signing algorithm"),
        "initiate_login_uri": ("địa chỉ bắt đầu đăng nhập", "address that begins a sign-in"),
        "jwks": ("khóa công khai", "public keys"),
        "logo_uri": ("biểu tượng", "logo"),
        "policy_uri": ("chính sách", "policy"),
        "post_logout_redirect_uris": (
            "địa chỉ trả về sau đăng xuất",
            "return addresses after sign-out",
        ),
        "redirect_uris": ("địa chỉ trả về", "return addresses"),
        "require_auth_time": ("yêu cầu giờ đăng nhập", "time of sign-in required"),
        "resources": ("hệ thống đích", "resources"),
        "response_types": ("kiểu trả lời", "response types"),
        "scope": ("phạm vi thông tin", "scope"),
        "strict_assertions": ("yêu cầu chặt khi xác thực", "strict assertions"),
        "subject_type": ("loại mã định danh", "subject type"),
        "token_endpoint_auth_method": ("cách xác thực", "authentication"),
        "token_endpoint_auth_signing_alg": (
            "thuật toán ký khi xác thực",
            "algorithm of its assertions",
        ),
        "tos_uri": ("điều khoản sử dụng", "terms of use"),
    },
    other=SOMETHING_ELSE,
    several=True,
)


CLIENT_ADDED = Kind(
    "client.added",
    {"name": "text", "auth_method": AUTH_METHODS, "pkce_exempt": "text"},
    vi=(
        "{actor} đăng ký kết nối cho {name} (xác thực: {auth_method})"
        "[, không bắt buộc PKCE: {pkce_exempt}]"
    ),
    en=(
        "{actor} registered a connection for {name} (authentication: {auth_method})"
        "[, PKCE not required: {pkce_exempt}]"
    ),
    groups=("applications",),
)

CLIENT_CHANGED = Kind(
    "client.changed",
    {"fields_changed": MEMBERS, "pkce_exempt": "text"},
    vi=(
        "{actor} sửa kết nối của {subject}[: {fields_changed}]"
        "[; không bắt buộc PKCE: {pkce_exempt}]"
    ),
    en=(
        "{actor} changed the connection of {subject}[: {fields_changed}]"
        "[; PKCE not required: {pkce_exempt}]"
    ),
    groups=("applications",),
)

CLIENT_SECRET_ROTATED = Kind(
    "client.secret_rotated",
    {"previous_until": "instant"},
    vi="{actor} đổi khóa bí mật của {subject}[, khóa cũ còn dùng được đến {previous_until}]",
    en="{actor} rotated the secret of {subject}[, the old one works until {previous_until}]",
    groups=("applications",),
)

CLIENT_DISABLED = Kind(
    "client.disabled",
    {"reason": "text"},
    vi="{actor} ngừng kết nối của {subject}[: {reason}]",
    en="{actor} disabled the connection of {subject}[: {reason}]",
    groups=("applications",),
)

CLIENT_ENABLED = Kind(
    "client.enabled",
    {"reason": "text"},
    vi="{actor} mở lại kết nối của {subject}[: {reason}]",
    en="{actor} enabled the connection of {subject} again[: {reason}]",
    groups=("applications",),
)

CLIENT_REMOVED = Kind(
    "client.removed",
    {"reason": "text"},
    vi="{actor} gỡ hẳn kết nối của {subject}[: {reason}]",
    en="{actor} removed the connection of {subject} for good[: {reason}]",
    groups=("applications",),
)

CLIENT_LOGO_CHANGED = Kind(
    "client.logo_changed",
    {},
    vi="{actor} đổi biểu tượng của {subject}",
    en="{actor} changed the logo of {subject}",
    groups=("applications",),
)

RESOURCE_ADDED = Kind(
    "resource.added",
    {"uri": "text"},
    vi="{actor} đăng ký giao diện lập trình {uri} của {subject}",
    en="{actor} registered the API {uri} of {subject}",
    groups=("applications",),
)

RESOURCE_REMOVED = Kind(
    "resource.removed",
    {"uri": "text"},
    vi="{actor} gỡ giao diện lập trình {uri} của {subject}",
    en="{actor} removed the API {uri} of {subject}",
    groups=("applications",),
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
